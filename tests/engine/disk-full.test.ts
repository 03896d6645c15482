import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { errorFacts } from '../../electron/domain/errors.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { runBackup } from '../../electron/engine/operations/backup.ts';
import { findSnapshot } from '../../electron/engine/operations/find-snapshot.ts';
import { restoreInPlace } from '../../electron/engine/operations/restore.ts';
import { sqliteJobNamed } from '../../electron/engine/settings-store.ts';
import { type Ended, listMutations, runCli } from '../support/faulty-cli.ts';
import { type FaultPoint, fullPoints, nameOfPoint, sampleOf, tryAll } from '../support/lanes.ts';
import {
  askCatalog,
  catalogProblems,
  filesOf,
  type LiveState,
  makeScene,
  rowsOf,
  type Scene,
  storedNames,
  storedProblems,
} from '../support/scene.ts';
import { mountSmallDisk } from '../support/small-disk.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { openTestEngine } from '../support/test-engine.ts';

const backup = ['backup', 'notes'];
const inPlace = ['restore', 'notes', '--in-place', '--yes'];
const backupScene = (root: string) => makeScene(root, { live: 'rollback', daysBack: [1, 40], keepDaily: 2 });
const restoreScene = (root: string) => makeScene(root, { live: 'wal', daysBack: [1] });

async function pointsOf(make: (root: string) => Promise<Scene>, argsOf: (scene: Scene) => readonly string[]) {
  await using folder = await makeTempFolder();
  const scene = await make(join(folder.path, 'scene'));
  const { ended, mutations } = await listMutations(scene.home, argsOf(scene), 'main', 'full-once');
  expect(`${ended.code} ${ended.stdout}`).toMatch(/^0 /);
  return { points: sampleOf(fullPoints(mutations), 16), rows: await rowsOf(scene.live) };
}

/** What is wrong with how a command ended for which the disk was full: it may have done without, or says that it was full. */
function endProblems({ code, signal, document, stderr }: Ended): string[] {
  if (code === 0) return [];
  const { error } = (document ?? {}) as { error?: { code: string; message: string; hint?: string } };
  const problems: string[] = [];
  if (code !== 1 || error?.code !== 'disk-full') problems.push(`ended with ${code ?? signal}: ${JSON.stringify(document)}`);
  if (!/full/.test(error?.message ?? '')) problems.push(`does not say that the disk is full: ${error?.message}`);
  if (error?.hint === undefined) problems.push('does not say what to do');
  if (/^ +at /m.test(stderr)) problems.push(`prints a stack: ${stderr.slice(0, 300)}`);
  return problems;
}

async function leftIn(folder: string, what: (name: string) => boolean = () => true): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).filter(what).map((name) => `${name} is left in ${folder}`);
}

/** A failed run says so in the catalog; one that could not even write that is found interrupted by the next start. */
function runProblems(scene: Scene, { act }: FaultPoint, { code }: Ended): string[] {
  if (code === 0) return [];
  const run = askCatalog(scene, (catalog) => catalog.runs({ job: 'notes' }))[0];
  if (!run || (run.status === 'failed' && run.error?.code === 'disk-full')) return [];
  return act === 'full-from' && run.status === 'running' ? [] : [`the run is ${run.status} (${run.error?.code}: ${run.error?.message})`];
}

