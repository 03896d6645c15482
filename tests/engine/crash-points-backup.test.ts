import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { formatObjectName, parseObjectName } from '../../electron/domain/object-name.ts';
import { systemOpenHandles } from '../../electron/engine/platform/open-handles.ts';
import type { OpenHandle } from '../../electron/engine/ports.ts';
import { launcherPath } from '../support/cli.ts';
import { type Ended, listMutations, runCli } from '../support/faulty-cli.ts';
import { changesFrom, type FaultPoint, killPoints, nameOfPoint, sampleOf, tryAll, withoutRepeats } from '../support/lanes.ts';
import {
  askCatalog,
  catalogProblems,
  filesOf,
  type LiveState,
  makeScene,
  type Scene,
  storedManifests,
  storedNames,
  storedProblems,
} from '../support/scene.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

const backup = ['backup', 'notes'];
/** With the new one there are four, of which the oldest goes. */
const daysBack = [1, 2, 40];
const keepDaily = 3;
const sceneOf =
  (live: LiveState, edits: 'few' | 'many' = 'many') =>
  (root: string) =>
    makeScene(root, { live, edits, daysBack, keepDaily });

async function mutationsOf(live: LiveState, role?: 'worker', edits?: 'few') {
  await using folder = await makeTempFolder();
  const scene = await sceneOf(live, edits)(join(folder.path, 'scene'));
  const { ended, mutations } = await listMutations(scene.home, backup, role);
  expect(`${ended.code} ${ended.stdout}`).toMatch(/^0 /);
  expect((await storedNames(scene)).some((name) => name.endsWith('.delta.gz'))).toBe(edits === 'few');
  return mutations;
}

async function attempt(scene: Scene, point: FaultPoint, goesOn = false): Promise<string[]> {
  const source = await filesOf(scene.live);
  const kept = (await storedManifests(scene)).map(({ id }) => id).slice(-2);
  const killed = await runCli(scene.home, backup, point);
  const problems = [
    ...(goesOn && killed.code === 0 ? [] : endProblems(killed, point)),
    ...(await storedProblems(scene)),
    ...lost(kept, await storedManifests(scene)),
    ...sourceProblems(source, await filesOf(scene.live)),
  ];
  const next = await runCli(scene.home, backup);
  if (next.code !== 0) return [...problems, `the next run ends with ${next.code}: ${next.stdout}${next.stderr}`];
  return [
    ...problems,
    ...(await storedProblems(scene)),
    ...(await catalogProblems(scene)),
    ...lost(kept, await storedManifests(scene)),
    ...sourceProblems(source, await filesOf(scene.live)),
    ...(await readdir(join(scene.home, 'staging'))).map((name) => `${name} is left in staging`),
    ...runProblems(scene, point),
    ...(await orphans(scene)),
  ];
}

function endProblems({ signal, code, stdout }: Ended, { act, role }: FaultPoint): string[] {
  const outlivesWorker = role === 'worker' && code === 1 && /"worker-crashed"/.test(stdout);
  const isExpected = signal === 'SIGKILL' || outlivesWorker || (act === 'kill-after' && code === 0);
  return isExpected ? [] : [`was not killed, and ended with ${code}: ${stdout}`];
}

function lost(ids: readonly string[], manifests: readonly { id: string }[]): string[] {
  return ids.filter((id) => !manifests.some((manifest) => manifest.id === id)).map((id) => `${id} is lost`);
}

/** The index of the WAL is the readers' to change; that it came to be is not. */
function sourceProblems(before: Record<string, string>, after: Record<string, string>): string[] {
  const facts = (files: Record<string, string>) => JSON.stringify({ ...files, ...('-shm' in files ? { '-shm': 'there' } : {}) });
  return facts(before) === facts(after) ? [] : [`the source was touched: ${Object.keys(after).join(' ')}`];
}

function runProblems(scene: Scene, { role }: FaultPoint): string[] {
  const runs = askCatalog(scene, (catalog) => catalog.runs({ job: 'notes' }));
  const [last, killed] = runs;
  const problems: string[] = [];
  if (last?.status !== 'succeeded' && last?.status !== 'warning') problems.push(`the next run is ${last?.status}`);
  const ends = ['interrupted', 'succeeded', 'warning', ...(role === 'worker' ? ['failed'] : [])];
  if (killed && !ends.includes(killed.status)) problems.push(`the killed run is ${killed.status}`);
  if (runs.some(({ steps }) => steps.some(({ status }) => status === 'running'))) problems.push('a step is running for ever');
  return problems;
}

/** An object without its manifest may stay for a day, if the catalog knows of it; otherwise nobody would ever take it away. */
async function orphans(scene: Scene): Promise<string[]> {
  const names = await storedNames(scene);
  const intents = askCatalog(scene, (catalog) => catalog.intents('usb')).map(({ objectName }) => objectName);
  const alone = names.filter((name) => {
    const parsed = parseObjectName(name);
    return parsed !== null && !names.includes(formatObjectName(parsed.stamp, 'manifest'));
  });
  return alone.filter((name) => !intents.includes(`notes/${name}`)).map((name) => `${name} is an orphan that nobody knows`);
}

