import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** An HTTP server on this machine that notes what it is sent. */
export interface RecordingServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly RecordedRequest[];
  /** The statuses of the next answers, then 200; `null` never answers. */
  answerWith(...statuses: readonly (number | null)[]): void;
  /** Resolves when so many requests have come in all. */
  received(count: number): Promise<void>;
}

/** Starts a server; disposing of it ends it with whatever it has not answered. */
export async function startRecordingServer(): Promise<RecordingServer> {
  const requests: RecordedRequest[] = [];
  const statuses: (number | null)[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    const blocks: Buffer[] = [];
    request.on('data', (block: Buffer) => blocks.push(block));
    request.on('end', () => {
      requests.push({ method: request.method ?? '', path: request.url ?? '', body: Buffer.concat(blocks).toString() });
      for (const look of waiting) look();
      const status = statuses.shift();
      // A redirect leads elsewhere on the same server.
      if (status !== null) response.writeHead(status ?? 200, { location: '/elsewhere' }).end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answerWith: (...next) => void statuses.push(...next),
    received: async (count) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const look = () => {
        if (requests.length >= count) resolve();
      };
      waiting.add(look);
      look();
      await promise;
      waiting.delete(look);
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
