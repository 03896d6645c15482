import { once } from 'node:events';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { os, type } from '@orpc/server';
import { RPCHandler } from '@orpc/server/node';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import { randomIds } from '../../electron/engine/platform/ids.ts';
import { openWebServer, type WebServer, type WebServerOptions } from '../../electron/headless/web-server.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { standingClock } from '../support/test-engine.ts';

export const startMs = Date.parse('2026-11-25T09:00:00Z');

/** What lies beside the page's folder, and must never be answered. */
export const buried = 'what lies outside of the folder';

export const pageFiles: Readonly<Record<string, string>> = {
  'index.html': '<meta property="csp-nonce" nonce="NIGHTJAR-STYLE-NONCE"><script type="module" src="/assets/main-8f3k2m9q.js"></script>',
  'assets/main-8f3k2m9q.js': 'start();',
  'assets/plain.css': 'body { margin: 0 }',
  'icon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  'with space.txt': 'a name that has to be spelled',
};

/** Head of a request; a list is a header that is there several times, `null` is one that is left out. */
export interface Ask {
  readonly method?: string;
  readonly path?: string;
  readonly version?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly body?: string;
}

export interface RawAnswer {
  /** 0 where the connection ended without an answer. */
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  readonly text: string;
}

export interface WebScene extends AsyncDisposable {
  readonly server: WebServer;
  readonly port: number;
  readonly clock: ReturnType<typeof standingClock>;
  /** The cookie of a browser that is in. */
  readonly cookie: string;
  /** Everything that was logged. */
  readonly logged: readonly { readonly level: string; readonly message: string; readonly fields: unknown }[];
  /** What the procedure `events` tells next. */
  readonly tick: (text: string) => void;
  /** Ends every `events`, also those to come. */
  readonly endEvents: () => void;
  /** The path of a way in that was not used yet. */
  entry(): string;
  /** The spelling of a request for a page that passes, with these changes. */
  page(changes?: Ask): string;
  /** The spelling of a call of a procedure that passes, with these changes. */
  call(changes?: Ask): string;
  /** Sends bytes on a connection of its own and reads until the server ends it. */
  send(bytes: string | Buffer): Promise<RawAnswer>;
  connect(): Promise<Socket>;
  /** True where a right page and a right call are answered rightly. */
  isWell(): Promise<boolean>;
}

