import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import Database from 'better-sqlite3';
import { checkInvariants } from './sample-databases.ts';

/** The part of a manifest that a proof needs; read as anybody could, without the program's own code. */
export interface ManifestFacts {
  readonly raw: { readonly bytes: number; readonly sha256: string };
  readonly sqlite: { readonly tables: readonly { readonly name: string; readonly rows: number }[] };
}

/** Reads a manifest as any JSON. */
export async function readManifest(path: string): Promise<ManifestFacts> {
  return JSON.parse(await readFile(path, 'utf8')) as ManifestFacts;
}

/** Runs the plain `gunzip -c object > target`. Rejects with what gunzip says. */
export async function gunzip(object: string, target: string, signal: AbortSignal): Promise<void> {
  const file = await open(target, 'wx');
  try {
    const child = spawn('gunzip', ['-c', object], { signal, stdio: ['ignore', file.fd, 'pipe'] });
    let complaint = '';
    child.stderr?.on('data', (data: Buffer) => (complaint += data.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`gunzip ended with ${code}: ${complaint}`);
  } finally {
    await file.close();
  }
}

/** SHA-256 of a file, in hexadecimal. */
export async function sha256Of(path: string): Promise<string> {
  const digest = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), digest);
  return digest.digest('hex');
}

/**
 * What is wrong with a stored snapshot of a sample database, found with gunzip and SQLite alone: digest, integrity, the rows of
 * every table against the manifest, the invariants. Nothing when all is well. Leaves the decompressed file at `target`.
 */
export async function proveObject(object: string, manifest: string, target: string, signal: AbortSignal): Promise<string[]> {
  const { raw, sqlite } = await readManifest(manifest);
  await gunzip(object, target, signal);
  const failures: string[] = [];
  const sha256 = await sha256Of(target);
  if (sha256 !== raw.sha256) failures.push(`sha256 of the decompressed file is ${sha256}, the manifest says ${raw.sha256}`);
  const database = new Database(target, { readonly: true });
  try {
    const integrity = database.pragma('integrity_check', { simple: true });
    if (integrity !== 'ok') failures.push(`integrity_check: ${integrity}`);
    const found = countRows(database);
    const expected = Object.fromEntries(sqlite.tables.map(({ name, rows }) => [name, rows]));
    for (const name of new Set([...Object.keys(found), ...Object.keys(expected)])) {
      if (found[name] !== expected[name]) failures.push(`rows of ${name}: ${found[name]}, the manifest says ${expected[name]}`);
    }
    failures.push(...checkInvariants(database));
  } finally {
    database.close();
  }
  return failures;
}

/** The rows of every table, by name; `null` for one that cannot be read. */
export function countRows(database: Database.Database): Record<string, number | null> {
  const names = database
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")
    .pluck()
    .all();
  return Object.fromEntries(names.map((name) => [name, countTable(database, name)]));
}

function countTable(database: Database.Database, name: string): number | null {
  try {
    return Number(
      database
        .prepare(`SELECT count(*) FROM "${name.replaceAll('"', '""')}"`)
        .pluck()
        .get(),
    );
  } catch {
    return null;
  }
}
