import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readPageFiles } from '../api/page-files.ts';
import { BackupError } from '../domain/errors.ts';
import { errnoOf } from '../engine/platform/errno.ts';
import type { Log, Ports } from '../engine/ports.ts';
import { WebAccess } from './web-access.ts';
import { answerWeb, type ProcedureHandler, type WebParts } from './web-answer.ts';

/** What bounds requests; a test makes them small. */
export interface WebLimits {
  /** Connections at the same time; further ones are closed at once. */
  readonly connections: number;
  /** From the first byte, or from the connection where none comes, to the end of the headers. */
  readonly headersMs: number;
  /** From the first byte to the end of the body. Answers take as long as they take: event streams have no end. */
  readonly requestMs: number;
  /** How long `close` waits for answers under way. */
  readonly closeMs: number;
}

export interface WebServerOptions {
  /** A port from 1024 on, or 0 for any free one. */
  readonly port: number;
  /** Answers everything under `/rpc/`; what comes to it is a POST of our own page, signed in, with at most 1 MiB of JSON. */
  readonly handle: ProcedureHandler;
  /** The folder of the page, with an `index.html`; `null` where there is none yet. It is read once. */
  readonly pageFolder: string | null;
  readonly ports: Pick<Ports, 'clock' | 'ids'>;
  readonly log: Log;
  readonly limits?: Partial<WebLimits>;
}

/** The web window's server. */
export interface WebServer {
  readonly port: number;
  /** A new address to open, `http://127.0.0.1:PORT/?token=...`: it lets in whoever opens it first, once and within an hour. */
  issueUrl(): string;
  /** Listens no more, ends connections without a request at once, waits for answers under way as long as the limit says, and ends them. */
  close(): Promise<void>;
}

const defaultLimits: WebLimits = { connections: 128, headersMs: 10_000, requestMs: 30_000, closeMs: 5_000 };

/**
 * Opens the web window's server on 127.0.0.1 alone. Its one way in is a token that `issueUrl` gives; after that a cookie, which this engine
 * knows until it ends. Other programs use the engine's socket instead. `web-request.ts` says what is turned away, and what Node's parser
 * cannot read, Node itself answers with a bare status. Throws `usage-invalid` for a port that cannot be had.
 */
export async function openWebServer({ port, handle, pageFolder, ports, log, limits }: WebServerOptions): Promise<WebServer> {
  if (port !== 0 && !(Number.isInteger(port) && port >= 1024 && port <= 65_535)) {
    throw new BackupError('usage-invalid', `${port} is not a port for the window`, { hint: 'use 1024 to 65535, or 0 for any free one' });
  }
  const bounds = { ...defaultLimits, ...limits };
  const files = pageFolder === null ? new Map() : await readPageFiles(pageFolder);
  const server = makeServer(bounds);
  await listen(server, port);
  server.on('error', (error) => log.error('the window cannot take a connection', { code: errnoOf(error) }));
  const actual = (server.address() as AddressInfo).port;
  const access = new WebAccess(ports, actual);
  const answers = serve(server, { port: actual, access, files, handle, ids: ports.ids, log });
  let closing: Promise<void> | undefined;
  return {
    port: actual,
    issueUrl: () => `http://127.0.0.1:${actual}/?token=${access.issueToken()}`,
    close: () => {
      closing ??= end(server, answers.done(), (signal) => ports.clock.sleep(bounds.closeMs, signal));
      return closing;
    },
  };
}

async function end(server: Server, answered: Promise<void>, patience: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  const enough = new AbortController();
  await Promise.race([answered, patience(enough.signal).catch(() => {})]);
  enough.abort();
  server.closeAllConnections();
  await closed;
}

function makeServer({ connections, headersMs, requestMs }: WebLimits): Server {
  const server = createServer({
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.ceil(headersMs / 4),
    maxHeaderSize: 16 * 1024,
    // We refuse those without a Host ourselves, as we refuse the others.
    requireHostHeader: false,
  });
  server.maxConnections = connections;
  return server;
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen({ port, host: '127.0.0.1', exclusive: true });
  await once(server, 'listening').catch((error: unknown) => {
    const why = errnoOf(error) === 'EADDRINUSE' ? 'another program has it' : String(errnoOf(error));
    throw new BackupError('usage-invalid', `nothing can listen on port ${port} of 127.0.0.1: ${why}`, {
      cause: error,
      hint: 'choose another port, or 0 for any free one',
    });
  });
}

/** Answers every request of the server; `done` resolves when no answer is under way, and turns away what comes after it was asked. */
function serve(server: Server, parts: Omit<WebParts, 'isEnding'>): { done(): Promise<void> } {
  const underWay = new Set<ServerResponse>();
  const finished = Promise.withResolvers<void>();
  let isEnding = false;
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    underWay.add(response);
    // What a procedure writes too late is a mistake of ours; unheard, it would end the process.
    response.on('error', (error) => parts.log.error(error.message, { code: 'internal', stack: error.stack }));
    response.on('close', () => {
      underWay.delete(response);
      if (isEnding && underWay.size === 0) finished.resolve();
    });
    void answerWeb({ ...parts, isEnding: () => isEnding }, request, response);
  };
  // With "Expect: 100-continue" Node would ask for the body before we have judged the head.
  server.on('request', answer).on('checkContinue', answer).on('checkExpectation', answer);
  return {
    done: async () => {
      isEnding = true;
      if (underWay.size > 0) await finished.promise;
    },
  };
}
