import { createHash } from 'node:crypto';
import { cp, link, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { encodeManifest, type Manifest, parseManifest } from '../../electron/domain/manifest.ts';
import { parseObjectName } from '../../electron/domain/object-name.ts';
import { CatalogReader } from '../../electron/engine/catalog/catalog-reader.ts';
import { readCatalogDatabase } from '../../electron/engine/catalog/database.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { runBackup } from '../../electron/engine/operations/backup.ts';
import { databaseFiles } from '../../electron/engine/sqlite/database-file.ts';
import { makeTempFolder } from './temp-folder.ts';
import { addFolderDestination, addJob, addNotes, makeNotes, openTestEngine } from './test-engine.ts';

/** A data folder with a job `notes`, its destination with snapshots, and its database, all below one folder. */
export interface Scene {
  readonly root: string;
  readonly home: string;
  /** The job's folder at the destination. */
  readonly stored: string;
  readonly live: string;
}

/**
 * What a writer left of the database, which nobody has open: committed rows that are only in the WAL, with or without its index; a
 * plain file; or a transaction that died over its rollback journal.
 */
export type LiveState = 'wal' | 'wal-and-shm' | 'rollback' | 'hot-journal';

export interface SceneOptions {
  readonly live: LiveState;
  /** Whole days back from now of the snapshots that there are already, 1 or more. */
  readonly daysBack: readonly number[];
  readonly keepDaily?: number;
  /** How much the database differs from its snapshots: so little that the next one is a delta, or so much that it is a full. */
  readonly edits?: 'few' | 'many';
}

const longAgo = new Date(Date.now() - 3_600_000);

/** Makes a scene in a folder that does not exist yet. The database has other rows than its snapshots. */
export async function makeScene(root: string, options: SceneOptions): Promise<Scene> {
  const scene: Scene = { root, home: join(root, 'home'), stored: join(root, 'usb', 'notes'), live: join(root, 'data', 'notes.db') };
  await mkdir(dirname(scene.live), { recursive: true });
  makeNotes(scene.live, 1500, options.live.startsWith('wal') ? 'wal' : 'delete');
  change(scene.live, (database) => database.exec('CREATE INDEX note_by_body ON note (body)'));
  const engine = await openTestEngine(root, { host: hostname() });
  try {
    await takeSnapshots(engine, scene, options);
  } finally {
    engine.close();
  }
  await leaveLive(scene.live, options.live, options.edits ?? 'many');
  return scene;
}

/** Takes one snapshot and makes it as many as there are days, the way earlier runs would have left them. */
async function takeSnapshots(engine: Engine, scene: Scene, { daysBack, keepDaily = 30 }: SceneOptions): Promise<void> {
  engine.settings.change((settings) => ({ ...settings, preferences: { ...settings.preferences, reserveBytes: 0, warnFreeBytes: 0 } }));
  await addFolderDestination(engine, scene.root, 'usb');
  const retention = { daily: keepDaily, weekly: 0, monthly: 0, yearly: 0, minVerified: 1 };
  const job = addJob(engine, { name: 'notes', path: scene.live, destinations: ['usb'], retention });
  if (daysBack.length === 0) return;
  const { snapshot } = await runBackup(engine, { job, trigger: 'manual', retain: false });
  const earlier = daysBack.map((days) => daysEarlier(snapshot.manifest, days));
  for (const manifest of earlier) {
    await link(join(scene.stored, snapshot.manifest.object.name), join(scene.stored, manifest.object.name));
    await link(join(scene.stored, pagesFile(snapshot.manifest)), join(scene.stored, pagesFile(manifest)));
    await writeFile(join(scene.stored, manifestFile(manifest)), encodeManifest(manifest));
    engine.catalog.recordSnapshot(manifest, [{ destination: 'usb', verified: { level: 'quick', atMs: Date.parse(manifest.createdAt) } }]);
  }
  for (const file of [snapshot.manifest.object.name, pagesFile(snapshot.manifest), manifestFile(snapshot.manifest)]) {
    await rm(join(scene.stored, file));
  }
  const database = new Database(engine.home.catalogPath);
  database.exec(
    `DELETE FROM copy WHERE snapshot_id = '${snapshot.id}'; DELETE FROM snapshot WHERE id = '${snapshot.id}'; DELETE FROM run_step; DELETE FROM run`,
  );
  database.close();
}

function manifestFile({ object }: Manifest): string {
  return object.name.replace('.db.gz', '.json');
}

function pagesFile({ object }: Manifest): string {
  return object.name.replace('.db.gz', '.pages');
}

function daysEarlier(today: Manifest, daysBack: number): Manifest {
  const createdAt = new Date(Date.parse(today.createdAt) - daysBack * 86_400_000).toISOString();
  const day = createdAt.slice(0, 10);
  return { ...today, id: `snap-${day}`, createdAt, object: { ...today.object, name: `${day}.db.gz` } };
}

/** Changes the database further, and leaves its files as a writer does that is killed. */
export async function leaveLive(
  live: string,
  state: LiveState,
  edits: 'few' | 'many' = 'many',
  rows = edits === 'few' ? 3 : 100,
): Promise<void> {
  change(live, (database) => {
    database.pragma(`journal_mode = ${state.startsWith('wal') ? 'WAL' : 'DELETE'}`);
    addNotes(database, rows);
  });
  const aside = `${live}.aside`;
  await mkdir(aside);
  const database = new Database(live);
  if (state.startsWith('wal')) {
    database.pragma('wal_autocheckpoint = 0');
    const some = edits === 'few' ? 'id < 5' : 'id % 3 = 0';
    database.exec(`UPDATE note SET body = 'changed ' || id WHERE ${some}; DELETE FROM note WHERE ${some} AND id % 7 = 0`);
    addNotes(database, edits === 'few' ? 2 : 300);
  } else if (state === 'hot-journal') {
    // A cache this small spills pages of the open transaction into the file, after their former content went into the journal.
    database.pragma('cache_size = 5');
    database.exec("BEGIN; UPDATE note SET body = 'changed ' || id || body");
  }
  const endings = { wal: ['', '-wal'], 'wal-and-shm': ['', '-wal', '-shm'], rollback: [''], 'hot-journal': ['', '-journal'] }[state];
  for (const ending of endings) await cp(live + ending, join(aside, basename(live) + ending));
  database.close();
  for (const file of databaseFiles(live)) await rm(file, { force: true });
  for (const file of await readdir(aside)) {
    await cp(join(aside, file), join(dirname(live), file));
    await utimes(join(dirname(live), file), longAgo, longAgo);
  }
  await rm(aside, { recursive: true });
}

function change(path: string, work: (database: Database.Database) => void): void {
  const database = new Database(path);
  work(database);
  database.close();
}

/** The bytes of a database's files, as digests by their endings. */
export async function filesOf(path: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const file of databaseFiles(path)) {
    const bytes = await readFile(file).catch(() => null);
    if (bytes) files[file.slice(path.length)] = sha256(bytes);
  }
  return files;
}

