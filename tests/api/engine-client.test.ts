import { rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EngineClient } from '../../electron/api/client.ts';
import type { EngineEvent } from '../../electron/domain/engine-event.ts';
import { BackupError } from '../../electron/domain/errors.ts';
import type { RunEvent } from '../../electron/domain/run-event.ts';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import { addLockedJob, type ClientScene, collectGarbage, failureOf, heard, readAll, transports } from '../support/engine-clients.ts';
import { addFolderDestination, addJob, makeNotes } from '../support/test-engine.ts';

/** Sets up jobs for databases of their own, with a destination for each. */
async function addJobs({ engine, path }: ClientScene, ...names: string[]): Promise<void> {
  for (const name of names) {
    makeNotes(join(path, `${name}.db`), 50);
    await addFolderDestination(engine, path, `${name}-usb`);
    addJob(engine, { name, path: join(path, `${name}.db`), destinations: [`${name}-usb`] });
  }
}

describe.each(Object.entries(transports))('a client %s', (_, open) => {
  it('learns who is there, and what is set up', async () => {
    await using scene = await open();
    await addJobs(scene, 'notes');
    const { client, engine } = scene;
    expect(await client.engine.hello()).toEqual({
      program: 'nightjar test',
      pid: process.pid,
      home: engine.home.path,
      startedAtMs: expect.any(Number),
      isAtWork: false,
    });
    expect(await client.jobs.list()).toEqual(engine.settings.current.jobs);
    expect(await client.jobs.get({ job: 'NOTES' })).toEqual(engine.settings.current.jobs[0]);
    expect(await client.engine.status()).toMatchObject([{ job: 'notes', healthy: false, lastGoodMs: null }]);
  });

  it('backs up, and is told what happens in its own run and in no other', async () => {
    await using scene = await open();
    await addJobs(scene, 'notes', 'mail');
    const { client, engine } = scene;
    const backUp = async (job: string) => readAll(await client.jobs.backup({ job, trigger: 'manual' }));
    const [notes, mail] = await Promise.all([backUp('notes'), backUp('mail')]);

    for (const [job, { events, outcome }] of Object.entries({ notes, mail })) {
      if (outcome.kind !== 'sqlite') throw new Error(`${job} is a database`);
      expect(outcome.run).toEqual(engine.catalog.run(outcome.run.id));
      expect(outcome.run).toMatchObject({ job, trigger: 'manual', status: 'succeeded' });
      expect(outcome.snapshot).toEqual(engine.catalog.snapshots(job)[0]);
      expect(new Set(events.map(({ runId }) => runId))).toEqual(new Set([outcome.run.id]));
      expect(events[0]).toMatchObject({ type: 'run-started', job });
      expect(events.at(-1)).toMatchObject({ type: 'run-finished', status: 'succeeded' });
    }
    const [latest] = await client.runs.list({ limit: 1 });
    expect(latest && (await client.runs.get({ run: latest.id }))).toEqual(engine.catalog.runs()[0]);
  });

  it('verifies, pins, plans and applies retention, and forgets', async () => {
    await using scene = await open();
    await addJobs(scene, 'notes');
    const { client, engine } = scene;
    await readAll(await client.jobs.backup({ job: 'notes' }));
    const proof = await readAll(await client.snapshots.verify({ snapshot: 'notes', level: 'full' }));
    expect(proof.outcome).toMatchObject({ ok: true, level: 'full', found: [{ name: 'note', rows: 50 }] });
    expect(proof.events.at(-1)).toMatchObject({ type: 'run-finished', status: 'succeeded' });

    expect(await client.snapshots.pin({ snapshot: 'notes' })).toMatchObject({ pinned: true });
    expect(await client.snapshots.list({ job: 'notes' })).toEqual(engine.catalog.snapshots('notes'));
    expect(await client.snapshots.unpin({ snapshot: 'notes' })).toMatchObject({ pinned: false });
    const plan = await client.retention.plan({ job: 'notes' });
    expect(plan).toMatchObject([
      { destination: 'notes-usb', verdicts: [{ reasons: expect.arrayContaining(['newest verified']) }], removed: [] },
    ]);
    expect(await client.retention.apply({ job: 'notes' })).toEqual(plan);
    expect(await failureOf(client.snapshots.forget({ snapshot: 'notes' }))).toMatchObject({ code: 'usage-invalid' });
    expect((await readAll(await client.send({}))).outcome).toEqual([]);
  });

  it('starts a run and does not wait for it; the events of the engine tell the rest', async () => {
    await using scene = await open();
    await addJobs(scene, 'notes');
    const { client } = scene;
    const events = await client.engine.events();
    expect(await client.jobs.trigger({ job: 'Notes' })).toEqual({ job: 'notes' });
    const seen: EngineEvent[] = [];
    for await (const event of events) {
      seen.push(event);
      if (event.type === 'run-finished') break;
    }
    expect(seen[0]).toMatchObject({ type: 'run-started', job: 'notes', trigger: 'api' });
    expect(await client.runs.list({})).toMatchObject([{ job: 'notes', trigger: 'api', status: 'succeeded' }]);
  });

  it('hears once of each change of the settings, whoever has asked for it', async () => {
    await using scene = await open();
    await addJobs(scene, 'notes');
    const { client, engine } = scene;
    const events = await client.engine.events();
    await client.jobs.pause({ job: 'notes' });
    engine.settings.change((settings) => ({ ...settings, preferences: { ...settings.preferences, gzipLevel: 1 } }));
    await client.jobs.trigger({ job: 'notes' });
    const seen: EngineEvent['type'][] = [];
    for await (const { type } of events) {
      seen.push(type);
      if (type === 'run-started') break;
    }
    expect(seen).toEqual(['settings-changed', 'settings-changed', 'run-started']);
  });

  it('gets the same error that the engine threw', async () => {
    await using scene = await open();
    const { client } = scene;
    const unknown = await failureOf(client.jobs.get({ job: 'nono' }));
    expect({ ...unknown, message: unknown.message, cause: undefined }).toEqual({
      ...new BackupError('job-unknown', '', { hint: 'there are no jobs yet: nightjar job add --help' }),
      message: 'there is no job "nono"',
      cause: undefined,
    });
    await addJobs(scene, 'notes');
    const { path } = scene;
    for (const ending of ['', '-wal', '-shm']) rmSync(join(path, `notes.db${ending}`), { force: true });
    expect(await failureOf(client.jobs.backup({ job: 'notes' }).then(readAll))).toMatchObject({
      code: 'source-missing',
      message: expect.stringContaining('notes.db'),
      hint: expect.any(String),
    });
    expect(await failureOf(client.runs.get({ run: 'run-x' }))).toMatchObject({ code: 'run-unknown' });
    expect(await failureOf(client.runs.cancel({ run: 'run-x' }))).toMatchObject({ code: 'run-unknown' });
    expect(await failureOf(client.snapshots.get({ snapshot: 'notes' }))).toMatchObject({ code: 'snapshot-unknown' });
  });

  const badInputs: readonly [what: string, call: (client: EngineClient) => Promise<unknown>, message: RegExp][] = [
    ['a number for a name', ({ jobs }) => jobs.get({ job: 5 } as never), /job: it must be a string \(5 was given\)/],
    ['no name', ({ jobs }) => jobs.get({} as never), /job: it must be a string \(nothing was given\)/],
    ['an empty name', ({ jobs }) => jobs.get({ job: '' }), /job: it must not be empty \("" was given\)/],
    ['nothing at all', ({ jobs }) => jobs.get(undefined as never), /it must be an object \(nothing was given\)/],
    ['an unknown field', ({ jobs }) => jobs.get({ job: 'a', at: 1 } as never), /keys that are not known: at/],
    ['a limit that is none', ({ runs }) => runs.list({ limit: -1 }), /limit: it must be at least 0 \(-1 was given\)/],
    [
      'a trigger that is none',
      ({ jobs }) => jobs.backup({ job: 'a', trigger: 'whim' } as never),
      /trigger: it must be one of .* \("whim" was given\)/,
    ],
    [
      'a path that is none',
      ({ git }) => git.enqueue({ job: 'a', items: [{ item: 'a', paths: [7] }] } as never),
      /items\.0\.paths\.0: .* \(7 was given\)/,
    ],
    ['a long value', ({ runs }) => runs.list({ limit: 'x'.repeat(500) } as never), /limit: it must be a number \("x{78}… was given\)/],
  ];
  it.each(badInputs)('is told which field cannot be asked for, and what was given: %s', async (__, call, message) => {
    await using scene = await open();
    expect(await failureOf(call(scene.client))).toMatchObject({ code: 'usage-invalid', message: expect.stringMatching(message) });
  });

  it('gets one sentence of what nobody foresaw; the log of the engine has the stack', async () => {
    let isBroken = false;
    const now = () => {
      if (isBroken) throw new TypeError('the clock fell down');
      return systemClock.now();
    };
    await using scene = await open({ ports: { clock: { ...systemClock, now } } });
    isBroken = true;
    const error = await failureOf(scene.client.engine.status());
    isBroken = false;
    expect(error).toMatchObject({ code: 'internal', message: 'the clock fell down', hint: expect.stringContaining('logs') });
    expect(JSON.stringify({ ...error, cause: undefined })).not.toContain('engine-client.test');
    expect(await readFile(join(scene.engine.home.logFolder, 'nightjar.log'), 'utf8')).toMatch(/the clock fell down.*engine-client\.test/s);
  });

  it('that gives up ends what it has started, and nothing of it stays', async () => {
    await using scene = await open();
    using _writer = await addLockedJob(scene);
    const { client, engine } = scene;
    const stop = new AbortController();
    const finished = heard(scene, 'run-finished');
    const stream = await client.jobs.backup({ job: 'locked' }, { signal: stop.signal });
    expect((await stream.next()).value).toMatchObject({ type: 'run-started' });
    const rest = failureOf(readAll(stream));
    // A long run outlives whatever nobody holds on to; its stop must not.
    collectGarbage();
    stop.abort(new BackupError('cancelled', 'enough'));
    expect(await rest).toMatchObject({ code: 'cancelled' });
    expect(await finished).toMatchObject({ status: 'cancelled' });
    expect(engine.catalog.runs()).toMatchObject([{ job: 'locked', status: 'cancelled' }]);
    expect(await readdir(engine.home.stagingFolder)).toEqual([]);
  });

  it('that stops reading ends what it has started', async () => {
    await using scene = await open();
    using _writer = await addLockedJob(scene);
    const finished = heard(scene, 'run-finished');
    for await (const event of await scene.client.jobs.backup({ job: 'locked' })) if (event.type === 'step-started') break;
    expect(await finished).toMatchObject({ status: 'cancelled' });
  });

  it('ends a run of anybody by its id', async () => {
    await using scene = await open();
    using _writer = await addLockedJob(scene);
    const { client } = scene;
    const stream = await client.jobs.backup({ job: 'locked' });
    const first = (await stream.next()).value as RunEvent;
    expect(await client.runs.cancel({ run: first.runId })).toEqual({ run: first.runId });
    expect(await failureOf(readAll(stream))).toMatchObject({ code: 'cancelled' });
    expect(await client.runs.get({ run: first.runId })).toMatchObject({ status: 'cancelled' });
  });

  it('that reads slowly holds nobody up, and misses nothing but old progress', async () => {
    await using scene = await open();
    const { client, engine } = scene;
    const events = await client.engine.events();
    const tell = (doneBytes: number) =>
      engine.emit({ type: 'step-progress', runId: 'run-a', step: 'compress', atMs: doneBytes, doneBytes, totalBytes: 50_000 });
    for (let bytes = 1; bytes <= 50_000; bytes++) tell(bytes);
    engine.emit({ type: 'run-finished', runId: 'run-a', status: 'succeeded', atMs: 0 });
    const seen: EngineEvent[] = [];
    for await (const event of events) {
      seen.push(event);
      if (event.type === 'run-finished') break;
    }
    expect(seen.length).toBeLessThan(10);
    expect(seen.at(-2)).toMatchObject({ doneBytes: 50_000 });
  });

  it('that falls behind too far is told so', async () => {
    await using scene = await open();
    const { client, engine } = scene;
    const events = await client.engine.events();
    for (let count = 0; count <= 10_001; count++) engine.emit({ type: 'warning', runId: 'run-a', message: `${count}`, atMs: count });
    const rest = async () => {
      for await (const _event of events);
    };
    expect(await failureOf(rest())).toMatchObject({ code: 'timed-out', retryable: true });
    expect(await client.jobs.list()).toEqual([]);
  });

  it('has its run finished while the engine is about to end; what has no end is over then', async () => {
    await using scene = await open();
    await addJobs(scene, 'notes');
    const { client, host } = scene;
    const events = await client.engine.events();
    const stream = await client.jobs.backup({ job: 'notes' });
    await stream.next();
    void host.end();
    for await (const event of events) expect(event).toMatchObject({ type: expect.any(String) });
    expect((await readAll(stream)).outcome.run).toMatchObject({ status: 'succeeded' });
    expect(await failureOf(client.engine.attach())).toMatchObject({ code: 'home-busy', retryable: true });
  });
});
