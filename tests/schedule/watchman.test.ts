import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NotificationEvent } from '../../electron/domain/engine-event.ts';
import type { SqliteJob } from '../../electron/domain/model.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { drillJob } from '../../electron/engine/operations/drill.ts';
import { runJob } from '../../electron/engine/operations/run-job.ts';
import { post } from '../../electron/engine/platform/post.ts';
import { watchHealth } from '../../electron/engine/schedule/watchman.ts';
import { hurryingClock } from '../support/hurrying-clock.ts';
import { type RecordingServer, startRecordingServer } from '../support/recording-server.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { addFolderDestination, addJob, makeNotes, openTestEngine, standingClock } from '../support/test-engine.ts';
import { turnedClock } from '../support/turned-clock.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const start = Date.parse('2026-11-26T03:17:00Z');

let folder: TempFolder;
let server: RecordingServer;
let engine: Engine;
let clock: ReturnType<typeof standingClock>;
let live: string;
let told: NotificationEvent[];

const open = async () => {
  engine = await openTestEngine(folder.path, { clock });
  engine.listen((event) => {
    if (event.type === 'notification') told.push(event);
  });
};
beforeEach(async () => {
  folder = await makeTempFolder();
  server = await startRecordingServer();
  clock = standingClock(hurryingClockThatTimesOut(), start);
  told = [];
  live = join(folder.path, 'notes.db');
  makeNotes(live, 100);
  await open();
  await addFolderDestination(engine, folder.path, 'usb');
});
afterEach(async () => {
  engine.close();
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** Waits between attempts are over at once; the limits of answers, which a test reaches only where it means to, are real. */
function hurryingClockThatTimesOut() {
  const hurrying = hurryingClock();
  return { ...hurrying, sleep: (ms: number, signal?: AbortSignal) => (ms >= 10_000 ? realSleep(ms, signal) : hurrying.sleep(ms, signal)) };
}
const realSleep = (_ms: number, signal?: AbortSignal) =>
  new Promise<void>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true }));

const jobOf = (some: Partial<SqliteJob> & { readonly path?: string } = {}) =>
  addJob(engine, { name: 'notes', path: live, destinations: ['usb'], ...some });
/** A run under the eyes of a watchman of its own, at a later minute than the last. */
const watched = async (job: SqliteJob, work = () => runJob(engine, { job, trigger: 'schedule' }) as Promise<unknown>) => {
  clock.set(clock.now() + 60_000);
  const watchman = watchHealth(engine);
  try {
    await work().catch(() => {});
  } finally {
    await watchman.close();
  }
};
const kinds = () => told.map(({ kind }) => kind);
const report = (onFailure: { command?: string[]; webhook?: string }) =>
  engine.settings.change((settings) => ({
    ...settings,
    preferences: { ...settings.preferences, onFailure: { command: null, webhook: null, ...onFailure } },
  }));
const log = () => readFile(join(engine.home.logFolder, 'nightjar.log'), 'utf8');

/** Changes the catalog behind the back of its engine. */
const inCatalog = (sql: string) => {
  const database = new Database(engine.home.catalogPath);
  database.exec(sql);
  database.close();
};
/** The engine with a destination whose file system answers nothing, and a clock whose limits pass when a test says so. */
function hanging() {
  const turned = turnedClock(clock.now());
  const asked = Promise.withResolvers<void>();
  const hang = () => {
    asked.resolve();
    return new Promise<never>(() => {});
  };
  const destination = () => ({ ...engine.destination('usb'), freeSpace: hang, put: hang });
  const hung: Engine = { ...engine, ports: { ...engine.ports, clock: turned }, destination };
  return { clock: turned, asked: asked.promise, hung };
}

