import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../electron/domain/engine-event.ts';
import { errorFacts } from '../../electron/domain/errors.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { runBackup } from '../../electron/engine/operations/backup.ts';
import { findSnapshot } from '../../electron/engine/operations/find-snapshot.ts';
import { restoreInPlace, restoreToFile } from '../../electron/engine/operations/restore.ts';
import type { RestoreContext } from '../../electron/engine/operations/restore-run.ts';
import { cancelRun } from '../../electron/engine/operations/run-job.ts';
import { undoRestore } from '../../electron/engine/operations/undo.ts';
import { verifySnapshot } from '../../electron/engine/operations/verify.ts';
import { forkedWorkers } from '../../electron/engine/platform/workers.ts';
import { sqliteJobNamed } from '../../electron/engine/settings-store.ts';
import { runCli } from '../support/faulty-cli.ts';
import { tryAll } from '../support/lanes.ts';
import {
  askCatalog,
  catalogProblems,
  filesOf,
  makeScene,
  rowsOf,
  type Scene,
  storedManifests,
  storedNames,
  storedProblems,
} from '../support/scene.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { openTestEngine } from '../support/test-engine.ts';

/** An event of a run, counted from 1 among those of its kind. */
interface Moment {
  readonly type: EngineEvent['type'];
  readonly step: string;
  readonly nth: number;
}

type Operation = (engine: Engine, scene: Scene, signal: AbortSignal) => Promise<unknown>;

const makeCancelScene = (root: string) => makeScene(root, { live: 'wal-and-shm', daysBack: [1] });
const targetOf = ({ root }: Scene) => join(root, 'restored', 'new.db');

const backUp: Operation = (engine, _, signal) =>
  runBackup(engine, { job: sqliteJobNamed(engine.settings.current, 'notes'), trigger: 'manual', retain: true, signal });
const verify: Operation = (engine, _, signal) => verifySnapshot(engine, findSnapshot(engine.catalog, 'notes'), 'full', signal);
const replace: Operation = (engine, { live }, signal) => restoreInPlace(contextOf(engine), { ...requestOf(engine, signal), target: live });
const restore: Operation = async (engine, scene, signal) => {
  await mkdir(dirname(targetOf(scene)), { recursive: true });
  return restoreToFile(contextOf(engine), { ...requestOf(engine, signal), target: targetOf(scene), force: false });
};
const undo: Operation = async (engine, _, signal) => {
  const done = engine.catalog.restores().find(({ state }) => state === 'done');
  if (!done) throw new Error('there is no restore to undo');
  return undoRestore(engine, contextOf(engine), done, signal);
};

function contextOf({ ports, log, settings, emit, catalog }: Engine): RestoreContext {
  return { ports, log, preferences: settings.current.preferences, protectedFolders: [], emit, record: catalog };
}

function requestOf(engine: Engine, signal: AbortSignal) {
  return { manifest: findSnapshot(engine.catalog, 'notes').manifest, copies: [engine.destination('usb')], signal };
}

/** What came of an operation that was cancelled at a moment. */
interface Cancelled {
  /** The error's code, or `done` where it was too late. */
  readonly end: string;
  readonly lastEvent: EngineEvent | undefined;
  /** Workers that still run when the operation has settled. */
  readonly workersLeft: number;
}

async function runUntil(scene: Scene, operation: Operation, onEvent: (event: EngineEvent, cancel: () => void) => void): Promise<Cancelled> {
  let workersLeft = 0;
  const workers: typeof forkedWorkers = {
    start: (entry) => {
      const worker = forkedWorkers.start(entry);
      workersLeft++;
      worker.onExit(() => workersLeft--);
      return worker;
    },
  };
  const engine = await openTestEngine(scene.root, { host: hostname(), workers });
  const stop = new AbortController();
  let lastEvent: EngineEvent | undefined;
  engine.listen((event) => {
    lastEvent = event;
    onEvent(event, () => stop.abort());
  });
  try {
    const end = await operation(engine, scene, stop.signal).then(
      () => 'done',
      (error: unknown) => errorFacts(error).code,
    );
    return { end, lastEvent, workersLeft };
  } finally {
    engine.close();
  }
}

/** Every moment at which an operation tells that a step begins, goes on or ends. */
async function momentsOf(operation: Operation, make: (root: string) => Promise<Scene>): Promise<Moment[]> {
  await using folder = await makeTempFolder();
  const moments: Moment[] = [];
  const { end } = await runUntil(await make(join(folder.path, 'scene')), operation, (event) => {
    if (!('step' in event)) return;
    const nth = 1 + moments.filter(({ type, step }) => type === event.type && step === event.step).length;
    moments.push({ type: event.type, step: event.step, nth });
  });
  expect(end).toBe('done');
  return moments;
}