describe('a backup that is killed', () => {
  it('leaves every snapshot whole and the source untouched at every single change, and the next run puts all in order', async () => {
    const points = sampleOf(killPoints(await mutationsOf('wal')), 20);
    process.stdout.write(`backup of a WAL database: ${points.length} kill points\n`);
    expect(await tryAll(points, sceneOf('wal'), nameOfPoint, attempt)).toEqual([]);
  }, 240_000);

  it.for(['wal-and-shm', 'rollback', 'hot-journal'] as const)('does so for a source left as %s', { timeout: 240_000 }, async (live) => {
    const points = sampleOf(killPoints(changesFrom(await mutationsOf(live), 'INSERT INTO run ')), 10, () => false);
    process.stdout.write(`backup of ${live}: ${points.length} kill points\n`);
    expect(await tryAll(points, sceneOf(live), nameOfPoint, attempt)).toEqual([]);
  });
});

describe('a backup of a delta that is killed', () => {
  it('leaves every snapshot whole, and the next run puts all in order', async () => {
    const points = sampleOf(killPoints(changesFrom(await mutationsOf('wal', undefined, 'few'), 'INSERT INTO run ')), 16, () => false);
    process.stdout.write(`backup of a delta: ${points.length} kill points\n`);
    expect(await tryAll(points, sceneOf('wal', 'few'), nameOfPoint, attempt)).toEqual([]);
  }, 240_000);

  it('fails cleanly or dies with its workers', async () => {
    const mutations = withoutRepeats(await mutationsOf('wal', 'worker', 'few'));
    const points = mutations.map((mutation) => ({ role: 'worker', act: 'kill-both', at: mutation.n, mutation }) as const);
    process.stdout.write(`backup of a delta, kill-both of its workers: ${points.length} kill points\n`);
    expect(await tryAll(points, sceneOf('wal', 'few'), nameOfPoint, attempt)).toEqual([]);
  }, 240_000);
});

describe('a backup whose workers are killed', () => {
  it.for(['kill-both', 'kill-before'] as const)('fails cleanly or dies with them (%s)', { timeout: 240_000 }, async (act) => {
    const mutations = withoutRepeats(await mutationsOf('wal', 'worker'));
    const points = mutations.map((mutation) => ({ role: 'worker', act, at: mutation.n, mutation }) as const);
    process.stdout.write(`backup, ${act} of its workers: ${points.length} kill points\n`);
    expect(await tryAll(points, sceneOf('wal'), nameOfPoint, attempt)).toEqual([]);
  });

  it('goes on by another way where only the one that copies files is killed', { timeout: 240_000 }, async () => {
    const mutations = withoutRepeats(await mutationsOf('wal-and-shm', 'worker'));
    const points = mutations.map((mutation) => ({ role: 'worker', act: 'kill-before', at: mutation.n, mutation }) as const);
    process.stdout.write(`backup under a held read, kill-before of its workers: ${points.length} kill points\n`);
    expect(await tryAll(points, sceneOf('wal-and-shm'), nameOfPoint, (scene, point) => attempt(scene, point, true))).toEqual([]);
  });

  it('leaves none behind that waits for a lock', async () => {
    await using folder = await makeTempFolder();
    const scene = await sceneOf('rollback')(join(folder.path, 'scene'));
    const blocker = new Database(scene.live);
    try {
      blocker.exec('BEGIN EXCLUSIVE');
      const child = spawn(process.execPath, [launcherPath, ...backup, '--home', scene.home], { stdio: 'ignore' });
      const waiting = await untilOpen(scene.live, (handles) => handles.length > 0);
      child.kill('SIGKILL');
      await once(child, 'exit');
      const left = await untilOpen(scene.live, (handles) => handles.length === 0, AbortSignal.timeout(10_000));
      for (const { pid } of left) process.kill(pid, 'SIGKILL');
      expect({ waiting: waiting.length, left: left.length }).toEqual({ waiting: 1, left: 0 });
    } finally {
      blocker.close();
    }
  });
});

/** The other processes that have a file open, as soon as they are as wanted, or at the latest when the signal fires. */
async function untilOpen(
  path: string,
  isWanted: (handles: readonly OpenHandle[]) => boolean,
  signal?: AbortSignal,
): Promise<readonly OpenHandle[]> {
  for (;;) {
    const handles = (await systemOpenHandles.of([path])) ?? [];
    if (isWanted(handles) || signal?.aborted) return handles;
    await wait(20);
  }
}

describe('a start without a catalog that is killed', () => {
  it('is made up for by the next, which finds every snapshot', async () => {
    const snapshots = ['snapshots', 'notes'];
    const make = async (root: string) => {
      const scene = await makeScene(root, { live: 'rollback', daysBack });
      for (const ending of ['', '-wal', '-shm']) await rm(join(scene.home, `catalog.db${ending}`), { force: true });
      return scene;
    };
    await using folder = await makeTempFolder();
    const { mutations } = await listMutations((await make(join(folder.path, 'scene'))).home, snapshots);
    const all = killPoints(mutations).filter(({ act }) => act === 'kill-after');
    const points = sampleOf(all, 20, () => false);
    process.stdout.write(`start without a catalog: ${points.length} kill points\n`);
    const attempt = async (scene: Scene, point: FaultPoint) => {
      await runCli(scene.home, snapshots, point);
      const { document } = await runCli(scene.home, snapshots);
      const found = (document as unknown[]).length;
      return found === daysBack.length ? [] : [`the next start knows ${found} of ${daysBack.length} snapshots`];
    };
    expect(await tryAll(points, make, nameOfPoint, attempt)).toEqual([]);
  }, 240_000);
});
