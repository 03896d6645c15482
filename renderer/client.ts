import { createORPCClient } from '@orpc/client';
import { RPCLink as FetchLink } from '@orpc/client/fetch';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import { createTanstackQueryUtils } from '@orpc/tanstack-query';
import type { contract } from '../electron/api/contract.ts';
import { appOrigin, pagePortMessage, pagePortWanted } from '../electron/domain/page-port.ts';

/** The engine as the window sees it. A call fails with an error that `failureOf` reads. */
export type EngineClient = ContractRouterClient<typeof contract>;

/** True in the app, whose page has a scheme of its own. */
export const isInApp = location.origin === appOrigin;

/** The engine: through the port that the app hands over, or over HTTP from where the page came. */
export const client: EngineClient = createORPCClient(isInApp ? new PortLink({ port: await receivePort() }) : fetchLink());

/** Queries and mutations of every procedure, with their keys. */
export const engine = createTanstackQueryUtils(client);

function fetchLink() {
  return new FetchLink({ url: `${location.origin}/rpc` });
}

/** The preload script answers with one port, whichever of the two is there first. */
function receivePort(): Promise<MessagePort> {
  return new Promise((resolve) => {
    const receive = ({ data, origin, ports: [port], source }: MessageEvent) => {
      if (source !== window || origin !== location.origin || data !== pagePortMessage || port === undefined) return;
      removeEventListener('message', receive);
      port.start();
      resolve(port);
    };
    addEventListener('message', receive);
    postMessage(pagePortWanted, location.origin);
  });
}
