import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RestoreRecord } from '../../electron/engine/catalog/rows.ts';
import { type Ended, listMutations, runCli } from '../support/faulty-cli.ts';
import { changesFrom, type FaultPoint, killPoints, nameOfPoint, sampleOf, tryAll } from '../support/lanes.ts';
import { filesOf, type LiveState, leaveLive, makeScene, rowsOf, type Scene } from '../support/scene.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { openTestEngine } from '../support/test-engine.ts';

const inPlace = ['restore', 'notes', '--in-place', '--yes'];
const toFile = ['restore', 'notes', '--to'];
const sceneOf = (live: LiveState) => (root: string) => makeScene(root, { live, daysBack: [1] });

/** A scene in which a restore in place was made, and its database has changed since. */
interface RestoredScene extends Scene {
  readonly undo: readonly string[];
  /** The files from before the restore. */
  readonly former: Record<string, string>;
  readonly formerRows: string;
}

function restoredScene(former: LiveState | 'nothing', since: LiveState) {
  return async (root: string): Promise<RestoredScene> => {
    const scene = await sceneOf(former === 'nothing' ? 'rollback' : former)(root);
    if (former === 'nothing') await rm(scene.live);
    const [files, formerRows] = [await filesOf(scene.live), await rowsOf(scene.live)];
    const { document } = await runCli(scene.home, inPlace);
    await leaveLive(scene.live, since, 'many', 150);
    return { ...scene, undo: ['restore', '--undo', (document as { undo: string }).undo], former: files, formerRows };
  };
}

/** The rows after a command that nobody disturbs, and the changes that it makes. */
async function undisturbed<S extends Scene>(make: (root: string) => Promise<S>, argsOf: (scene: S) => readonly string[], role?: 'worker') {
  await using folder = await makeTempFolder();
  const scene = await make(join(folder.path, 'scene'));
  const { ended, mutations } = await listMutations(scene.home, argsOf(scene), role);
  expect(`${ended.code} ${ended.stdout}`).toMatch(/^0 /);
  return { mutations, rows: await rowsOf(scene.live) };
}

/** Opens the next engine, which puts in order what it finds, and tells the restores that it knows. */
async function restoresAfterStart(scene: Scene): Promise<RestoreRecord[]> {
  const engine = await openTestEngine(scene.root);
  try {
    return engine.catalog.restores();
  } finally {
    engine.close();
  }
}

/** What is wrong with a killed restore: with the database as SQLite alone finds it, and then with what the next start makes of it. */
async function afterwards(scene: Scene, mode: RestoreRecord['mode'], rows: { before: string; after: string }) {
  const found = await rowsOf(scene.live);
  const problems: string[] = [];
  if (found !== rows.before && found !== rows.after) problems.push(`the live database is neither the former nor the new one: ${found}`);
  const record = (await restoresAfterStart(scene)).find((restore) => restore.mode === mode);
  const parts = (await readdir(dirname(scene.live))).filter((name) => name.startsWith('.'));
  problems.push(...parts.map((name) => `${name} is left beside the database`));
  if ((await rowsOf(scene.live)) !== found) problems.push('the next start changed the live database');
  const isReplaced = found === rows.after;
  if ((record?.state === 'done') !== isReplaced) {
    problems.push(`the ${isReplaced ? 'new' : 'former'} database is in place, and the ${mode} restore is said to be ${record?.state}`);
  }
  return { problems, record };
}

function endProblems({ signal, code, stdout }: Ended, { act, role }: FaultPoint): string[] {
  const outlivesWorker = role === 'worker' && code === 1 && /"worker-crashed"/.test(stdout);
  const isExpected = signal === 'SIGKILL' || outlivesWorker || (act === 'kill-after' && code === 0);
  return isExpected ? [] : [`was not killed, and ended with ${code}: ${stdout}`];
}

function differences(expected: Record<string, string>, found: Record<string, string>): string[] {
  const endings = [...new Set([...Object.keys(expected), ...Object.keys(found)])];
  return endings
    .filter((ending) => expected[ending] !== found[ending])
    .map((ending) => `after the undo, "notes.db${ending}" is not what it was`);
}

