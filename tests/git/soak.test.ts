import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, readlink, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { type CliSandbox, openSandbox } from '../support/cli.ts';
import { type GitScene, makeGitScene } from '../support/git-remote.ts';
import { type Random, startRandom } from '../support/sample-content.ts';
import { blobOf, type Contents, hirePerson } from './soak-person.ts';
import { startWorker, type Worker } from './soak-worker.ts';
import type { WriterOrder, WriterReport } from './soak-writer.ts';

const sizes = {
  full: { operations: 2000, overMs: 180_000, kills: 10 },
  short: { operations: 300, overMs: 20_000, kills: 3 },
};
const isFull = process.env.NIGHTJAR_SOAK === 'full';
const size = isFull ? sizes.full : sizes.short;
const outside = ['--', '.', ':(exclude)store'];

/** A process that does its operations in the store. Resolves when it has done them all. */
async function runWriter(order: WriterOrder): Promise<WriterReport> {
  const child = fork(new URL('soak-writer.ts', import.meta.url), [JSON.stringify(order)], { execArgv: [] });
  const [report] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`a writer ended with ${code}`);
    }),
  ]);
  return report as WriterReport;
}

/** Instants in their order, each somewhere in a part of the time of its own. */
function spread(count: number, overMs: number, random: Random): number[] {
  return Array.from({ length: count }, (_, at) => ((at + 0.1 + random.below(800) / 1000) * overMs) / count);
}

async function killNowAndThen(worker: Worker, seed: number): Promise<void> {
  const startedMs = performance.now();
  const random = startRandom(seed);
  for (const atMs of spread(size.kills, size.overMs, random)) {
    await wait(Math.max(0, startedMs + atMs - performance.now()));
    await worker.kill(random.below(40));
  }
}

async function takeRemoteAwayTwice({ remote }: GitScene): Promise<void> {
  for (const part of [0.22, 0.15, 0.2, 0.15]) {
    await wait(part * size.overMs);
    const isThere = await stat(remote).catch(() => null);
    if (isThere) await rename(remote, `${remote}.away`);
    else await rename(`${remote}.away`, remote);
  }
}

function entriesOf(output: string): string[] {
  return output.split('\0').filter((entry) => entry !== '');
}