describe('a watchman', () => {
  it('is silent about success; tells a failure once, also over a restart, and recovery once', async () => {
    const job = jobOf();
    await watched(job);
    expect(kinds()).toEqual([]);
    await rename(live, `${live}.away`);
    await watched(job);
    await watched(job);
    engine.close();
    await open();
    await watched(job);
    expect(told).toEqual([
      expect.objectContaining({ kind: 'failed', job: 'notes', message: expect.stringContaining(live), runId: expect.any(String) }),
    ]);
    await rename(`${live}.away`, live);
    await watched(job);
    await watched(job);
    expect(kinds()).toEqual(['failed', 'recovered']);
  });

  it('tells what is late though nothing happens, and a drill that failed', async () => {
    const job = jobOf();
    await watched(job);
    clock.set(start + 36 * hourMs + 60_000);
    const watchman = watchHealth(engine);
    await watchman.look();
    await watchman.look();
    expect(kinds()).toEqual(['stale']);
    await writeFile(join(folder.path, 'usb', 'notes', '2026-11-26.db.gz'), 'garbage');
    await drillJob(engine, job, { trigger: 'manual' });
    await watchman.close();
    expect(kinds()).toEqual(['stale', 'drill-failed', 'damaged']);
  });

  it('looks by itself from time to time', async () => {
    jobOf();
    await watched(jobOf());
    clock.set(start + 3 * dayMs);
    const heard = new Promise<void>((resolve) => {
      engine.listen((event) => void (event.type === 'notification' && resolve()));
    });
    const watchman = watchHealth(engine, { everyMs: 1 });
    await heard;
    await watchman.close();
    expect(kinds()).toEqual(['stale']);
  });

  it('tells each trouble of each job once, also while the catalog cannot keep that', async () => {
    for (const name of ['a', 'b']) {
      const job = jobOf({ name, path: join(folder.path, `${name}.db`) });
      await expect(runJob(engine, { job, trigger: 'schedule' })).rejects.toThrow();
    }
    inCatalog("CREATE TRIGGER no_room BEFORE INSERT ON told BEGIN SELECT RAISE(FAIL, 'no room'); END");
    const watchman = watchHealth(engine);
    await watchman.look();
    await watchman.look();
    const each = ['a', 'b'].map((job) => expect.objectContaining({ job, kind: 'failed' }));
    expect(told).toEqual(each);
    expect((await log()).match(/what was told could not be kept: no room/g)).toHaveLength(2);
    inCatalog('DROP TRIGGER no_room');
    await watchman.look();
    await watchman.close();
    const next = watchHealth(engine);
    await next.look();
    await next.close();
    expect(told).toEqual(each);
  });

  it('that cannot look at one job looks at the others, from time to time and after a run', async () => {
    const jobs = ['a', 'b', 'c'].map((name) => jobOf({ name, path: join(folder.path, `${name}.db`) }));
    for (const job of jobs.slice(0, 2)) await expect(runJob(engine, { job, trigger: 'schedule' })).rejects.toThrow();
    inCatalog("INSERT INTO told VALUES ('a', 'failed', 'no JSON', 0)");
    const watchman = watchHealth(engine);
    await watchman.look();
    expect(told.map(({ job }) => job)).toEqual(['b']);
    await expect(runJob(engine, { job: jobs[2] as SqliteJob, trigger: 'schedule' })).rejects.toThrow();
    await watchman.close();
    expect(told.map(({ job }) => job)).toEqual(['b', 'c']);
  });

  it('goes on beside a destination that hangs', async () => {
    const { clock: turned, hung } = hanging();
    const watchman = watchHealth(hung);
    await runJob(engine, { job: jobOf(), trigger: 'schedule' });
    await rename(live, `${live}.away`);
    clock.set(start + 60_000);
    await expect(runJob(engine, { job: jobOf(), trigger: 'schedule' })).rejects.toThrow();
    turned.hurry(15_000);
    await watchman.look();
    expect(kinds()).toEqual(['failed']);
    expect(await log()).toMatch(/free space is not known: it took longer than 15 s/);
    expect(await log()).toMatch(/the status at usb could not be written: it took longer than 15 s/);
    await watchman.close();
  });

  it('ends beside a destination that hangs, once its time is up', async () => {
    const { asked, clock: turned, hung } = hanging();
    const watchman = watchHealth(hung);
    await runJob(engine, { job: jobOf(), trigger: 'schedule' });
    await asked;
    const closed = watchman.close();
    await turned.waiting(30_000);
    turned.hurry(30_000);
    await closed;
  });

  it('never fails a run, whatever it cannot tell', async () => {
    await server[Symbol.asyncDispose]();
    report({ webhook: `${server.url}/hook`, command: [join(folder.path, 'not there')] });
    const job = jobOf({ healthCheckUrl: `${server.url}/secret-token` });
    await rename(live, `${live}.away`);
    await watched(job);
    await rename(`${live}.away`, live);
    const watchman = watchHealth(engine);
    const { run } = await runJob(engine, { job, trigger: 'schedule' });
    await watchman.close();
    expect(run.status).toBe('succeeded');
    expect(await log()).toMatch(/the health check was not told: 127\.0\.0\.1:\d+ did not answer/);
    expect(await log()).toContain('the webhook was not told');
    expect(await log()).toContain('is not installed');
    expect(await log()).not.toContain('secret-token');
  });
});

