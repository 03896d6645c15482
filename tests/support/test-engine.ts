import { utimesSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type SqliteJob, sqliteJobSchema } from '../../electron/domain/model.ts';
import { markFolder } from '../../electron/engine/destinations/folder-marker.ts';
import { type Engine, openEngine } from '../../electron/engine/engine.ts';
import { locateHome } from '../../electron/engine/home.ts';
import { nodePorts } from '../../electron/engine/platform/node-ports.ts';
import type { Clock, Ports } from '../../electron/engine/ports.ts';

/** The ports of this machine, with what a test replaces. */
export function testPorts(changes: Partial<Ports> = {}): Ports {
  return { ...nodePorts('nightjar test'), host: 'test-host', ...changes };
}

/** Opens the engine of `FOLDER/home`. */
export function openTestEngine(folder: string, changes: Partial<Ports> = {}): Promise<Engine> {
  return openEngine(locateHome(join(folder, 'home'), {}), testPorts(changes));
}

/** Makes a folder under `folder` and sets it up as a destination of its name. */
export async function addFolderDestination(engine: Engine, folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(path, { recursive: true });
  const id = await markFolder(name, path, engine.ports.ids);
  engine.settings.change((settings) => ({ ...settings, destinations: [...settings.destinations, { kind: 'folder', name, id, path }] }));
  return path;
}

/** Sets a job up; everything but its database and destinations has the defaults, in UTC. */
export function addJob(
  engine: Engine,
  fields: Partial<SqliteJob> & Pick<SqliteJob, 'name' | 'destinations'> & { readonly path: string },
): SqliteJob {
  const { path, ...rest } = fields;
  const job = sqliteJobSchema.parse({
    source: { kind: 'sqlite', path },
    schedule: { cron: '17 3 * * *', zone: 'UTC' },
    retention: {},
    ...rest,
  });
  engine.settings.change((settings) => ({ ...settings, jobs: [...settings.jobs.filter(({ name }) => name !== job.name), job] }));
  return job;
}

/** Makes a small database with a table `note` of so many rows, as its writer left it long ago. */
export function makeNotes(path: string, rows: number, journalMode: 'wal' | 'delete' = 'wal'): void {
  const database = new Database(path);
  database.pragma(`journal_mode = ${journalMode}`);
  database.exec('CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT NOT NULL)');
  addNotes(database, rows);
  database.close();
  // Its writer has been gone for long: it is copied without waiting to be sure of that.
  utimesSync(path, 0, 0);
}

/** Adds rows to a database of makeNotes. */
export function addNotes(database: Database.Database, rows: number): void {
  const insert = database.prepare('INSERT INTO note (body) VALUES (?)');
  database.transaction(() => {
    for (let row = 0; row < rows; row++) insert.run(`note ${row} ${'text '.repeat(20)}`);
  })();
}

/** The number of notes in a database that nobody else has open. */
export function countNotes(path: string): number {
  const database = new Database(path, { fileMustExist: true });
  try {
    return database.prepare('SELECT count(*) FROM note').pluck().get() as number;
  } finally {
    database.close();
  }
}

/** A clock that stands where a test puts it; waits are real, so that nothing hangs. */
export function standingClock(real: Clock, startMs: number): Clock & { set(ms: number): void } {
  let nowMs = startMs;
  return {
    ...real,
    now: () => nowMs,
    set: (ms) => {
      nowMs = ms;
    },
  };
}