/** Mode and content of every file of a commit, or of the index (`ls-files --stage`), by its path. */
async function trackedFiles(scene: GitScene, folder: string, ...args: readonly string[]): Promise<Record<string, string>> {
  const listed = entriesOf(await scene.gitIn(folder, ...args)).map((entry) => {
    const [mode, ...words] = entry.slice(0, entry.indexOf('\t')).split(' ');
    return [entry.slice(entry.indexOf('\t') + 1), `${mode} ${words.find((word) => word.length === 40)}`] as const;
  });
  return Object.fromEntries(listed.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The same of the files on disk. */
async function filesOnDisk(root: string, folder: string): Promise<Record<string, string>> {
  const found = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  const files: (readonly [string, string])[] = [];
  for (const entry of found) {
    const place = join(entry.parentPath, entry.name);
    const path = place.slice(root.length + 1);
    if (entry.isSymbolicLink()) files.push([path, `120000 ${blobOf(await readlink(place, { encoding: 'buffer' }))}`]);
    else if (entry.isFile()) {
      const mode = ((await stat(place)).mode & 0o100) === 0 ? '100644' : '100755';
      files.push([path, `${mode} ${blobOf(await readFile(place))}`]);
    }
  }
  return Object.fromEntries(files.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function partOf(files: Readonly<Record<string, string>>, isStore: boolean): Record<string, string> {
  return Object.fromEntries(Object.entries(files).filter(([path]) => path.startsWith('store/') === isStore));
}

function plain(contents: Contents): Record<string, string> {
  return Object.fromEntries(Object.entries(contents).map(([path, blob]) => [path, `100644 ${blob}`]));
}

interface LoggedCommit {
  readonly author: string;
  readonly subject: string;
  /** What it changes, such as `M store/a.md`. */
  readonly changes: readonly string[];
}

/** Every commit of the branch, oldest first. */
async function readCommits(scene: GitScene): Promise<LoggedCommit[]> {
  const log = await scene.git('log', '--reverse', '-z', '--no-renames', '--name-status', '--format=%x01%an%x02%s%x02', 'main');
  return log
    .split('\x01')
    .slice(1)
    .map((text) => {
      const [author = '', subject = '', listed = ''] = text.split('\x02');
      const fields = entriesOf(listed.replace(/^\0?\n/, ''));
      return { author, subject, changes: fields.flatMap((letter, at) => (at % 2 === 0 ? [`${letter} ${fields[at + 1]}`] : [])) };
    });
}

/** What commits change at the store, or elsewhere. */
function changesOf(commits: readonly LoggedCommit[], isStore: boolean): string[] {
  return commits.flatMap(({ changes, subject }) =>
    changes.filter((change) => change.slice(2).startsWith('store/') === isStore).map((change) => `${subject}: ${change}`),
  );
}

interface Status {
  readonly safe: boolean;
  readonly items: readonly { readonly item: string; readonly state: string; readonly paths: readonly string[] }[];
}

function readStatus(sandbox: CliSandbox, exitCode: number): Promise<Status> {
  return sandbox.json<Status>(['git', 'status', 'soak', '--home', sandbox.home], exitCode);
}

/** The files of the store that the last commit does not have as they are, and whose backup nobody has asked for. */
async function findUnnoticed(scene: GitScene, sandbox: CliSandbox): Promise<string[]> {
  const [tree, disk] = [await trackedFiles(scene, scene.project, 'ls-tree', '-r', '-z', 'HEAD'), await filesOnDisk(scene.project, 'store')];
  const result = await sandbox.run(['git', 'status', 'soak', '--json', '--home', sandbox.home]);
  const asked = new Set((JSON.parse(result.stdout) as Status).items.flatMap(({ paths, state }) => (state === 'success' ? [] : paths)));
  const paths = new Set([...Object.keys(partOf(tree, true)), ...Object.keys(disk)]);
  const kindOf = (path: string) => {
    if (disk[path] === undefined) return 'deleted';
    return tree[path] === undefined ? 'added' : 'changed';
  };
  return [...paths].filter((path) => tree[path] !== disk[path] && !asked.has(path)).map((path) => `${path} (${kindOf(path)})`);
}

/** The files that were announced to git, and were gone before they could be committed. */
async function findForgotten(scene: GitScene): Promise<string[]> {
  const missing = entriesOf(await scene.git('ls-files', '--deleted', '-z', '--', 'store'));
  const committed = await trackedFiles(scene, scene.project, 'ls-tree', '-r', '-z', 'HEAD');
  return missing.filter((path) => committed[path] === undefined);
}

/** Backs up what is left as a person would, until everything is safe. Resolves to how often that took. */
async function backUpRest(sandbox: CliSandbox, environment: Readonly<Record<string, string>>): Promise<number> {
  for (let tries = 1; tries <= 5; tries += 1) {
    const { code, stdout, stderr } = await sandbox.run(['backup', 'soak', '--json', '--home', sandbox.home], { environment });
    if (code === 0) return tries;
    process.stdout.write(`  backup ended with ${code}: ${stdout}${stderr}\n`);
  }
  throw new Error('the backup did not succeed');
}

function rowsOf(home: string, sql: string): unknown[] {
  const catalog = new Database(join(home, 'catalog.db'), { readonly: true });
  try {
    return catalog.prepare(sql).raw().all();
  } finally {
    catalog.close();
  }
}

it(`keeps a store safe and nothing else, whatever happens (${isFull ? 'full' : 'short'} soak)`, { timeout: 900_000 }, async () => {
  const seed = Number(process.env.NIGHTJAR_TEST_SEED ?? Date.now() % 1_000_000);
  process.stdout.write(`${isFull ? 'full' : 'short'} soak with NIGHTJAR_TEST_SEED=${seed} (the full one: NIGHTJAR_SOAK=full)\n`);
  await using scene = await makeGitScene();
  await using sandbox = await openSandbox();
  const store = join(scene.project, 'store');
  const tmp = sandbox.at('tmp');
  await mkdir(tmp);
  const environment = { ...(scene.env as Record<string, string>), TMPDIR: tmp };
  const person = await hirePerson(scene, seed);
  await scene.write({ 'store/first.md': 'first\n', 'store/folder/second.md': 'second\n' });
  await sandbox.json(['job', 'add', 'soak', '--git', scene.project, '--store', 'store', '--push', '--home', sandbox.home], 0, {
    environment,
  });

  const worker = await startWorker(sandbox, environment);
  const half = { store, operations: size.operations / 2, overMs: size.overMs };
  const [one, other] = await Promise.all([
    runWriter({ ...half, seed: seed + 1 }),
    runWriter({ ...half, seed: seed + 2 }),
    person.work(size.overMs),
    killNowAndThen(worker, seed + 3),
    takeRemoteAwayTwice(scene),
  ]);
  const left = { staged: await scene.git('diff', '--cached', ...outside), unstaged: await scene.git('diff', ...outside) };
  const settlingMs = performance.now();
  let unnoticed = await findUnnoticed(scene, sandbox);
  while (unnoticed.length > 0 && performance.now() - settlingMs < 15_000) {
    await wait(500);
    unnoticed = await findUnnoticed(scene, sandbox);
  }
  const noticedMs = performance.now() - settlingMs;
  expect(await worker.end()).toMatchObject({ code: 0 });
  const byItself = (await readCommits(scene)).filter(({ author }) => author === 'Nightjar').length;
  const tries = await backUpRest(sandbox, environment);
  const settledMs = performance.now() - settlingMs;

  const disk = await filesOnDisk(scene.project, 'store');
  const forgotten = await findForgotten(scene);
  const { items, safe } = await readStatus(sandbox, 0);
  const commits = await readCommits(scene);
  const ours = commits.filter(({ author }) => author === 'Nightjar');
  const counts = (list: readonly unknown[]) => JSON.stringify(list);
  process.stdout.write(`  operations: ${JSON.stringify(one)} and ${JSON.stringify(other)}
  ${size.kills} kills, ${worker.interruptedGits} of them with a git at work; ${person.retries} retries of the person
  ${ours.length} commits of ours (${byItself} before the last backup), ${commits.length - ours.length} of the person; ${items.length} items
  runs: ${counts(rowsOf(sandbox.home, 'SELECT status, trigger, error_code, count(*) FROM run GROUP BY 1, 2, 3'))}
  errors: ${counts(rowsOf(sandbox.home, "SELECT error_message, count(*) FROM run WHERE error_code IS NOT NULL AND status <> 'interrupted' GROUP BY 1"))}
  unnoticed after ${Math.round(noticedMs)} ms: ${JSON.stringify(unnoticed)}; settled after ${Math.round(settledMs)} ms and ${tries} backups
  ${forgotten.length} files are announced to git and gone; temporary files: ${(await readdir(tmp)).length}\n`);

  expect({ safe, states: new Set(items.map(({ state }) => state)) }).toEqual({ safe: true, states: new Set(['success']) });
  const expected = person.expected();
  expect(await trackedFiles(scene, scene.remote, 'ls-tree', '-r', '-z', 'main')).toEqual(sorted({ ...disk, ...plain(expected.head) }));
  const index = await trackedFiles(scene, scene.project, 'ls-files', '--stage', '-z');
  for (const path of forgotten) delete index[path];
  expect(index).toEqual(sorted({ ...disk, ...plain(expected.index) }));
  expect(await filesOutside(scene)).toEqual(plain(expected.work));
  expect({ staged: await scene.git('diff', '--cached', ...outside), unstaged: await scene.git('diff', ...outside) }).toEqual(left);
  expect(left).toEqual({ staged: expect.stringContaining('diff --git'), unstaged: expect.stringContaining('diff --git') });
  expect(changesOf(ours, false)).toEqual([]);
  expect(ours.filter(({ changes }) => changes.length === 0)).toEqual([]);
  const theirs = commits.filter(({ author }) => author !== 'Nightjar');
  expect(theirs.map(({ subject }) => subject)).toEqual(['first', ...person.commits]);
  expect(byItself).toBeGreaterThan(size.kills);
  for (const folder of [scene.project, scene.remote])
    expect(await scene.gitIn(folder, 'fsck', '--full', '--strict', '--no-dangling')).toBe('');
  expect((await readdir(join(scene.project, '.git'), { recursive: true })).filter((name) => name.endsWith('.lock'))).toEqual([]);
  expect(rowsOf(sandbox.home, 'PRAGMA quick_check')).toEqual([['ok']]);
  expect(changesOf(theirs, true)).toEqual([]);
});

function sorted(files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

async function filesOutside(scene: GitScene): Promise<Record<string, string>> {
  const names = (await readdir(scene.project)).filter((name) => name !== '.git' && name !== 'store');
  const all = { ...(await filesOnDisk(scene.project, '.')) };
  return sorted(Object.fromEntries(Object.entries(all).filter(([path]) => names.includes(path.split('/')[0] ?? ''))));
}