function cancelAt(scene: Scene, operation: Operation, moment: Moment): Promise<Cancelled> {
  let seen = 0;
  return runUntil(scene, operation, (event, cancel) => {
    if (event.type === moment.type && 'step' in event && event.step === moment.step && ++seen === moment.nth) cancel();
  });
}

type Judge = (scene: Scene, cancelled: Cancelled, before: { rows: string; files: Record<string, string> }) => Promise<string[]>;

/** Cancels an operation at each of its moments and resolves to all that was wrong afterwards. */
async function cancelEverywhere(name: string, operation: Operation, judge: Judge, make = makeCancelScene): Promise<string[]> {
  const moments = await momentsOf(operation, make);
  process.stdout.write(`${name}: cancelled at ${moments.length} moments\n`);
  const nameOf = ({ type, step, nth }: Moment) => `${type} ${step} (${nth})`;
  return tryAll(moments, make, nameOf, async (scene, moment) => {
    const before = { rows: await rowsOf(scene.live), files: await contentOf(scene) };
    const cancelled = await cancelAt(scene, operation, moment);
    const { end, lastEvent, workersLeft } = cancelled;
    const staged = await readdir(join(scene.home, 'staging'));
    const problems = staged.map((entry) => `${entry} is left in staging`);
    if (end !== 'cancelled' && end !== 'done') problems.push(`ended with ${end}`);
    if (workersLeft > 0) problems.push(`${workersLeft} workers are left`);
    const status = lastEvent?.type === 'run-finished' ? lastEvent.status : lastEvent?.type;
    if (end === 'cancelled' && status !== 'cancelled') problems.push(`the last that is told of it is ${status}`);
    return [...problems, ...(await judge(scene, cancelled, before))];
  });
}

/** The files of the live database that hold content; its index is for readers to change. */
async function contentOf({ live }: Scene): Promise<Record<string, string>> {
  const { '-shm': _, ...content } = await filesOf(live);
  return content;
}

const judgeBackup: Judge = async (scene, { end }, { files }) => {
  const manifests = await storedManifests(scene);
  const names = await storedNames(scene);
  const alone = names.filter((name) => name.endsWith('.db.gz') && !names.includes(name.replace('.db.gz', '.json')));
  const problems = [...(await storedProblems(scene)), ...alone.map((name) => `${name} is left without a manifest`)];
  if (end === 'done' && manifests.length !== 2) problems.push('it is said to be done, and there is no new snapshot');
  const parts = (await readdir(scene.stored)).filter((name) => name.startsWith('.'));
  problems.push(...parts.map((name) => `${name} is left at the destination`));
  if (JSON.stringify(await contentOf(scene)) !== JSON.stringify(files)) problems.push('the source was touched');
  const [run] = askCatalog(scene, (catalog) => catalog.runs({ job: 'notes' }));
  if (end === 'cancelled' && run?.status !== 'cancelled') problems.push(`the run is ${run?.status}`);
  if (run?.steps.some(({ status }) => status === 'running')) problems.push('a step is running for ever');
  const next = await runUntil(scene, backUp, () => {});
  return [...problems, ...(next.end === 'done' ? [] : [`the next run ends with ${next.end}`]), ...(await catalogProblems(scene))];
};

const judgeVerification: Judge = async (scene) => {
  const copies = askCatalog(scene, (catalog) => catalog.snapshots('notes')).flatMap((snapshot) => snapshot.copies);
  return copies.some(({ failure }) => failure !== undefined) ? ['the copy is said to have failed'] : [];
};

/** Cancelled means that the former database is in place, byte for byte; done means that the new one is. */
const judgeReplacement: Judge = async (scene, { end }, { files, rows }) => {
  const found = await contentOf(scene);
  const isFormer = JSON.stringify(found) === JSON.stringify(files);
  const problems: string[] = [];
  if (!/^[0-9a-f]{64}$/.test(await rowsOf(scene.live))) problems.push(`the live database is damaged: ${await rowsOf(scene.live)}`);
  if (end === 'cancelled' && !isFormer)
    problems.push(`it is said to be cancelled, and the live database was changed (rows: ${(await rowsOf(scene.live)) === rows})`);
  if (end === 'done' && isFormer) problems.push('it is said to be done, and the former database is in place');
  const [record] = askCatalog(scene, (catalog) => catalog.restores());
  const wanted = end === 'done' ? 'done' : 'failed';
  if (record?.state !== wanted) problems.push(`the restore is ${record?.state} in the catalog`);
  const keptFolders = (await readdir(dirname(scene.live))).filter((name) => name.endsWith(`.before-${record?.id}`));
  if (keptFolders.length !== (end === 'done' ? 1 : 0)) problems.push(`${keptFolders.length} folders of kept files are there`);
  const parts = (await readdir(dirname(scene.live))).filter((name) => name.startsWith('.'));
  return [...problems, ...parts.map((name) => `${name} is left beside the database`)];
};