describe('a health check', () => {
  it('hears of the start, the success and the failure of each run, with what it says', async () => {
    const job = jobOf({ healthCheckUrl: `${server.url}/ping/1234/` });
    await watched(job);
    await rename(live, `${live}.away`);
    await watched(job);
    expect(server.requests).toEqual([
      { method: 'POST', path: '/ping/1234/start', body: '' },
      { method: 'POST', path: '/ping/1234', body: 'notes: succeeded' },
      { method: 'POST', path: '/ping/1234/start', body: '' },
      { method: 'POST', path: '/ping/1234/fail', body: expect.stringMatching(/^notes: failed\n.*notes\.db/) },
    ]);
  });

  it('is asked again twice where it cannot answer now, and not where it refuses', async () => {
    server.answerWith(503, 503, 200, 404, 500, 502, 500);
    const job = jobOf({ healthCheckUrl: `${server.url}/1234` });
    await watched(job);
    expect(server.requests.map(({ path }) => path)).toEqual(['/1234/start', '/1234/start', '/1234/start', '/1234']);
    await watched(job);
    expect(server.requests.slice(4).map(({ path }) => path)).toEqual(['/1234/start', '/1234/start', '/1234/start', '/1234']);
    expect(await log()).toContain('answered with 404');
  });

  it('that does not answer keeps nothing else waiting, and is not told of a start that is over', async () => {
    server.answerWith(null);
    const limit = Promise.withResolvers<void>();
    let isFirst = true;
    const sleep = (ms: number, signal?: AbortSignal) => {
      if (ms !== 10_000 || !isFirst) return clock.sleep(ms, signal);
      isFirst = false;
      return limit.promise;
    };
    const job = jobOf({ healthCheckUrl: `${server.url}/1234` });
    const watchman = watchHealth({ ...engine, ports: { ...engine.ports, clock: { ...clock, now: clock.now, sleep } } });
    await runJob(engine, { job, trigger: 'schedule' });
    await rename(live, `${live}.away`);
    clock.set(start + 60_000);
    await expect(runJob(engine, { job, trigger: 'schedule' })).rejects.toThrow();
    await watchman.look();
    expect(kinds()).toEqual(['failed']);
    expect(server.requests.map(({ path }) => path)).toEqual(['/1234/start']);
    limit.resolve();
    await watchman.close();
    expect(server.requests.map(({ path }) => path)).toEqual(['/1234/start', '/1234/start', '/1234', '/1234/fail']);
  });

  it('that does not answer is given up after its time', async () => {
    server.answerWith(null);
    const limits: number[] = [];
    const impatient = {
      ...clock,
      sleep: async (ms: number, signal?: AbortSignal) => {
        limits.push(ms);
        if (ms === 10_000) await server.received(1);
        signal?.throwIfAborted();
      },
    };
    const request = { url: `${server.url}/x`, body: '', contentType: 'application/json', limitMs: 10_000, retries: 0 } as const;
    await expect(post(request, impatient)).rejects.toMatchObject({
      code: 'destination-absent',
      message: expect.stringMatching(/did not answer$/),
    });
    expect(limits).toEqual([10_000]);
  });

  it.each(['http://example.org/x', 'ftp://127.0.0.1/x', 'file:///etc/passwd', 'no address'])('may not be %s', async (url) => {
    expect(() => jobOf({ healthCheckUrl: url })).toThrow(/https address/);
    const request = { url, body: '', contentType: 'application/json', limitMs: 10_000, retries: 2 } as const;
    await expect(post(request, clock)).rejects.toMatchObject({ code: 'usage-invalid' });
  });

  it('does not follow a redirect', async () => {
    server.answerWith(302, 302, 302);
    const request = { url: `${server.url}/x`, body: '', contentType: 'application/json', limitMs: 10_000, retries: 0 } as const;
    await expect(post(request, clock)).rejects.toMatchObject({ message: expect.stringContaining('answered with 302') });
    expect(server.requests).toHaveLength(1);
  });
});

describe('a report of a failure', () => {
  const reader = async () => {
    const path = join(folder.path, 'tell-me');
    await writeFile(path, `#!/bin/sh\ncat > "$1"\n`);
    await chmod(path, 0o755);
    return path;
  };

  it('goes to the webhook and to the program once, as JSON, without secrets', async () => {
    const out = join(folder.path, 'out; rm -rf x');
    report({ webhook: `${server.url}/hook`, command: [await reader(), out] });
    const job = jobOf({ path: join(folder.path, 'token=abcdef') });
    await watched(job);
    await watched(job);
    expect(server.requests).toHaveLength(1);
    const [sent] = server.requests.map(({ body }) => JSON.parse(body));
    expect(sent).toEqual({
      kind: 'failed',
      job: 'notes',
      runId: expect.any(String),
      message: expect.stringContaining('token=***'),
      host: 'test-host',
      at: new Date(start + 60_000).toISOString(),
    });
    expect(JSON.parse(await readFile(out, 'utf8'))).toEqual(sent);
  });

  it('does not come for recovery', async () => {
    report({ webhook: `${server.url}/hook` });
    const job = jobOf();
    await rename(live, `${live}.away`);
    await watched(job);
    await rename(`${live}.away`, live);
    await watched(job);
    expect(kinds()).toEqual(['failed', 'recovered']);
    expect(server.requests).toHaveLength(1);
  });
});
