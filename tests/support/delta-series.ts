import { randomBytes } from 'node:crypto';
import { utimesSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { SqliteJob } from '../../electron/domain/model.ts';
import type { BackupOutcome } from '../../electron/domain/outcomes.ts';
import type { SnapshotRecord } from '../../electron/domain/snapshot-record.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { runBackup } from '../../electron/engine/operations/backup.ts';
import { restoreNamed } from '../../electron/engine/operations/restore-named.ts';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import { makeTempFolder } from './temp-folder.ts';
import { addFolderDestination, addJob, openTestEngine, standingClock } from './test-engine.ts';

const dayMs = 86_400_000;
/** The day of the first backup: 2026-01-10. */
const startMs = Date.parse('2026-01-10T03:17:00Z');
const { signal } = new AbortController();

/** A job `notes` that is backed up day after day to the folder `usb`, of a database whose rows take about a page each and do not compress. */
export interface DeltaSeries extends AsyncDisposable {
  readonly engine: Engine;
  readonly startMs: number;
  at(...parts: string[]): string;
  job(fields?: Partial<SqliteJob>): SqliteJob;
  /** Does something with the live database, in a connection that stays open no longer than that. */
  change(sql: string): void;
  addPages(count: number): void;
  /** Backs up on the day that is so many after the first, once `sql` has changed a row or more; with another engine than its own if wanted. */
  backUpOn(days: number, options?: { job?: SqliteJob; sql?: string; engine?: Engine }): Promise<BackupOutcome>;
  /** The names of the objects at a destination. */
  stored(name?: string): Promise<string[]>;
  /** Closes the engine and opens it anew, as after a restart. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
  /** Restores to a new file, and resolves to its path. */
  restore(snapshot: SnapshotRecord): Promise<string>;
  /** Why the last run has made a full. */
  whyFull(): unknown;
}

export async function openDeltaSeries(): Promise<DeltaSeries> {
  const folder = await makeTempFolder();
  const at = (...parts: string[]) => join(folder.path, ...parts);
  const live = at('notes.db');
  const clock = standingClock(systemClock, startMs);
  const withDatabase = (act: (database: Database.Database) => void) => {
    const database = new Database(live);
    act(database);
    database.close();
    // Its writer has been gone for long: it is copied without waiting to be sure of that.
    utimesSync(live, 0, 0);
  };
  const change = (sql: string) => withDatabase((database) => void database.exec(sql));
  const addPages = (count: number) =>
    withDatabase((database) => {
      database.exec('PRAGMA journal_mode = wal; CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, body TEXT NOT NULL)');
      const insert = database.prepare('INSERT INTO note (body) VALUES (?)');
      database.transaction(() => {
        for (let row = 0; row < count; row++) insert.run(randomBytes(1500).toString('hex'));
      })();
    });
  addPages(300);
  let engine = await openTestEngine(folder.path, { clock });
  await addFolderDestination(engine, folder.path, 'usb');
  const job = (fields: Partial<SqliteJob> = {}) => addJob(engine, { name: 'notes', path: live, destinations: ['usb'], ...fields });

  return {
    get engine() {
      return engine;
    },
    startMs,
    at,
    job,
    change,
    addPages,
    backUpOn: (days, options = {}) => {
      clock.set(startMs + days * dayMs);
      change(options.sql ?? `UPDATE note SET body = 'day ${days}' WHERE id = ${1 + Math.floor(days)}`);
      return runBackup(options.engine ?? engine, { job: options.job ?? job(), trigger: 'manual', retain: true, signal });
    },
    stored: async (name = 'usb') => (await readdir(at(name, 'notes'))).toSorted(),
    restart: async (meanwhile = async () => {}) => {
      engine.close();
      await meanwhile();
      engine = await openTestEngine(folder.path, { clock });
    },
    restore: async (snapshot) => {
      const target = at(`restored-${snapshot.id}.db`);
      await restoreNamed(engine, snapshot.id, { target, force: false }, signal);
      return target;
    },
    whyFull: () => {
      const [run] = engine.catalog.runs({ limit: 1 });
      return run?.steps.findLast(({ name }) => name === 'compress')?.facts.full;
    },
    [Symbol.asyncDispose]: async () => {
      engine.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** `full`, or `delta on NAME`. */
export function formOf({ manifest }: SnapshotRecord): string {
  return manifest.delta ? `delta on ${manifest.delta.base.name}` : 'full';
}

/** Every note with its body, in a database that nobody else has open. */
export function bodies(path: string): unknown[] {
  const database = new Database(path);
  try {
    return database.prepare('SELECT id, body FROM note').raw().all();
  } finally {
    database.close();
  }
}

/** Turns one bit in the middle of a file. */
export async function damage(path: string): Promise<void> {
  const bytes = await readFile(path);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  await writeFile(path, bytes);
}
