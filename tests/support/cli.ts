import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, watch } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { compileCache } from './compile-cache.ts';
import { makeTempFolder } from './temp-folder.ts';

/** What `npx nightjar` runs. */
export const launcherPath = fileURLToPath(new URL('../../electron/headless/launcher.cjs', import.meta.url));

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliError {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

export interface CliOptions {
  /** The folder in which relative paths are read; the sandbox by default. */
  readonly cwd?: string;
  readonly home?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** What it reads; nothing by default. */
  readonly stdin?: string;
  /** Runs it as another user. */
  readonly uid?: number;
  /** Gives it a process group of its own, as a shell does, so that a signal can reach its workers too. */
  readonly detached?: boolean;
}

/** A command line that is under way. */
export interface RunningCli {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Resolves when stderr holds the text; rejects when the process ends without it. */
  seen(text: string): Promise<void>;
  ended(): Promise<CliResult>;
}

/** A temporary folder with a data folder that does not exist yet, and the command line that works in it. */
export interface CliSandbox extends AsyncDisposable {
  readonly path: string;
  readonly home: string;
  at(...parts: string[]): string;
  /** Makes folders in the sandbox. */
  folder(...names: string[]): void;
  start(args: readonly string[], options?: CliOptions): RunningCli;
  /** Runs a command to its end. */
  run(args: readonly string[], options?: CliOptions): Promise<CliResult>;
  /** Runs a command with `--json` and gives its document. Throws unless it exits as expected and prints exactly one. */
  json<T>(args: readonly string[], exitCode?: number, options?: CliOptions): Promise<T>;
  /** Runs a command with `--json` that has to fail, and gives its error. */
  fails(args: readonly string[], exitCode: number, options?: CliOptions): Promise<CliError>;
}

/** Makes a sandbox; disposing of it ends what still runs in it and removes it. */
export async function openSandbox(): Promise<CliSandbox> {
  const temp = await makeTempFolder();
  const home = join(temp.path, 'home');
  const children: ChildProcess[] = [];
  const at = (...parts: string[]) => join(temp.path, ...parts);

  const start = (args: readonly string[], options: CliOptions = {}) => {
    const running = startCli(temp.path, home, args, options);
    children.push(running.child);
    return running;
  };
  const run = (args: readonly string[], options?: CliOptions) => start(args, options).ended();
  const json = async <T>(args: readonly string[], exitCode = 0, options?: CliOptions) => {
    const result = await run([...args, '--json'], options);
    const document = onlyDocument(result);
    if (result.code === exitCode) return document as T;
    throw new Error(`nightjar ${args.join(' ')} ended with ${result.code}, not ${exitCode}: ${result.stdout}${result.stderr}`);
  };

  return {
    path: temp.path,
    home,
    at,
    folder: (...names) => {
      for (const name of names) mkdirSync(at(name), { recursive: true });
    },
    start,
    run,
    json,
    fails: async (args, exitCode, options) => (await json<{ error: CliError }>(args, exitCode, options)).error,
    [Symbol.asyncDispose]: async () => {
      for (const child of children) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      await temp[Symbol.asyncDispose]();
    },
  };
}

function startCli(cwd: string, home: string, args: readonly string[], options: CliOptions): RunningCli {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [launcherPath, ...args], {
    cwd: options.cwd ?? cwd,
    // Nothing of the test runner, and nothing of the person who runs it.
    env: { PATH, HOME: cwd, NIGHTJAR_HOME: options.home ?? home, TZ: 'UTC', NODE_COMPILE_CACHE: compileCache, ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: options.detached ?? false,
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  // One that ends without reading it closes the pipe.
  child.stdin?.on('error', () => {}).end(options.stdin ?? '');
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const closed = once(child, 'close') as Promise<[number | null]>;
  return {
    pid: child.pid ?? 0,
    child,
    seen: async (text) => {
      const over = closed.then(() => {
        if (!stderr.includes(text)) throw new Error(`"${text}" was never said: ${stdout}${stderr}`);
      });
      while (!stderr.includes(text)) await Promise.race([once(child.stderr ?? child, 'data'), over]);
    },
    ended: async () => {
      const [code] = await closed;
      if (/^\s+at .+:\d+:\d+\)?$/m.test(stderr)) throw new Error(`nightjar ${args.join(' ')} showed a stack trace: ${stderr}`);
      return { code, stdout, stderr };
    },
  };
}

/** The one JSON document on stdout. Throws for none, for two, and for anything beside it. */
export function onlyDocument({ stdout, stderr }: CliResult): unknown {
  try {
    return JSON.parse(stdout);
  } catch (cause) {
    throw new Error(`stdout is not one JSON document: ${JSON.stringify(stdout)}; stderr: ${stderr}`, { cause });
  }
}

export interface NotesOptions {
  readonly rows?: number;
  readonly journalMode?: 'wal' | 'delete';
  /** Written in front of every note, so that two databases can be told apart. */
  readonly text?: string;
}

/** Makes a small database with the tables `notes` and `tags` that was last written an hour ago, or adds rows to it. */
export function writeNotes(path: string, { rows = 100, journalMode = 'wal', text = 'note' }: NotesOptions = {}): void {
  const database = new Database(path);
  database.pragma(`journal_mode = ${journalMode}`);
  fillNotes(database, rows, text);
  database.close();
  age(path);
}

/** Makes a database as a crash leaves it: of its rows, those of `inWal` are only in its `-wal`. */
export function writeCrashedNotes(path: string, { inFile, inWal }: { readonly inFile: number; readonly inWal: number }): void {
  const live = `${path}.live`;
  writeNotes(live, { rows: inFile });
  const database = new Database(live);
  database.pragma('wal_autocheckpoint = 0');
  fillNotes(database, inWal, 'only in the wal');
  copyFileSync(live, path);
  copyFileSync(`${live}-wal`, `${path}-wal`);
  database.close();
  age(path);
  age(`${path}-wal`);
}

/** Makes a database that keeps every step of a backup busy for a while: noise does not compress. */
export function writeNoise(path: string, mebibytes: number): void {
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = OFF');
  database.exec(`CREATE TABLE noise (id INTEGER PRIMARY KEY, bytes BLOB);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${mebibytes}) INSERT INTO noise (bytes) SELECT randomblob(1048576) FROM n`);
  database.close();
  age(path);
}

function fillNotes(database: Database.Database, rows: number, text: string): void {
  database.exec(
    'CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL); CREATE TABLE IF NOT EXISTS tags (name TEXT)',
  );
  const insert = database.prepare('INSERT INTO notes (body) VALUES (?)');
  database.transaction(() => {
    for (let row = 0; row < rows; row++) insert.run(`${text} ${row} ${'lorem ipsum '.repeat(8)}`);
  })();
}

/** A file that was just written is copied only after it has rested for a while; tests need not wait for that. */
function age(path: string): void {
  const anHourAgo = new Date(Date.now() - 3_600_000);
  utimesSync(path, anHourAgo, anHourAgo);
}

/** The notes in a database, whatever else is beside it. */
export function countNotes(path: string): number {
  const database = new Database(path, { readonly: true });
  try {
    return Number(database.prepare('SELECT count(*) FROM notes').pluck().get());
  } finally {
    database.close();
  }
}

/** Every file under a folder with its bytes, by its path in the folder; nothing where the folder does not exist. */
export function filesIn(folder: string): Record<string, Buffer> {
  if (!existsSync(folder)) return {};
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
  return Object.fromEntries(
    paths.filter((path) => statSync(join(folder, path)).isFile()).map((path) => [path, readFileSync(join(folder, path))]),
  );
}

/** As `filesIn`, for a job's folder at a destination: its snapshots and their manifests, without what lies beside them. */
export function snapshotFilesIn(folder: string): Record<string, Buffer> {
  return Object.fromEntries(
    Object.entries(filesIn(folder)).filter(([path]) => !['STATUS.json', 'RESTORE.txt'].includes(path) && !path.endsWith('.pages')),
  );
}

/** The permissions of every file and folder under a folder, and of itself, by its path in the folder. */
export function modesIn(folder: string): Record<string, number> {
  const paths = ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })].toSorted();
  return Object.fromEntries(paths.map((path) => [path, statSync(join(folder, path)).mode & 0o777]));
}

