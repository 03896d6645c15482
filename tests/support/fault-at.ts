import fs from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import Database from 'better-sqlite3';
import type { Fault, Mutation } from './faulty-cli.ts';

/**
 * A preload for the processes under test: numbers every change that they make through Node to the file system and to their SQLite
 * databases, and at the change of the fault that NIGHTJAR_FAULT describes kills a process or lets the disk be full. What the main
 * process does and what its SQLite workers do is numbered apart.
 */
interface Change {
  readonly op: string;
  readonly what: string;
  /** It needs space on the disk, so a full one refuses it. */
  readonly allocates?: boolean;
  /** Makes the first half of the change. */
  readonly tear?: () => void;
  readonly isLog?: boolean;
}
type Method = (this: unknown, ...args: unknown[]) => unknown;
type Describe = (target: unknown, args: readonly unknown[]) => Change | null;

const fault = JSON.parse(process.env.NIGHTJAR_FAULT ?? '{}') as Fault;
const role = process.argv[1]?.endsWith('sqlite-worker.ts') ? 'worker' : 'main';
const { appendFileSync, existsSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } = fs;
const probe = await promises.open(import.meta.filename);
const handlePrototype = Object.getPrototypeOf(probe) as object;
await probe.close();
let isOurs = false;
let isSpent = false;

/** Takes the next number. Does not return where the process dies before the change, and throws where the disk is full. */
function begin(change: Change): () => void {
  // A log line changes nothing that could be lost; only a full disk has to be tried there as well.
  if (isOurs || (change.isLog && !fault.act.startsWith('full'))) return () => {};
  const n = ours(() => takeNumber(change));
  const isTurn = n === fault.at;
  if (isTurn && (fault.act === 'kill-before' || fault.act === 'kill-both')) die();
  if (isTurn && fault.act === 'kill-torn') {
    ours(() => change.tear?.());
    die();
  }
  if (fault.at > 0 && fault.act.startsWith('full') && change.allocates && n >= fault.at && !isSpent) {
    isSpent = fault.act === 'full-once';
    ours(() => change.tear?.());
    throw noSpace(change);
  }
  return () => {
    if (isTurn && fault.act === 'kill-after') die();
  };
}

/** What this preload does by itself is not numbered. */
function ours<T>(work: () => T): T {
  isOurs = true;
  try {
    return work();
  } finally {
    isOurs = false;
  }
}

/** The list is shared by all workers of a command, of which only one changes anything at a time. */
function takeNumber({ op, what, allocates = false, tear }: Change): number {
  const n = 1 + (existsSync(fault.list) ? readFileSync(fault.list, 'utf8').split('\n').length - 1 : 0);
  const mutation: Mutation = { n, op, what, allocates, tears: tear !== undefined };
  appendFileSync(fault.list, `${JSON.stringify(mutation)}\n`);
  return n;
}

function die(): never {
  if (fault.act === 'kill-both') process.kill(process.ppid, 'SIGKILL');
  process.kill(process.pid, 'SIGKILL');
  throw new Error('a killed process goes on');
}

function noSpace({ op, what }: Change): Error {
  if (op === 'sql') return new Database.SqliteError('database or disk is full', 'SQLITE_FULL');
  return Object.assign(new Error(`ENOSPC: no space left on device, ${op} '${what}'`), { errno: -28, code: 'ENOSPC', syscall: op });
}

function patch(target: object, name: string, describe: Describe): void {
  const holder = target as Record<string, Method>;
  const original = holder[name] as Method;
  const isAsync = target === promises || target === handlePrototype;
  holder[name] = function (this: unknown, ...args: unknown[]): unknown {
    const change = describe(this, args);
    if (!change) return original.apply(this, args);
    let end: () => void;
    try {
      end = begin(change);
    } catch (error) {
      if (isAsync) return Promise.reject(error);
      throw error;
    }
    const result = original.apply(this, args);
    if (isAsync) return (result as Promise<unknown>).finally(end);
    end();
    return result;
  };
}

function half(data: unknown): Buffer {
  const bytes = typeof data === 'string' ? Buffer.from(data) : Buffer.from(data as Uint8Array);
  return bytes.subarray(0, bytes.length >> 1);
}