describe('a disk that is full at any change', () => {
  it('makes a backup fail cleanly, or do without, and the next one succeeds', async () => {
    const { points } = await pointsOf(backupScene, () => backup);
    process.stdout.write(`backup on a full disk: ${points.length} points\n`);
    const attempt = async (scene: Scene, point: FaultPoint) => {
      const source = await filesOf(scene.live);
      const ended = await runCli(scene.home, backup, point);
      const problems = [...endProblems(ended), ...(await judgeBackup(scene)), ...runProblems(scene, point, ended)];
      if (JSON.stringify(await filesOf(scene.live)) !== JSON.stringify(source)) problems.push('the source was touched');
      const next = await runCli(scene.home, backup);
      if (next.code !== 0) return [...problems, `the next run ends with ${next.code}: ${next.stdout}`];
      return [...problems, ...(await judgeBackup(scene)), ...(await catalogProblems(scene))];
    };
    expect(await tryAll(points, backupScene, nameOfPoint, attempt)).toEqual([]);
  }, 240_000);

  it('leaves the former or the new database of a restore in place, whole, and says which', async () => {
    const { points, rows } = await pointsOf(restoreScene, () => inPlace);
    process.stdout.write(`restore in place on a full disk: ${points.length} points\n`);
    const attempt = async (scene: Scene, point: FaultPoint) => {
      const before = await rowsOf(scene.live);
      const ended = await runCli(scene.home, inPlace, point);
      const found = await rowsOf(scene.live);
      const problems = endProblems(ended);
      if (found !== before && found !== rows) problems.push(`the live database is neither the former nor the new one: ${found}`);
      if (ended.code === 0 && found !== rows) problems.push('it is said to be done, and the former database is in place');
      problems.push(...(await leftIn(dirname(scene.live), (name) => name.startsWith('.'))));
      const engine = await openTestEngine(scene.root);
      const [record] = engine.catalog.restores();
      engine.close();
      if ((record?.state === 'done') !== (found === rows)) {
        problems.push(`the ${found === rows ? 'new' : 'former'} database is in place, and the restore is said to be ${record?.state}`);
      }
      const kept = await leftIn(dirname(scene.live), (name) => name.includes('.before-'));
      if (record?.state !== 'done') problems.push(...kept);
      const next = await runCli(scene.home, inPlace);
      return next.code === 0 && (await rowsOf(scene.live)) === rows
        ? problems
        : [...problems, `the next restore ends with ${next.code}: ${next.stdout}`];
    };
    expect(await tryAll(points, restoreScene, nameOfPoint, attempt)).toEqual([]);
  }, 240_000);

  it('leaves nothing of a restore to a new file, or all of it', async () => {
    const targetOf = (scene: Scene) => join(scene.root, 'restored', 'new.db');
    const argsOf = (scene: Scene) => ['restore', 'notes', '--to', targetOf(scene)];
    const make = async (root: string) => {
      const scene = await restoreScene(root);
      await mkdir(dirname(targetOf(scene)));
      return scene;
    };
    const { points } = await pointsOf(make, argsOf);
    process.stdout.write(`restore to a file on a full disk: ${points.length} points\n`);
    const attempt = async (scene: Scene, point: FaultPoint) => {
      const ended = await runCli(scene.home, argsOf(scene), point);
      const problems = [...endProblems(ended), ...(await leftIn(dirname(targetOf(scene)), (name) => name !== 'new.db'))];
      const integrity = existsSync(targetOf(scene)) ? await rowsOf(targetOf(scene)) : 'absent';
      if (!/^[0-9a-f]{64}$|^absent$/.test(integrity)) problems.push(`the new file is not whole: ${integrity}`);
      if (ended.code === 0 && integrity === 'absent') problems.push('it is said to be done, and there is no file');
      return problems;
    };
    expect(await tryAll(points, make, nameOfPoint, attempt)).toEqual([]);
  }, 240_000);
});

/**
 * A run that lives to fail takes its object away again; only one that was killed may leave it for a day. What retention could not
 * finish is known as expired, and the next run finishes it.
 */
async function objectsAlone(scene: Scene): Promise<string[]> {
  const names = await storedNames(scene);
  const expired = askCatalog(scene, (catalog) => catalog.expiredManifests('notes', 'usb')).map(({ object }) => object.name);
  const objects = names.filter((name) => name.endsWith('.db.gz') && !expired.includes(name));
  const alone = objects.filter((name) => !names.includes(name.replace('.db.gz', '.json')));
  return alone.map((name) => `${name} is left without a manifest`);
}

describe('a small disk that is really full', () => {
  const diskBytes = 32 * 1024 * 1024;
  /** Makes a scene of which one folder is a disk of its own, tries with ever more room there until there is enough. */
  async function withRoom(context: TestContext, folder: 'home' | 'usb' | 'data', live: LiveState, operation: Operation): Promise<Tried> {
    await using temp = await makeTempFolder();
    const root = join(temp.path, 'scene');
    const disk = await mountSmallDisk(join(root, folder), diskBytes);
    if (typeof disk === 'string') {
      process.stdout.write(`NOT TRIED, a real full disk as ${folder}: ${disk}\n`);
      return context.skip(disk);
    }
    await using _ = disk;
    const scene = await makeScene(root, { live, daysBack: [1, 2] });
    const problems: string[] = [];
    const ends: string[] = [];
    for (let kibibytes = 0; ends.at(-1) !== 'done'; kibibytes += stepAfter(ends.at(-1))) {
      await disk.leave(kibibytes * 1024);
      const end = await endOf(scene, operation);
      await disk.leave(diskBytes);
      ends.push(end);
      const found = await operation.judge(scene, end);
      if (!end.startsWith('disk-full') && end !== 'done') found.push(`ended with ${end}`);
      problems.push(...found.map((problem) => `${kibibytes} KiB: ${problem}`));
    }
    process.stdout.write(`${folder} of ever more room: ${[...new Set(ends)].join(', ')} (${ends.length} sizes)\n`);
    return { problems, ends };
  }

  it('as the data folder makes a backup fail as disk-full, also inside SQLite, and leaves nothing', async (context) => {
    const { problems, ends } = await withRoom(context, 'home', 'rollback', { run: backUp, judge: judgeBackup });
    expect(problems).toEqual([]);
    expect(ends).toContain('disk-full in snapshot');
  });

  it('as the destination makes a backup fail as disk-full, and leaves nothing there', async (context) => {
    const { problems, ends } = await withRoom(context, 'usb', 'rollback', { run: backUp, judge: judgeBackup });
    expect(problems).toEqual([]);
    expect(ends).toContain('disk-full in send');
  });

  it.for(['wal', 'rollback'] as const)(
    'as the place of the live database (%s) leaves it whole',
    { timeout: 240_000 },
    async (live, context) => {
      let before: string | undefined;
      const judge: Operation['judge'] = async (scene, end) => {
        const rows = await rowsOf(scene.live);
        const parts = await leftIn(dirname(scene.live), (name) => name.startsWith('.') && name !== '.ballast');
        if (end === 'done') return parts;
        before ??= rows;
        const isWhole = rows === before && /^[0-9a-f]{64}$/.test(rows);
        return isWhole ? parts : [...parts, `the live database is not what it was: ${rows}`];
      };
      const { problems, ends } = await withRoom(context, 'data', live, { run: replace, judge });
      expect(problems).toEqual([]);
      expect(ends).toEqual(expect.arrayContaining(['disk-full in fetch', 'disk-full in keep']));
    },
  );
});

