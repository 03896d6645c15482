import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { BodyLimitPlugin, RPCHandler } from '@orpc/server/node';
import type { EngineHost } from '../api/engine-host.ts';
import { router } from '../api/router.ts';
import { errorFacts } from '../domain/errors.ts';
import { privateFile } from '../engine/platform/atomic-file.ts';
import { announceSocket } from '../engine/platform/holder.ts';

/** What other processes reach an engine by. */
export interface EngineSocket {
  /** Waits for what clients have under way, and takes no new ones; the socket is gone afterwards. */
  close(): Promise<void>;
}

/** Where the procedures are, on the socket and in the web window. */
export const rpcPrefix = '/rpc';

/** Inputs are small; a note is text. */
const maxBodyBytes = 1024 * 1024;

/** What every system takes as the path of a socket. */
const maxPathBytes = 100;

/**
 * Serves the host of an open engine on a socket in its data folder, for this user alone. Only who holds the folder's lock may call it: a
 * socket that is there already is a dead process's. Where the file system has no sockets, the engine goes on without clients.
 */
export async function serveEngine(host: EngineHost): Promise<EngineSocket> {
  const { home, log, ports } = host.engine();
  const place = placeFor(home.path);
  const server = createServer(answerFor(host));
  try {
    await listenAt(server, place.path);
    await announceSocket(home.path, place.path, ports.ids.make('part'));
  } catch (error) {
    log.warn(`no other process can reach this engine: ${errorFacts(error).message}`, { socket: place.path });
  }
  return {
    close: async () => {
      await host.end();
      if (server.listening) await closeServer(server);
      // What came in at the last moment.
      await host.end();
      place.remove();
    },
  };
}

async function listenAt(server: Server, path: string): Promise<void> {
  if (process.platform !== 'win32') rmSync(path, { force: true });
  server.listen(path);
  await once(server, 'listening');
  if (process.platform !== 'win32') chmodSync(path, privateFile);
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  await closed;
}

function answerFor(host: EngineHost) {
  const handler = new RPCHandler(router, { plugins: [new BodyLimitPlugin({ maxBodySize: maxBodyBytes })] });
  return async (request: IncomingMessage, response: ServerResponse) => {
    // A browser says where its page comes from; it has a window of its own, and nothing to seek here.
    if (request.headers.origin !== undefined) return refuse(response, 403, 'this socket does not talk to browsers');
    try {
      const { matched } = await handler.handle(request, response, { prefix: rpcPrefix, context: { host } });
      if (!matched) refuse(response, 404, 'there is no such procedure; the README has them under "API for other programs"');
    } catch {
      response.destroy(); // The client is gone.
    }
  };
}

/** In the form of every other failure. */
function refuse(response: ServerResponse, status: number, message: string): void {
  const body = { json: { defined: true, code: 'usage-invalid', status, message, data: { retryable: false, details: {} } } };
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(body));
}

interface Place {
  readonly path: string;
  remove(): void;
}

/** In the data folder, or in a private folder where its path is too long for a socket; on Windows, a pipe of this folder's name. */
function placeFor(home: string): Place {
  if (process.platform === 'win32') return { path: `\\\\.\\pipe\\nightjar-${digestOf(home)}`, remove: () => {} };
  const path = join(home, 'engine.sock');
  if (Buffer.byteLength(path) <= maxPathBytes) return { path, remove: () => rmSync(path, { force: true }) };
  const short = join(mkdtempSync(join(tmpdir(), 'nightjar-')), 'engine.sock');
  return { path: short, remove: () => rmSync(dirname(short), { recursive: true, force: true }) };
}

function digestOf(home: string): string {
  return createHash('sha256').update(home).digest('hex').slice(0, 32);
}
