import { RPCHandler } from '@orpc/server/message-port';
import { z } from 'zod';
import type { EngineHost } from './engine-host.ts';
import { router } from './router.ts';
import { maxBodyBytes } from './rpc-endpoint.ts';

/** One end of a message channel, as Electron's main process has it; nothing arrives before `start`. */
export interface EnginePort {
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  /** The other end is gone. */
  on(event: 'close', listener: () => void): unknown;
  postMessage(message: unknown): void;
  start(): void;
  close(): void;
}

/** What the client of a page sends: calls, and that it gives one up. */
const messageSchema = z.union([
  z.strictObject({
    i: z.union([z.string(), z.number()]),
    p: z.strictObject({ u: z.string().regex(/^(?:\/[A-Za-z]+)+$/), b: z.unknown().optional() }),
  }),
  z.strictObject({ i: z.union([z.string(), z.number()]), t: z.literal(4) }),
]);

/**
 * Serves the procedures for the clients of a host at a port. When the other end is gone, what it had under way is ended as if it had given
 * it up. A port that sends anything else than calls is closed: nothing that a page sends can throw here.
 */
export function servePort(host: EngineHost, port: EnginePort): void {
  let isOpen = true;
  let giveUp = () => {};
  const end = () => {
    isOpen = false;
    giveUp();
  };
  const refuse = () => {
    port.close();
    end(); // Not every kind of port tells the end that has closed it.
  };
  const handler = new RPCHandler(router);
  handler.upgrade(
    {
      on: (event, listener) => {
        if (event === 'message') port.on('message', ({ data }) => (isCall(data) ? listener({ data }) : refuse()));
        else giveUp = () => listener();
      },
      // An answer that comes after the end is for nobody.
      postMessage: (message: unknown) => isOpen && port.postMessage(message),
    },
    { context: { host } },
  );
  port.on('close', end);
  port.start();
}

function isCall(data: unknown): boolean {
  if (typeof data !== 'string' || data.length > maxBodyBytes) return false;
  try {
    return messageSchema.safeParse(JSON.parse(data)).success;
  } catch {
    return false;
  }
}