interface Tried {
  readonly problems: readonly string[];
  readonly ends: readonly string[];
}

/** Steps that write little have to be met with small ones. */
function stepAfter(end: string | undefined): number {
  if (/send|start/.test(end ?? '')) return 16;
  return /keep|swap/.test(end ?? '') ? 32 : 80;
}

/** What is tried on a full disk, and how it is judged by how it ended. */
interface Operation {
  readonly run: (engine: Engine, scene: Scene) => Promise<unknown>;
  readonly judge: (scene: Scene, end: string) => Promise<string[]>;
}

const { signal } = new AbortController();
const backUp: Operation['run'] = (engine) =>
  runBackup(engine, { job: sqliteJobNamed(engine.settings.current, 'notes'), trigger: 'manual', retain: true, signal });
const replace: Operation['run'] = ({ ports, log, settings, emit, catalog, destination }, { live }) =>
  restoreInPlace(
    { ports, log, preferences: settings.current.preferences, protectedFolders: [], emit, record: catalog },
    { manifest: findSnapshot(catalog, 'notes').manifest, copies: [destination('usb')], target: live, signal },
  );

/** `done`, or the error's code with the step that failed. The guard is told that there is room. */
async function endOf(scene: Scene, { run }: Operation): Promise<string> {
  const disk = { of: async (path: string) => ({ id: 'roomy', path, freeBytes: 1e12, totalBytes: 1e12 }) };
  let failedStep = 'start';
  try {
    const engine = await openTestEngine(scene.root, { host: hostname(), disk });
    engine.listen((event) => {
      if (event.type === 'step-failed') failedStep = event.step;
    });
    try {
      await run(engine, scene);
      return 'done';
    } finally {
      engine.close();
    }
  } catch (error) {
    const { code, message } = errorFacts(error);
    return code === 'disk-full' ? `disk-full in ${failedStep}` : `${code} in ${failedStep} (${message})`;
  }
}

async function judgeBackup(scene: Scene): Promise<string[]> {
  return [
    ...(await storedProblems(scene)),
    ...(await leftIn(join(scene.home, 'staging'))),
    ...(await leftIn(scene.stored, (name) => name.startsWith('.'))),
    ...(await objectsAlone(scene)),
  ];
}

describe('the guard', () => {
  const commands = {
    backup: () => backup,
    'restore to a file': ({ root }: Scene) => ['restore', 'notes', '--to', join(root, 'new.db')],
    'restore in place': () => inPlace,
    'full verification': () => ['verify', 'notes', '--full'],
  };

  it.for(Object.keys(commands) as (keyof typeof commands)[])('refuses a %s with both numbers before anything is created', async (name) => {
    await using folder = await makeTempFolder();
    const scene = await makeScene(join(folder.path, 'scene'), { live: 'wal', daysBack: [1] });
    const engine = await openTestEngine(scene.root);
    engine.settings.change((settings) => ({ ...settings, preferences: { ...settings.preferences, reserveBytes: 1e15 } }));
    engine.close();
    // That a run was refused is known here and at the destination.
    const isRecord = (path: string) => /^home.(catalog|logs)|STATUS\.json$/.test(path);
    const tree = async () => (await readdir(scene.root, { recursive: true })).filter((path) => !isRecord(path)).toSorted();
    const before = await tree();
    const ended = await runCli(scene.home, commands[name](scene));
    expect(ended).toMatchObject({ code: 3, document: { error: { code: 'disk-space-low' } } });
    expect((ended.document as { error: { message: string } }).error.message).toMatch(
      /needs [\d.]+ [kMG]?B .* only [\d.]+ [kMGT]B are free/,
    );
    expect(await tree()).toEqual(before);
  });
});
