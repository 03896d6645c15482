import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { errorFacts } from '../domain/errors.ts';
import { privateFile } from '../engine/platform/atomic-file.ts';
import { announceSocket } from '../engine/platform/holder.ts';
import type { Clock } from '../engine/ports.ts';
import type { EngineHost } from './engine-host.ts';
import type { AnswerCall } from './rpc-handler.ts';

/** What other processes reach an engine by. */
export interface EngineSocket {
  /** Waits for what clients have under way, and takes no new ones; the socket is gone afterwards. */
  close(): Promise<void>;
}

/** So long an answer that is whole may wait to be read when the engine is closed. */
const answersReadWithinMs = 5000;

/** What every system takes as the path of a socket. */
const maxPathBytes = 100;

/**
 * Serves the host of an open engine on a socket in its data folder, for this user alone. Only who holds the folder's lock may call it: a
 * socket that is there already is a dead process's. Where the file system has no sockets, the engine goes on without clients.
 */
export async function serveEngine(host: EngineHost): Promise<EngineSocket> {
  const { home, log, ports } = host.engine();
  const place = placeFor(home.path);
  const answering = new Set<Promise<unknown>>();
  const answer = answerFor(host);
  const server = createServer((request, response) => {
    const answered = new Promise<void>((resolve) => response.once('close', resolve));
    answering.add(answered);
    void answered.then(() => answering.delete(answered));
    void answer(request, response);
  });
  try {
    await listenAt(server, place.path);
    server.on('error', (error) => log.warn(`the engine's socket: ${error.message}`));
    await announceSocket(home.path, place.path, ports.ids.make('part'));
  } catch (error) {
    log.warn(`no other process can reach this engine: ${errorFacts(error).message}`, { socket: place.path });
  }
  return {
    close: async () => {
      await host.end();
      if (server.listening) await closeServer(server, answering, ports.clock);
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

async function closeServer(server: Server, answering: ReadonlySet<Promise<unknown>>, clock: Clock): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  const enough = new AbortController();
  await Promise.race([settle(answering), clock.sleep(answersReadWithinMs, enough.signal).catch(() => {})]);
  enough.abort();
  // Whoever is still connected has asked for nothing, or does not read what was answered.
  server.closeAllConnections();
  await closed;
}

async function settle(answering: ReadonlySet<Promise<unknown>>): Promise<void> {
  while (answering.size > 0) await Promise.all(answering);
}

function answerFor(host: EngineHost) {
  let loaded: Promise<AnswerCall> | undefined;
  return async (request: IncomingMessage, response: ServerResponse) => {
    // A browser says where its page comes from; it has a window of its own, and nothing to seek here.
    if (request.headers.origin !== undefined) return refuse(response, 403, 'this socket does not talk to browsers');
    try {
      // Most commands are over before anybody asks them for something.
      loaded ??= import('./rpc-handler.ts').then(({ answerCalls }) => answerCalls(host));
      const answerCall = await loaded;
      const { matched } = await answerCall(request, response);
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