/** Kills a restore in place at a point, and undoes it where it had taken place. */
function killInPlace(rows: { after: string }) {
  return async (scene: Scene, point: FaultPoint): Promise<string[]> => {
    const [files, before] = [await filesOf(scene.live), await rowsOf(scene.live)];
    const killed = await runCli(scene.home, inPlace, point);
    const { problems, record } = await afterwards(scene, 'in-place', { before, ...rows });
    problems.push(...endProblems(killed, point));
    if (record?.state !== 'done') return problems;
    const undone = await runCli(scene.home, ['restore', '--undo', record.id]);
    if (undone.code !== 0) return [...problems, `it cannot be undone: ${undone.stdout}`];
    return [...problems, ...differences(files, await filesOf(scene.live))];
  };
}

/** Kills an undo at a point; whether it had taken place or not, it can be done again, to its end. */
async function killUndo(scene: RestoredScene, point: FaultPoint): Promise<string[]> {
  const before = await rowsOf(scene.live);
  const killed = await runCli(scene.home, scene.undo, point);
  const { problems } = await afterwards(scene, 'undo', { before, after: scene.formerRows });
  problems.push(...endProblems(killed, point));
  const again = await runCli(scene.home, scene.undo);
  if (again.code !== 0) return [...problems, `it cannot be undone again: ${again.stdout}`];
  return [...problems, ...differences(scene.former, await filesOf(scene.live))];
}

describe('a restore in place that is killed', () => {
  it('leaves the former or the new database at every single change, where rows were only in the WAL', async () => {
    const { mutations, rows } = await undisturbed(sceneOf('wal'), () => inPlace);
    const points = killPoints(changesFrom(mutations, 'INSERT INTO restore'));
    process.stdout.write(`restore in place of a WAL database: ${points.length} kill points\n`);
    expect(await tryAll(points, sceneOf('wal'), nameOfPoint, killInPlace({ after: rows }))).toEqual([]);
  }, 240_000);

  it.for(['wal-and-shm', 'rollback', 'hot-journal'] as const)('does so for one left as %s', { timeout: 240_000 }, async (live) => {
    const { mutations, rows } = await undisturbed(sceneOf(live), () => inPlace);
    const points = sampleOf(killPoints(changesFrom(mutations, 'UPDATE restore')), 6);
    process.stdout.write(`restore in place of ${live}: ${points.length} kill points\n`);
    expect(await tryAll(points, sceneOf(live), nameOfPoint, killInPlace({ after: rows }))).toEqual([]);
  });

  it.for(['kill-both', 'kill-before', 'kill-after'] as const)(
    'does so when a worker dies (%s), alone or with it',
    { timeout: 240_000 },
    async (act) => {
      const { mutations, rows } = await undisturbed(sceneOf('wal-and-shm'), () => inPlace, 'worker');
      const points = mutations.map((mutation) => ({ role: 'worker', act, at: mutation.n, mutation }) as const);
      process.stdout.write(`restore in place, ${act} of its workers: ${points.length} kill points\n`);
      expect(await tryAll(points, sceneOf('wal-and-shm'), nameOfPoint, killInPlace({ after: rows }))).toEqual([]);
    },
  );

  it('tells the truth also when the start after it is killed', async () => {
    const { mutations, rows } = await undisturbed(sceneOf('wal'), () => inPlace);
    const swap = mutations.find(({ op, what }) => op === 'rename' && what.endsWith(`/database -> ${what.split(' -> ')[1]}`));
    if (!swap) throw new Error('nothing is renamed into place');
    const firsts = (['kill-before', 'kill-after'] as const).map((act) => ({ role: 'main', at: swap.n, act, mutation: swap }) as const);
    const pairs = (await Promise.all(firsts.map(startsAfter))).flat();
    process.stdout.write(`start after a killed restore in place: ${pairs.length} kill points\n`);
    const attempt = async (scene: Scene, { first, second }: KilledTwice) => {
      const before = await rowsOf(scene.live);
      await runCli(scene.home, inPlace, first);
      await runCli(scene.home, ['restore', '--list'], second);
      return (await afterwards(scene, 'in-place', { before, after: rows })).problems;
    };
    const nameOf = ({ first, second }: KilledTwice) => `${nameOfPoint(first)}, then ${nameOfPoint(second)}`;
    expect(await tryAll(pairs, sceneOf('wal'), nameOf, attempt)).toEqual([]);
  }, 240_000);

  it('is not listed as having kept anything where it has not', async () => {
    const { mutations } = await undisturbed(sceneOf('rollback'), () => inPlace);
    const attempt = async (scene: Scene, point: FaultPoint) => {
      await runCli(scene.home, inPlace, point);
      const { document } = await runCli(scene.home, ['restore', '--list']);
      const missing = (document as { id: string; kept: string | null }[]).filter(({ kept }) => kept !== null && !existsSync(kept));
      return missing.map(({ kept }) => `${kept} is not there`);
    };
    const points = killPoints(mutations.filter(({ op, what }) => op === 'mkdir' || what.startsWith('UPDATE restore')));
    expect(await tryAll(points, sceneOf('rollback'), nameOfPoint, attempt)).toEqual([]);
  }, 240_000);
});