/**
 * A digest of all rows as SQLite by itself reads them from a database with whatever sidecars lie beside it; what is wrong with it
 * where it is damaged or missing. Works on a copy.
 */
export async function rowsOf(path: string): Promise<string> {
  await using scratch = await makeTempFolder();
  const copy = join(scratch.path, basename(path));
  for (const file of databaseFiles(path)) await cp(file, join(scratch.path, basename(file))).catch(() => {});
  try {
    const database = new Database(copy, { fileMustExist: true });
    try {
      const integrity = database.pragma('integrity_check', { simple: true });
      return integrity === 'ok' ? sha256(JSON.stringify(database.prepare('SELECT * FROM note ORDER BY id').all())) : String(integrity);
    } finally {
      database.close();
    }
  } catch (error) {
    return (error as Error).message;
  }
}

/** The names in the job's folder that everybody sees, but for the status; none where there is no such folder. */
export async function storedNames({ stored }: Scene): Promise<string[]> {
  const names = await readdir(stored).catch(() => []);
  return names.filter((name) => !name.startsWith('.') && name !== 'STATUS.json').toSorted();
}

/** The manifests at the destination. */
export async function storedManifests(scene: Scene): Promise<Manifest[]> {
  const names = (await storedNames(scene)).filter((name) => parseObjectName(name)?.kind === 'manifest');
  return Promise.all(names.map(async (name) => parseManifest(await readFile(join(scene.stored, name), 'utf8'), name)));
}

/** What is wrong with the snapshots at the destination: manifests without their object, and objects that are not what was recorded. */
export async function storedProblems(scene: Scene): Promise<string[]> {
  const problems: string[] = [];
  const manifests = await storedManifests(scene).catch((error: Error) => void problems.push(error.message));
  for (const { delta, object, raw } of manifests ?? []) {
    const bytes = await readFile(join(scene.stored, object.name)).catch(() => null);
    const base = delta && (await readFile(join(scene.stored, delta.base.name)).catch(() => null));
    if (!bytes) problems.push(`the manifest of ${object.name} has no object`);
    else if (sha256(bytes) !== object.sha256) problems.push(`${object.name} is not what its manifest says`);
    else if (base === null) problems.push(`${object.name} has no base`);
    else if (sha256(base ? layOver(base, bytes) : gunzipSync(bytes)) !== raw.sha256)
      problems.push(`${object.name} decompresses to something else`);
  }
  return problems;
}

/** A database from the objects of a full and a delta on it, by the words of the recipe and none of the program's own code. */
function layOver(base: Buffer, delta: Buffer): Buffer {
  const database = new Database(gunzipSync(delta));
  try {
    const meta = new Map(database.prepare('SELECT key, value FROM meta').raw().all() as [string, string][]);
    const size = Number(meta.get('page_size'));
    const restored = Buffer.alloc(size * Number(meta.get('page_count')));
    gunzipSync(base).copy(restored);
    for (const [pgno, data] of database.prepare('SELECT pgno, data FROM page').raw().all() as [number, Buffer][])
      data.copy(restored, (pgno - 1) * size);
    return restored;
  } finally {
    database.close();
  }
}

/** Asks the catalog of a scene that no engine has open. */
export function askCatalog<T>({ home }: Scene, ask: (catalog: CatalogReader) => T): T {
  const database = readCatalogDatabase(join(home, 'catalog.db'));
  if (!database) throw new Error('there is no catalog');
  const catalog = new CatalogReader(database);
  try {
    return ask(catalog);
  } finally {
    catalog.close();
  }
}

/** Where catalog and destination disagree about the snapshots that can be restored. */
export async function catalogProblems(scene: Scene): Promise<string[]> {
  const atDestination = (await storedManifests(scene)).map(({ id }) => id).toSorted();
  const inCatalog = askCatalog(scene, (catalog) => catalog.snapshots('notes'))
    .filter(({ copies }) => copies.some(({ state }) => state === 'stored'))
    .map(({ id }) => id)
    .toSorted();
  if (JSON.stringify(atDestination) === JSON.stringify(inCatalog)) return [];
  return [`the catalog has ${inCatalog.join(', ')}; the destination has ${atDestination.join(', ')}`];
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}
