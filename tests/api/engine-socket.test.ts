import { once } from 'node:events';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text as readAllText } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { connectEngine } from '../../electron/api/engine-connection.ts';
import { attachedForMs, hostEngine } from '../../electron/api/engine-host.ts';
import { serveEngine } from '../../electron/api/engine-socket.ts';
import { reachEngine } from '../../electron/api/reach-engine.ts';
import { readHolder } from '../../electron/engine/platform/holder.ts';
import { type ClientSceneOptions, collectGarbage, connect, failureOf, homeIn, openHost, readAll } from '../support/engine-clients.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { addFolderDestination, addJob, makeNotes, openTestEngine } from '../support/test-engine.ts';

/** An engine that is served, and is ended with the test. */
async function serve(options: ClientSceneOptions = {}) {
  const { engine, host, path, remove } = await openHost(options);
  const socket = await serveEngine(host);
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= socket.close().then(() => engine.close());
    return closed;
  };
  const socketPath = readHolder(engine.home.path)?.socket ?? '';
  return { path, engine, host, socketPath, close, [Symbol.asyncDispose]: () => close().then(remove) };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Sends a request as any program may. */
async function post(
  socketPath: string,
  path: string,
  body: string | readonly string[] = '{}',
  headers: Record<string, string> = {},
): Promise<Answer> {
  const sent = request({ socketPath, path, method: 'POST', headers: { 'content-type': 'application/json', ...headers } });
  const answered = once(sent, 'response');
  sent.on('error', () => {}); // What is cut off after its answer.
  if (typeof body === 'string') sent.end(body);
  else {
    for (const part of body) sent.write(part);
    sent.end();
  }
  const [response] = await answered;
  return { status: response.statusCode, text: await readAllText(response) };
}

const hello = '/rpc/engine/hello';