interface KilledTwice {
  readonly first: FaultPoint;
  readonly second: FaultPoint;
}

/** A restore that is killed at this point, with every point at which the start after it can be killed. */
async function startsAfter(first: FaultPoint): Promise<KilledTwice[]> {
  await using folder = await makeTempFolder();
  const scene = await sceneOf('wal')(join(folder.path, 'scene'));
  await runCli(scene.home, inPlace, first);
  const { mutations } = await listMutations(scene.home, ['restore', '--list']);
  return killPoints(changesFrom(mutations, 'UPDATE run_step')).map((second) => ({ first, second }));
}

describe('an undo that is killed', () => {
  it('leaves the present or the former database at every single change, both with rows only in the WAL', async () => {
    const make = restoredScene('wal-and-shm', 'wal');
    const { mutations } = await undisturbed(make, ({ undo }) => undo);
    const points = sampleOf(killPoints(changesFrom(mutations, 'INSERT INTO restore')), 16);
    process.stdout.write(`undo of a WAL database: ${points.length} kill points\n`);
    expect(await tryAll(points, make, nameOfPoint, killUndo)).toEqual([]);
  }, 240_000);

  it.for([
    ['rollback', 'rollback'],
    ['hot-journal', 'hot-journal'],
    ['nothing', 'wal'],
  ] as const)('does so for one left as %s and now %s', { timeout: 240_000 }, async ([former, since]) => {
    const make = restoredScene(former, since);
    const { mutations } = await undisturbed(make, ({ undo }) => undo);
    const points = sampleOf(killPoints(changesFrom(mutations, 'UPDATE restore')), 6);
    process.stdout.write(`undo of ${former}: ${points.length} kill points\n`);
    expect(await tryAll(points, make, nameOfPoint, killUndo)).toEqual([]);
  });
});

describe('an undo whose worker dies with it', () => {
  it('leaves the present or the former database', async () => {
    const make = restoredScene('wal-and-shm', 'wal');
    const { mutations } = await undisturbed(make, ({ undo }) => undo, 'worker');
    const points = mutations.map((mutation) => ({ role: 'worker', act: 'kill-both', at: mutation.n, mutation }) as const);
    process.stdout.write(`undo, with its workers: ${points.length} kill points\n`);
    expect(await tryAll(points, make, nameOfPoint, killUndo)).toEqual([]);
  }, 240_000);
});

describe('a restore to a new file that is killed', () => {
  it('leaves no file or a whole one at every single change', async () => {
    const targetOf = (scene: Scene) => join(scene.root, 'restored', 'new.db');
    const make = async (root: string) => {
      const scene = await sceneOf('rollback')(root);
      await mkdir(dirname(targetOf(scene)));
      return scene;
    };
    await using folder = await makeTempFolder();
    const first = await make(join(folder.path, 'scene'));
    const { mutations } = await listMutations(first.home, [...toFile, targetOf(first)]);
    const rows = await rowsOf(targetOf(first));
    const points = killPoints(changesFrom(mutations, 'INSERT INTO restore'));
    process.stdout.write(`restore to a file: ${points.length} kill points\n`);
    const attempt = async (scene: Scene, point: FaultPoint) => {
      const target = targetOf(scene);
      const killed = await runCli(scene.home, [...toFile, target], point);
      const problems = endProblems(killed, point);
      const isThere = existsSync(target);
      if (isThere && (await rowsOf(target)) !== rows) problems.push('the new file is not whole');
      const state = (await restoresAfterStart(scene))[0]?.state;
      if ((state === 'done') !== isThere)
        problems.push(`the file is ${isThere ? 'there' : 'absent'}, and the restore is said to be ${state}`);
      const left = (await readdir(dirname(target))).filter((name) => name !== basename(target));
      return [...problems, ...left.map((name) => `${name} is left beside the target`)];
    };
    expect(await tryAll(points, make, nameOfPoint, attempt)).toEqual([]);
  }, 240_000);
});