type Extra = (path: string, args: readonly unknown[]) => Partial<Change> | null;
function changesPath(op: string, extra: Extra = () => ({})): Describe {
  return (_, args) => {
    const path = String(args[0]);
    const more = extra(path, args);
    return more && { op, what: typeof args[1] === 'string' ? `${path} -> ${args[1]}` : path, ...more };
  };
}

const describeCalls: Readonly<Record<string, Describe>> = {
  rename: changesPath('rename'),
  unlink: changesPath('unlink'),
  rmdir: changesPath('rmdir'),
  chmod: changesPath('chmod'),
  chown: changesPath('chown'),
  link: changesPath('link', () => ({ allocates: true })),
  mkdir: changesPath('mkdir', (path) => (existsSync(path) ? null : { allocates: true })),
  open: changesPath('open', (path, [, flags]) => {
    return /[wa]/.test(String(flags)) ? { allocates: !existsSync(path), isLog: path.endsWith('.log') } : null;
  }),
  copyFile: changesPath('copyFile', (path, [, copy]) => {
    return { allocates: true, tear: () => writeFileSync(String(copy), half(readFileSync(path))) };
  }),
};

function patchFileSystem(): void {
  const openedPaths = new Map<number, string>();
  for (const [name, describe] of Object.entries(describeCalls)) {
    patch(promises, name, describe);
    patch(fs, `${name}Sync`, describe);
  }
  const countedOpenSync = fs.openSync;
  fs.openSync = (path, ...rest) => {
    const fd = countedOpenSync(path, ...rest);
    openedPaths.set(fd, String(path));
    return fd;
  };
  patch(fs, 'writeSync', (_, [fd, data]) => {
    const what = openedPaths.get(fd as number);
    if (what === undefined) return null;
    return { op: 'write', what, allocates: true, isLog: what.endsWith('.log'), tear: () => writeSync(fd as number, half(data)) };
  });
  patchTreeRemoval();
  const describeWrite: Describe = (handle, [data]) => {
    const { fd } = handle as promises.FileHandle;
    return { op: 'write', what: `descriptor ${fd}`, allocates: true, tear: () => writeSync(fd, half(data)) };
  };
  patch(handlePrototype, 'write', describeWrite);
  patch(handlePrototype, 'writeFile', describeWrite);
  patch(handlePrototype, 'sync', (handle) => ({ op: 'sync', what: `descriptor ${(handle as promises.FileHandle).fd}`, allocates: true }));
  syncBuiltinESMExports();
}

/** Removing a tree is one call and many changes. */
function patchTreeRemoval(): void {
  const { rm } = promises;
  const removeTree = async (path: string): Promise<void> => {
    if (!lstatSync(path).isDirectory()) return promises.unlink(path);
    for (const name of readdirSync(path)) await removeTree(`${path}/${name}`);
    await promises.rmdir(path);
  };
  promises.rm = (path, options) => (existsSync(path) ? removeTree(String(path)) : rm(path, options));
  fs.rmSync = (path, options) => (existsSync(path) ? fs.unlinkSync(path) : rmSync(path, options));
}

function patchSqlite(): void {
  const memory = new Database(':memory:');
  const statementPrototype = Object.getPrototypeOf(memory.prepare('SELECT 1')) as object;
  memory.close();
  for (const name of ['run', 'get', 'all']) {
    patch(statementPrototype, name, (statement) => {
      const { source, readonly } = statement as Database.Statement;
      // SQLite calls these read-only, and yet they are where a transaction takes hold or does not.
      if (/^PRAGMA \w+$/.test(source) || (readonly && !/^(BEGIN|COMMIT|ROLLBACK)/.test(source))) return null;
      return { op: 'sql', what: source.replaceAll(/\s+/g, ' ').slice(0, 60), allocates: !/^(BEGIN|ROLLBACK)/.test(source) };
    });
  }
  patch(Database.prototype, 'exec', (_, [sql]) => {
    return { op: 'sql', what: String(sql).trim().slice(0, 60), allocates: !String(sql).startsWith('BEGIN') };
  });
}

if (fault.role === role) {
  patchFileSystem();
  patchSqlite();
}