describe('the socket of an engine', () => {
  it('is in the data folder, for its owner alone, and gone when the engine is closed', async () => {
    await using served = await serve();
    const { engine, socketPath } = served;
    expect(socketPath).toBe(join(engine.home.path, 'engine.sock'));
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    expect(readHolder(engine.home.path)).toEqual({ pid: process.pid, socket: socketPath });
    await served.close();
    expect({ socket: existsSync(socketPath), holder: readHolder(engine.home.path) }).toEqual({ socket: false, holder: null });
  });

  it('is in a private folder elsewhere where its path would be too long', async () => {
    await using served = await serve({ below: join(...Array.from({ length: 12 }, () => 'a-long-name')) });
    const { engine, socketPath } = served;
    expect(socketPath.startsWith(tmpdir())).toBe(true);
    expect(statSync(dirname(socketPath)).mode & 0o777).toBe(0o700);
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    const connection = await connect(engine);
    expect(connection.info.home).toBe(engine.home.path);
    await connection.close();
    await served.close();
    expect(existsSync(dirname(socketPath))).toBe(false);
  });

  it('takes the place of one that a dead process has left', async () => {
    await using temp = await makeTempFolder();
    const { home, ports } = homeIn(temp.path);
    (await openTestEngine(temp.path)).close();
    writeFileSync(join(home.path, 'engine.sock'), 'what is left of a socket');
    writeFileSync(join(home.path, 'engine.json'), JSON.stringify({ pid: 4_000_000, socket: join(home.path, 'engine.sock') }));

    const patience = { withinMs: 10_000, signal: new AbortController().signal };
    const reached = await reachEngine(home, ports, patience);
    if (reached.kind !== 'own') throw new Error('nobody else is there');
    const socket = await serveEngine(hostEngine(reached.engine));
    const second = await reachEngine(home, ports, patience);
    expect(second.kind).toBe('other');
    if (second.kind === 'other') await second.connection.close();
    await socket.close();
    reached.engine.close();
  });

  it('waits for what its clients have under way before it closes', async () => {
    await using served = await serve();
    const { engine, path } = served;
    makeNotes(join(path, 'notes.db'), 20);
    await addFolderDestination(engine, path, 'usb');
    addJob(engine, { name: 'notes', path: join(path, 'notes.db'), destinations: ['usb'] });
    const connection = await connect(engine);
    const stream = await connection.client.jobs.backup({ job: 'notes' });
    await stream.next();
    const order: string[] = [];
    collectGarbage();
    const closed = served.close().then(() => order.push('closed'));
    const { outcome } = await readAll(stream);
    // Still open for the one who is connected, and for nobody new.
    order.push(outcome.run.status, String((await connection.client.jobs.list()).length));
    expect(await connectEngine(engine.home, 'nightjar test', new AbortController().signal)).toBeNull();
    await connection.close();
    await closed;
    expect(order).toEqual(['succeeded', '1', 'closed']);
  });

  it.each([
    ['jobs/backup', 'event: done'],
    ['jobs/trigger', '{"json":{"job":"notes"}}'],
  ])('waits for a run that a program has asked for and stays no longer than its request: %s', async (procedure, answer) => {
    await using served = await serve();
    const { engine, host, path, socketPath } = served;
    makeNotes(join(path, 'notes.db'), 20);
    await addFolderDestination(engine, path, 'usb');
    addJob(engine, { name: 'notes', path: join(path, 'notes.db'), destinations: ['usb'] });
    const begun = new Promise<void>((resolve) => engine.listen(({ type }) => type === 'run-started' && resolve()));
    const answered = post(socketPath, `/rpc/${procedure}`, JSON.stringify({ json: { job: 'notes' } }));
    await begun;
    await host.end();
    expect(engine.catalog.runs()).toMatchObject([{ job: 'notes', status: 'succeeded' }]);
    expect((await answered).text).toContain(answer);
  });

  it('does not wait for ever for a client that only stays', async () => {
    const clock = new ManualClock(0);
    await using served = await serve({ ports: { clock } });
    const connection = await connect(served.engine);
    let isClosed = false;
    const closed = served.close().then(() => {
      isClosed = true;
    });
    await clock.asleep(attachedForMs);
    // One that asks for something more gets its answer, and nobody is cut off before the time.
    expect(await connection.client.jobs.list()).toEqual([]);
    await clock.pass(attachedForMs - 1);
    expect([isClosed, await connection.client.jobs.list()]).toEqual([false, []]);
    await clock.pass(1);
    await closed;
    expect(await failureOf(connection.client.jobs.list())).toMatchObject({ code: 'engine-lost' });
    await connection.close();
  });

  it('waits for what an attached client has under way, however long that takes', async () => {
    const clock = new ManualClock(0);
    await using served = await serve({ ports: { clock } });
    const { engine, host } = served;
    const connection = await connect(engine);
    const work = Promise.withResolvers<string>();
    let isOver = false;
    const kept = host.keep(work.promise);
    const ended = host.end().then(() => {
      isOver = true;
    });
    await clock.pass(100 * attachedForMs);
    expect(isOver).toBe(false);
    work.resolve('done');
    expect(await kept).toBe('done');
    await clock.asleep(attachedForMs);
    expect(isOver).toBe(false);
    await connection.close();
    await ended;
  });

  it('is no help to a client of another version, which says so at once', async () => {
    await using served = await serve();
    const error = await failureOf(connect(served.engine, 'nightjar 9.9.9'));
    expect(error).toMatchObject({
      code: 'home-busy',
      retryable: false,
      message: `nightjar test (process ${process.pid}) is at work in ${served.engine.home.path}, and this is nightjar 9.9.9`,
      hint: expect.stringContaining('update'),
    });
  });

  it('tells a client that waits for an answer when it is lost', async () => {
    await using temp = await makeTempFolder();
    const { home } = homeIn(temp.path);
    (await openTestEngine(temp.path)).close();
    const path = join(home.path, 'engine.sock');
    writeFileSync(join(home.path, 'engine.json'), JSON.stringify({ pid: 1, socket: path }));
    // It says who it is, and dies at the next request.
    const info = { program: 'nightjar test', pid: 1, home: home.path, startedAtMs: 0 };
    const server = createServer((connection) => {
      connection.once('data', (bytes) => {
        if (!bytes.toString().includes('/attach')) return connection.destroy();
        const event = `event: message\ndata: ${JSON.stringify({ json: info })}\n\n`;
        return connection.write(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n${event}`);
      });
      connection.on('error', () => {});
    }).listen(path);
    await once(server, 'listening');
    const connection = await connectEngine(home, 'nightjar test', new AbortController().signal);
    if (connection === null) throw new Error('it answers');
    expect(await failureOf(connection.client.jobs.list())).toMatchObject({ code: 'engine-lost', hint: expect.stringContaining('history') });
    await connection.close();
    server.close();
  });
});

describe('a request on the socket', () => {
  it('is plain HTTP with JSON, for any program', async () => {
    await using served = await serve();
    const { engine, socketPath } = served;
    const { status, text } = await post(socketPath, hello);
    expect({ status, ...JSON.parse(text) }).toMatchObject({ status: 200, json: { pid: process.pid, home: engine.home.path } });
    const refused = await post(socketPath, '/rpc/jobs/get', JSON.stringify({ json: { job: 'nono' } }));
    expect({ status: refused.status, ...JSON.parse(refused.text) }).toMatchObject({
      status: 404,
      json: { code: 'job-unknown', message: 'there is no job "nono"', data: { retryable: false } },
    });
  });

  const bytes = 'x'.repeat(1024 * 1024 + 1);
  const refused: readonly [
    what: string,
    status: number,
    path: string,
    body: string | readonly string[],
    headers: Record<string, string>,
  ][] = [
    ['that a browser sends', 403, hello, '{}', { origin: 'https://example.com' }],
    ['that a page of nowhere sends', 403, hello, '{}', { origin: 'null' }],
    ['for what does not exist', 404, '/rpc/engine/halt', '{}', {}],
    ['outside of the procedures', 404, '/engine.json', '{}', {}],
    ['that climbs', 404, '/rpc/../../engine.json', '{}', {}],
    ['that is not JSON', 400, '/rpc/jobs/get', '{"json":', {}],
    ['that is too large', 413, '/rpc/jobs/get', `{"json":{"job":"${bytes}"}}`, {}],
    [
      'that is too large in pieces',
      413,
      '/rpc/jobs/get',
      ['{"json":{"job":"', ...Array.from({ length: 17 }, () => 'x'.repeat(65_536)), '"}}'],
      {},
    ],
  ];
  it.each(refused)('is refused %s', async (_, status, path, body, headers) => {
    await using served = await serve();
    expect(await post(served.socketPath, path, body, headers)).toMatchObject({ status, text: expect.not.stringContaining('    at ') });
    expect(await post(served.socketPath, hello)).toMatchObject({ status: 200 });
  });

  it('is not answered with a GET, which any page could make', async () => {
    await using served = await serve();
    const sent = request({ socketPath: served.socketPath, path: hello, method: 'GET' }).end();
    const [response] = await once(sent, 'response');
    expect(response.statusCode).toBe(405);
    response.resume();
  });
});