/** A web server with a page and a few procedures, and one browser that is in. */
export async function openWebScene(changes: Partial<WebServerOptions> = {}): Promise<WebScene> {
  const folder = await makeTempFolder();
  await layOut(folder.path);
  const clock = standingClock(systemClock, startMs);
  const events = eventTap();
  const logged: { level: string; message: string; fields: unknown }[] = [];
  const log = (level: string) => (message: string, fields?: unknown) => void logged.push({ level, message, fields });
  const server = await openWebServer({
    port: 0,
    handle: procedures(events),
    pageFolder: join(folder.path, 'page'),
    ports: { clock, ids: randomIds },
    log: { info: log('info'), warn: log('warn'), error: log('error') },
    ...changes,
  });
  const { port } = server;
  const send = (bytes: string | Buffer) => exchange(port, bytes);
  const entry = () => server.issueUrl().replace(`http://127.0.0.1:${port}`, '');
  const way = { path: entry(), headers: { Host: `127.0.0.1:${port}`, Connection: 'close' } };
  const cookie = cookieIn(await send(spell(way)));
  const page = (ask: Ask = {}) =>
    spell({ ...ask, headers: { Host: `127.0.0.1:${port}`, Cookie: cookie, Connection: 'close', ...ask.headers } });
  const call = ({ body = '{"json":"hello"}', ...ask }: Ask = {}) =>
    page({
      method: 'POST',
      path: '/rpc/echo',
      ...ask,
      body,
      headers: {
        Origin: `http://127.0.0.1:${port}`,
        'Sec-Fetch-Site': 'same-origin',
        'Content-Type': 'application/json',
        'Content-Length': String(Buffer.byteLength(body)),
        ...ask.headers,
      },
    });
  return {
    server,
    port,
    clock,
    cookie,
    logged,
    tick: events.tick,
    endEvents: events.end,
    entry,
    page,
    call,
    send,
    connect: () => dial(port),
    isWell: async () => {
      const answers = [await send(page({ path: '/assets/main-8f3k2m9q.js' })), await send(call())];
      return answers.map(({ status, body }) => `${status} ${body}`).join() === '200 start();,200 {"json":"hello"}';
    },
    [Symbol.asyncDispose]: async () => {
      events.end();
      await server.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function layOut(folder: string): Promise<void> {
  const page = join(folder, 'page');
  for (const [name, content] of Object.entries(pageFiles)) {
    await mkdir(dirname(join(page, name)), { recursive: true });
    await writeFile(join(page, name), content);
  }
  await mkdir(join(folder, 'beside'));
  for (const name of ['buried.txt', 'beside/buried.txt', 'page/.buried', 'page.txt']) await writeFile(join(folder, name), buried);
  await symlink(join(folder, 'buried.txt'), join(page, 'link.txt'));
  await symlink(join(folder, 'beside'), join(page, 'linked'));
}

/** Whoever reads gets everything from the beginning. */
function eventTap() {
  const told: string[] = [];
  let isOver = false;
  let more = Promise.withResolvers<void>();
  const wake = () => {
    more.resolve();
    more = Promise.withResolvers();
  };
  const stream = async function* () {
    for (let index = 0; ; index++) {
      while (told.length <= index && !isOver) await more.promise;
      const text = told[index];
      if (text === undefined) return;
      yield text;
    }
  };
  const tick = (text: string) => {
    told.push(text);
    wake();
  };
  const end = () => {
    isOver = true;
    wake();
  };
  return { stream, tick, end };
}

function router(stream: () => AsyncGenerator<string>) {
  return { echo: os.input(type<unknown>()).handler(({ input }) => input), events: os.handler(() => stream()) };
}

/** What the scene's procedures are for a typed client. */
export type Procedures = ReturnType<typeof router>;

function procedures({ stream }: ReturnType<typeof eventTap>): WebServerOptions['handle'] {
  const handler = new RPCHandler(router(stream));
  return (request, response) => handler.handle(request, response, { prefix: '/rpc' });
}

function spell({ method = 'GET', path = '/', version = 'HTTP/1.1', headers = {}, body = '' }: Ask): string {
  const lines = Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((one) => `${name}: ${one}`));
  return [`${method} ${path} ${version}`, ...lines, '', body].join('\r\n');
}

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  // The server may end a connection while we still write.
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

async function exchange(port: number, bytes: string | Buffer): Promise<RawAnswer> {
  const socket = await dial(port);
  const answer = readAnswer(socket);
  socket.write(bytes);
  return answer;
}

/** What a connection brings until it ends. */
export async function readAnswer(socket: Socket): Promise<RawAnswer> {
  const pieces: Buffer[] = [];
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  return parseAnswer(Buffer.concat(pieces).toString('latin1'));
}

function parseAnswer(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [line = '', ...fields] = head.split('\r\n');
  const headers = new Headers(fields.map((field) => [field.slice(0, field.indexOf(':')), field.slice(field.indexOf(':') + 1)]));
  const body = rest.join('\r\n\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(line)?.[1] ?? 0);
  return { status, headers, text, body: headers.get('transfer-encoding') === 'chunked' ? unchunk(body) : body };
}

function unchunk(body: string): string {
  return body.replaceAll(/[\da-f]+\r\n((?:.|\n)*?)\r\n/g, '$1');
}

function cookieIn({ headers }: RawAnswer): string {
  return headers.get('set-cookie')?.split(';')[0] ?? '';
}
