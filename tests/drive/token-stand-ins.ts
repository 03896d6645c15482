import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createDoor, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

export interface TokenAnswer {
  readonly status: number;
  /** JSON, or a text as a proxy in between answers. */
  readonly body: unknown;
}

export interface StandIn extends AsyncDisposable {
  readonly tokenUri: string;
}

/** A token endpoint for the answers that the shared server does not give: it answers every request with this one. */
export async function startTokenStandIn(answer: (form: URLSearchParams) => TokenAnswer): Promise<StandIn> {
  const server = createServer((request, response) => {
    void text(request).then((form) => {
      const { status, body } = answer(new URLSearchParams(form));
      response.sendDate = false;
      response.writeHead(status, { 'content-type': typeof body === 'string' ? 'text/html' : 'application/json; charset=utf-8' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  const port = await listen(server);
  return {
    tokenUri: `http://127.0.0.1:${port}/token`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

export interface Door extends StandIn {
  /** Resolves when the first request is there. */
  readonly knocked: Promise<void>;
  /** Lets in who waits, and everybody afterwards. */
  open(): void;
}

/** A way to the token endpoint of a server that is shut at first: the shared server answers at once or never, and not late. */
export async function startDoor(url: string): Promise<Door> {
  const knocked = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  const sockets = new Set<Socket>();
  const letIn = async (outside: Socket) => {
    await once(outside, 'readable');
    knocked.resolve();
    await opened.promise;
    const inside = connect(Number(new URL(url).port), '127.0.0.1');
    await pipeline(outside, inside, outside);
  };
  const door = createDoor((outside) => {
    sockets.add(outside);
    // Either side may go away in the middle; the other one gets to know by its connection.
    void letIn(outside).catch(() => outside.destroy());
  });
  const port = await listen(door);
  return {
    tokenUri: `http://127.0.0.1:${port}/token`,
    knocked: knocked.promise,
    open: opened.resolve,
    [Symbol.asyncDispose]: async () => {
      const closed = once(door, 'close');
      door.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function listen(server: ReturnType<typeof createDoor>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
