import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import { randomIds } from '../../electron/engine/platform/ids.ts';
import type { Clock } from '../../electron/engine/ports.ts';
import type { WebLimits } from '../../electron/headless/web-server.ts';
import { openWebScene, readAnswer, type WebScene } from './web-scene.ts';

/** Small enough for a test to wait for, and long enough for what is right on a busy machine. */
const short: Partial<WebLimits> = { headersMs: 1000, requestMs: 1500 };

/** Longer than any test may take. */
const never = 3_600_000;

/** Resolves when what the server sends has come to these words. */
async function readTo(socket: Socket, words: string): Promise<void> {
  for (let text = ''; !text.includes(words); ) {
    const [piece] = (await once(socket, 'data')) as [Buffer];
    text += piece.toString('latin1');
  }
}

/** Goes on writing a little until the connection is ended. */
function trickle(socket: Socket, bytes: string): void {
  socket.once(
    'close',
    systemClock.every(10, () => socket.write(bytes)),
  );
}

describe('who is slow is ended', () => {
  it.each<[string, (scene: WebScene) => string, string]>([
    ['a connection that says nothing', () => '', ''],
    ['an address that does not end', () => 'GET /', 'a'],
    ['headers that do not end', ({ page }) => page().slice(0, -2), 'a: b\r\n'],
    ['a body that stops', ({ call }) => call({ headers: { 'Content-Length': '1000' } }), ''],
    ['a body that trickles', ({ call }) => call({ headers: { 'Content-Length': '100000' }, body: '{"json":"' }), 'a'],
  ])('%s', async (_, bytes, more) => {
    await using scene = await openWebScene({ limits: short });
    const socket = await scene.connect();
    const answer = readAnswer(socket);
    socket.write(bytes(scene));
    if (more !== '') trickle(socket, more);
    const { status, body } = await answer;
    // Who writes on after the end may lose the answer to it.
    expect([more === '' ? status : 408, body, await scene.isWell(), scene.logged]).toEqual([408, '', true, []]);
    expect([408, 0]).toContain(status);
  });

  it('but not an event stream', async () => {
    await using scene = await openWebScene({ limits: short });
    const stream = await scene.connect();
    const began = readTo(stream, 'text/event-stream');
    stream.write(scene.call({ path: '/rpc/events' }));
    await began;
    // A body that came later has run out of its time meanwhile.
    const { status } = await scene.send(scene.call({ headers: { 'Content-Length': '1000' } }));
    const told = readTo(stream, 'still there');
    scene.tick('still there');
    await told;
    expect([status, stream.closed]).toEqual([408, false]);
    const ended = once(stream, 'close');
    scene.endEvents();
    await ended;
  });

  it('and the procedure that waits for the body gets to know', async () => {
    const closed = Promise.withResolvers<string>();
    const handle = async (_: unknown, response: ServerResponse) => {
      await once(response, 'close');
      closed.resolve(response.writableFinished ? 'finished' : 'cut off');
      throw new Error('nobody is there any more');
    };
    await using scene = await openWebScene({ limits: short, handle });
    await scene.send(scene.call({ headers: { 'Content-Length': '1000' } }));
    expect([await closed.promise, (await scene.send(scene.page())).status, scene.logged]).toEqual(['cut off', 200, []]);
  });
});

it('of two hundred connections that say nothing, those above the bound are closed at once, and the others after their time', async () => {
  await using scene = await openWebScene({ limits: { headersMs: 3000, connections: 20 } });
  const sockets = await Promise.all(Array.from({ length: 200 }, () => scene.connect()));
  const answers = await Promise.all(sockets.map(readAnswer));
  const counts = [0, 408].map((wanted) => answers.filter(({ status }) => status === wanted).length);
  expect([counts, await scene.isWell()]).toEqual([[180, 20], true]);
});

describe('the end', () => {
  /** A procedure that answers when it may. */
  function openGate() {
    const called = Promise.withResolvers<void>();
    const opened = Promise.withResolvers<void>();
    const handle = async (_: unknown, response: ServerResponse) => {
      called.resolve();
      await opened.promise;
      response.end('done');
      return { matched: true };
    };
    return { handle, called: called.promise, open: opened.resolve };
  }

  it('comes at once where no answer is under way, also for connections that are open', async () => {
    await using scene = await openWebScene({ limits: { headersMs: never, requestMs: never, closeMs: never } });
    const silent = await scene.connect();
    const idle = await scene.connect();
    const answered = readTo(idle, 'start();');
    idle.write(scene.page({ path: '/assets/main-8f3k2m9q.js', headers: { Connection: 'keep-alive' } }));
    await answered;
    const ended = Promise.all([silent, idle].map(readAnswer));
    await scene.server.close();
    expect((await ended).map(({ text }) => text)).toEqual(['', '']);
  });

  it('waits for an answer under way, and takes nothing else meanwhile', async () => {
    const gate = openGate();
    await using scene = await openWebScene({ handle: gate.handle, limits: { closeMs: never } });
    const half = await scene.connect();
    const halfAnswer = readAnswer(half);
    const request = scene.page();
    half.write(request.slice(0, 20));
    const answer = scene.send(scene.call());
    await gate.called;
    const closed = scene.server.close();
    const [refusal] = (await once(connect(scene.port, '127.0.0.1'), 'error')) as [{ code: string }];
    half.write(request.slice(20));
    const halfStatus = (await halfAnswer).status;
    gate.open();
    await closed;
    const { status, body } = await answer;
    expect([refusal.code, halfStatus, status, body.includes('done')]).toEqual(['ECONNREFUSED', 503, 200, true]);
  });

  it('does not wait longer than its limit for an answer that has no end', async () => {
    await using scene = await openWebScene({ limits: { closeMs: 50 } });
    const stream = await scene.connect();
    const began = readTo(stream, 'text/event-stream');
    stream.write(scene.call({ path: '/rpc/events' }));
    await began;
    const ended = once(stream, 'close');
    await scene.server.close();
    await ended;
  });

  it('leaves no wait behind that would keep the program alive', async () => {
    const waits: (AbortSignal | undefined)[] = [];
    const sleep: Clock['sleep'] = (ms, signal) => {
      waits.push(signal);
      return systemClock.sleep(ms, signal);
    };
    await using scene = await openWebScene({ ports: { clock: { ...systemClock, sleep }, ids: randomIds }, limits: { closeMs: never } });
    await scene.server.close();
    expect(waits.map((signal) => signal?.aborted)).toEqual([true]);
  });

  it('can be asked for twice', async () => {
    await using scene = await openWebScene();
    await Promise.all([scene.server.close(), scene.server.close()]);
    await scene.server.close();
  });
});