const judgeRestore: Judge = async (scene, { end }) => {
  const left = await readdir(dirname(targetOf(scene)));
  if (end === 'done')
    return existsSync(targetOf(scene)) && left.length === 1 ? [] : [`it is said to be done, and there is ${left.join(', ')}`];
  return left.map((name) => `${name} is left`);
};

describe('a cancelled', () => {
  it('backup leaves nothing unfinished, at whatever step', async () => {
    expect(await cancelEverywhere('backup', backUp, judgeBackup)).toEqual([]);
  }, 240_000);

  it('full verification leaves nothing behind and says nothing against the copy', async () => {
    expect(await cancelEverywhere('verify --full', verify, judgeVerification)).toEqual([]);
  }, 240_000);

  it('restore to a file leaves no file', async () => {
    expect(await cancelEverywhere('restore to a file', restore, judgeRestore)).toEqual([]);
  }, 240_000);

  it('restore in place leaves the former database, or has taken place', async () => {
    expect(await cancelEverywhere('restore in place', replace, judgeReplacement)).toEqual([]);
  }, 240_000);

  it('undo leaves the present database, or has taken place', async () => {
    const make = async (root: string) => {
      const scene = await makeCancelScene(root);
      await runUntil(scene, replace, () => {});
      return scene;
    };
    expect(await cancelEverywhere('undo', undo, judgeReplacement, make)).toEqual([]);
  }, 240_000);
});

describe('a run that outlasts its limit', () => {
  it('ends at once although its worker waits for a lock, with exit code 124, and leaves nothing', async () => {
    await using folder = await makeTempFolder();
    const scene = await makeScene(join(folder.path, 'scene'), { live: 'rollback', daysBack: [1] });
    await setLimit(scene, 1);
    const source = await filesOf(scene.live);
    const blocker = new Database(scene.live);
    blocker.exec('BEGIN EXCLUSIVE');
    const startedMs = performance.now();
    const ended = await runCli(scene.home, ['backup', 'notes']);
    const elapsedMs = performance.now() - startedMs;
    blocker.close();

    expect(ended).toMatchObject({ code: 124, document: { error: { code: 'timed-out' } } });
    // A busy machine may take its time; a worker that is waited for would take the minute that it waits for the lock.
    expect(elapsedMs).toBeLessThan(15_000);
    const [run] = askCatalog(scene, (catalog) => catalog.runs({ job: 'notes' }));
    expect(run).toMatchObject({ status: 'failed', error: { code: 'timed-out' }, steps: [{ name: 'guard', status: 'failed' }] });
    expect(await readdir(join(scene.home, 'staging'))).toEqual([]);
    expect(await filesOf(scene.live)).toEqual(source);
    await setLimit(scene, 600);
    expect(await runCli(scene.home, ['backup', 'notes'])).toMatchObject({ code: 0 });
    expect(await catalogProblems(scene)).toEqual([]);
  });
});

async function setLimit(scene: Scene, limitSeconds: number): Promise<void> {
  const engine = await openTestEngine(scene.root);
  engine.settings.change((settings) => ({
    ...settings,
    jobs: settings.jobs.map((job) => ({ ...job, limitSeconds, lockWaitSeconds: 60 })),
  }));
  engine.close();
}

it('a verification can be ended by its id, as a run can', async () => {
  await using folder = await makeTempFolder();
  const scene = await makeCancelScene(folder.path);
  const { end, lastEvent } = await runUntil(
    scene,
    async (engine, ...rest) => {
      engine.listen((event) => {
        if (event.type === 'step-started' && event.step === 'fetch') cancelRun(engine, event.runId);
      });
      await verify(engine, ...rest).finally(() => expect(engine.cancels.size).toBe(0));
    },
    () => {},
  );
  expect([end, lastEvent]).toMatchObject(['cancelled', { type: 'run-finished', status: 'cancelled' }]);
  expect(await judgeVerification(scene, { end, lastEvent, workersLeft: 0 }, { rows: '', files: {} })).toEqual([]);
});