/** The database files at a path: itself and its sidecars, by their endings. */
export function databaseFilesAt(path: string): Record<string, Buffer> {
  const endings = ['', '-wal', '-shm', '-journal'].filter((ending) => existsSync(path + ending));
  return Object.fromEntries(endings.map((ending) => [ending, readFileSync(path + ending)]));
}

/** Another process that has a database open. */
export interface Holder extends AsyncDisposable {
  readonly pid: number;
}

/** Starts a process that opens a database, runs a statement on it, and holds it until disposed of. */
export async function holdDatabase(path: string, statement: string): Promise<Holder> {
  const script = `
    const Database = require('better-sqlite3');
    const database = new Database(process.argv[1]);
    database.exec(process.argv[2]);
    process.stdout.write('ready');
    process.stdin.resume().on('end', () => process.exit(0));`;
  const root = resolve(dirname(launcherPath), '../..');
  const child = spawn(process.execPath, ['-e', script, path, statement], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return {
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

/** Resolves when a folder holds an entry whose name matches. The folder must exist. */
export async function entryIn(folder: string, name: RegExp): Promise<string> {
  const watcher = watch(folder);
  try {
    for (;;) {
      const found = readdirSync(folder).find((entry) => name.test(entry));
      if (found !== undefined) return join(folder, found);
      await once(watcher, 'change');
    }
  } finally {
    watcher.close();
  }
}

export interface CopyDocument {
  readonly destination: string;
  readonly objectName: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly state: string;
  readonly verified: boolean;
}

export interface SnapshotDocument {
  readonly id: string;
  readonly job: string;
  readonly createdAt: string;
  readonly pinned: boolean;
  readonly form: 'full' | 'delta';
  readonly base: { readonly id: string; readonly objectName: string } | null;
  readonly changedPages: number | null;
  readonly pageCount: number;
  readonly objectName: string;
  readonly storedBytes: number;
  readonly rawBytes: number;
  readonly rawSha256: string;
  readonly tables: readonly { readonly name: string; readonly rows: number }[];
  readonly copies: readonly CopyDocument[];
}

export interface RunDocument {
  readonly id: string;
  readonly job: string;
  readonly status: string;
  readonly trigger: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly warnings: readonly string[];
  readonly error: CliError | null;
  readonly steps: readonly { readonly name: string; readonly status: string }[];
}

export interface BackupDocument {
  readonly run: RunDocument;
  readonly snapshot: SnapshotDocument;
  readonly expired: readonly { readonly destination: string; readonly objectName: string }[];
}

export interface VerifyDocument {
  readonly ok: boolean;
  readonly level: string;
  readonly rows: { readonly expected: number; readonly found: number | null };
  readonly copies: readonly { readonly destination: string; readonly ok: boolean; readonly message?: string }[];
  readonly snapshot: SnapshotDocument;
}

export interface RestoreDocument {
  readonly restored: string;
  readonly path: string;
  readonly tables: readonly { readonly name: string; readonly rows: number }[];
  readonly undo: string | null;
  readonly warnings: readonly string[];
}

export interface StatusDocument {
  readonly healthy: boolean;
  readonly jobs: readonly {
    readonly job: string;
    readonly lastGood: string | null;
    readonly next: string | null;
    readonly healthy: boolean;
    readonly problems: readonly string[];
  }[];
}
