import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Codec } from '../../electron/domain/compression.ts';
import type { SqliteJob } from '../../electron/domain/model.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { runBackup } from '../../electron/engine/operations/backup.ts';
import { drillJob } from '../../electron/engine/operations/drill.ts';
import { restoreToFile } from '../../electron/engine/operations/restore.ts';
import { verifySnapshot } from '../../electron/engine/operations/verify.ts';
import { compressFile } from '../../electron/engine/pipeline/compress.ts';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import { missingTool } from '../support/stock-recipe.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { addFolderDestination, addJob, addNotes, makeNotes, openTestEngine, standingClock } from '../support/test-engine.ts';

const dayMs = 86_400_000;
const start = Date.parse('2026-11-26T03:17:00Z');
const { signal } = new AbortController();

let folder: TempFolder;
let engine: Engine;
let clock: ReturnType<typeof standingClock>;

beforeEach(async () => {
  folder = await makeTempFolder();
  clock = standingClock(systemClock, start);
  makeNotes(at('notes.db'), 30_000);
  engine = await openTestEngine(folder.path, { clock });
  await addFolderDestination(engine, folder.path, 'usb');
});
afterEach(async () => {
  engine.close();
  await folder[Symbol.asyncDispose]();
});

const at = (...names: string[]) => join(folder.path, ...names);
const jobWith = (compression: Partial<SqliteJob['compression']>) =>
  addJob(engine, {
    name: 'notes',
    path: at('notes.db'),
    destinations: ['usb'],
    compression: { codec: 'gzip', level: null, ...compression },
  });
const backUp = async (job: SqliteJob) => (await runBackup(engine, { job, trigger: 'manual', retain: true, signal })).snapshot;
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const stored = async () => (await readdir(at('usb', 'notes'))).toSorted();

type Snapshot = Awaited<ReturnType<typeof backUp>>;

async function restored({ manifest }: Snapshot, target: string): Promise<Buffer> {
  const { catalog, emit, log, ports, settings } = engine;
  const context = { ports, log, preferences: settings.current.preferences, protectedFolders: [], emit, record: catalog };
  await restoreToFile(context, { manifest, copies: [engine.destination('usb')], target, signal, force: false });
  return readFile(target);
}

describe.each<[Codec, string, string[]]>([
  ['gzip', '2026-11-26.db.gz', ['gunzip', '-c']],
  ['zstd', '2026-11-26.db.zst', ['zstd', '-dc']],
])('a job with %s', (codec, name, [program = '', ...args]) => {
  it('stores it under its ending, proves it in full and by a drill, and restores it byte for byte', async () => {
    const job = jobWith({ codec });
    const snapshot = await backUp(job);
    expect(snapshot.manifest.object).toMatchObject({ name, codec });
    expect(await stored()).toContain(name);
    expect(await verifySnapshot(engine, snapshot, 'full', signal)).toMatchObject({ ok: true, found: [{ name: 'note', rows: 30_000 }] });
    expect(await drillJob(engine, job, { trigger: 'manual' })).toMatchObject([{ outcome: 'proven', snapshotId: snapshot.id }]);
    expect(sha256(await restored(snapshot, at('restored.db')))).toBe(snapshot.manifest.raw.sha256);
  });

  const missing = missingTool(program);
  it.skipIf(missing)(`is restored with ${program}${missing === undefined ? '' : ' (skipped: it is not installed)'}`, async () => {
    const { manifest } = await backUp(jobWith({ codec }));
    const bytes = execFileSync(program, [...args, at('usb', 'notes', name)], { maxBuffer: 64 * 1024 * 1024 });
    expect(sha256(bytes)).toBe(manifest.raw.sha256);
  });

  it('makes deltas on it, and restores them', async () => {
    const job = jobWith({ codec });
    await backUp(job);
    const database = new Database(at('notes.db'));
    database.exec("UPDATE note SET body = 'changed' WHERE id % 5000 = 0");
    addNotes(database, 2000);
    database.close();
    clock.set(start + dayMs);
    const delta = await backUp(job);
    expect(delta.manifest).toMatchObject({ object: { name: '2026-11-27.delta.gz', codec: 'gzip' }, delta: { base: { name } } });
    expect(sha256(await restored(delta, at('restored.db')))).toBe(delta.manifest.raw.sha256);
    expect(await drillJob(engine, job, { trigger: 'manual' })).toMatchObject([{ outcome: 'proven', snapshotId: delta.id }]);
  });

  it('finds it again with nothing but the destination', async () => {
    const { id, manifest } = await backUp(jobWith({ codec }));
    engine.close();
    engine = await openTestEngine(at('elsewhere'), { clock });
    const { destinations } = JSON.parse(await readFile(at('home', 'settings.json'), 'utf8'));
    engine.settings.change((settings) => ({ ...settings, destinations }));
    clock.set(start + dayMs);
    await backUp(jobWith({ codec }));
    expect(engine.catalog.snapshot(id)?.manifest).toEqual(manifest);
  });

  it('finds a changed byte in it, and restores nothing of that', async () => {
    const snapshot = await backUp(jobWith({ codec }));
    const path = at('usb', 'notes', name);
    const bytes = await readFile(path);
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    await writeFile(path, bytes);
    const { proofs } = await verifySnapshot(engine, snapshot, 'full', signal);
    expect(proofs).toMatchObject([{ ok: false, message: expect.stringContaining(`notes/${name} at usb is damaged: `) }]);
    await expect(restored(snapshot, at('restored.db'))).rejects.toMatchObject({ code: 'digest-mismatch' });
    expect(await readdir(folder.path)).not.toContain('restored.db');
  });
});

describe('compression', () => {
  it('as gzip leaves an index of its members, by which it is restored', async () => {
    const { manifest } = await backUp(jobWith({}));
    const sizes = manifest.object.members?.sizes.split(' ').map(Number) ?? [];
    expect(sizes.length).toBe(Math.ceil(manifest.raw.bytes / 1_048_576));
    expect(sizes.length).toBeGreaterThan(3);
    const [first = 0, second = 0, ...rest] = sizes;
    const wrong = { ...manifest.object, members: { rawBytes: 1_048_576, sizes: [first + 1, second - 1, ...rest].join(' ') } };
    await expect(restored({ manifest: { ...manifest, object: wrong } } as Snapshot, at('wrong.db'))).rejects.toMatchObject({
      code: 'digest-mismatch',
      message: expect.stringMatching(/part [12] of \d+ does not decompress/),
    });
    const { members: _members, ...old } = manifest.object;
    expect(sha256(await restored({ manifest: { ...manifest, object: old } } as Snapshot, at('old.db')))).toBe(manifest.raw.sha256);
  });

  it.each<Codec>(['gzip', 'zstd'])('tries as hard as the job says, with %s', async (codec) => {
    const of = async (level: number) => (await backUp({ ...jobWith({ codec, level }), deltas: false })).manifest.object.sha256;
    const fast = await of(1);
    const again = await compressFile(at('notes.db'), at('again'), { codec, level: 9 });
    expect(await of(9)).toBe(again.object.sha256);
    expect(again.object.sha256).not.toBe(fast);
  });
});
