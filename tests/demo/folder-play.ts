import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { formatBytes, formatCount, formatDuration } from '../../electron/domain/units.ts';
import { startLiveWriter } from '../support/live-writer.ts';
import { sha256Of } from '../support/prove-object.ts';
import { checkInvariants, makeSampleDatabase } from '../support/sample-databases.ts';
import { restoreByHand } from './by-hand.ts';
import type { Narrator } from './narrator.ts';
import { type BackupAnswer, nightjar, type RestoreAnswer, type VerifyAnswer } from './nightjar.ts';
import { dropNotes, type Rows, rowsOf, type Stage, since } from './stage.ts';

const databaseBytes = 110e6;
const writerEveryMs = 10;

type Snapshot = BackupAnswer['snapshot'];

/** The main job with a folder as the destination. */
export async function playFolder(stage: Stage): Promise<void> {
  const { database, home, say, signal } = stage;
  const destination = diskOf(stage);
  await mkdir(destination);
  say.line(`Everything happens in ${stage.folder}, which is removed at the end.`);

  say.section('A database in use');
  const madeAtMs = performance.now();
  await makeSampleDatabase(database, { bytes: databaseBytes, journalMode: 'wal', seed: 20, signal });
  say.line(
    `${formatBytes((await stat(database)).size)} in WAL mode, made in ${since(madeAtMs)}: notes with full-text search, JSON events,`,
  );
  say.line('attachments, accounts and a ledger. From now on another process commits a transfer');
  say.line(`and a note every ${writerEveryMs} ms.`);
  const writer = await startLiveWriter(database, { everyMs: writerEveryMs });

  say.section('Back it up while it is written');
  for (const command of [
    ['destination', 'add', 'folder', 'disk', destination],
    ['job', 'add', 'brain', '--sqlite', database, '--to', 'disk'],
  ]) {
    say.command(`nightjar ${command.join(' ')}`);
    await nightjar(home, command, signal);
  }
  say.command('nightjar backup brain');
  const backup = await nightjar<BackupAnswer>(home, ['backup', 'brain'], signal);
  const base = tellBackup(stage, backup.answer, backup.ms);

  say.section('Back it up on a second day: only what changed');
  say.line('(the day is over already; the writer has gone on meanwhile)');
  say.command('nightjar backup brain');
  const second = await nightjar<BackupAnswer>(home, ['backup', 'brain'], signal);
  const { snapshot } = second.answer;
  const delta = tellDelta(stage, backup.answer, second.answer, second.ms);

  say.section('Verify that one in full: the bytes of both back, unpacked, checked, every row counted');
  say.command(`nightjar verify ${snapshot.id} --full`);
  const verify = await nightjar<VerifyAnswer>(home, ['verify', snapshot.id, '--full'], signal);
  const { expected, found } = verify.answer.rows;
  say.proof(
    `${formatCount(found)} of ${formatCount(expected)} rows, in ${formatDuration(verify.ms)}`,
    verify.answer.ok && verify.answer.level === 'full' && found === expected,
  );

  say.section('Disaster');
  const { commits, worstCommitMs } = await writer.stop();
  say.line(
    `The writer is stopped after ${formatCount(commits)} commits; the slowest took ${formatDuration(worstCommitMs)}, backup included.`,
  );
  const before = rowsOf(database);
  say.command('sqlite3 brain.db "DROP TABLE notes"');
  dropNotes(database);
  const destroyed = rowsOf(database);
  say.proof(`the ${formatCount(before.notes ?? 0)} notes are gone`, (before.notes ?? 0) > 0 && !('notes' in destroyed));

  say.section('Restore in place');
  say.command(`nightjar restore ${snapshot.id} --in-place --yes`);
  const restore = await nightjar<RestoreAnswer>(home, ['restore', snapshot.id, '--in-place', '--yes'], signal);
  say.line(`Done in ${formatDuration(restore.ms)}. The destroyed database is kept as well: nightjar restore --undo ${restore.answer.undo}`);

  say.section('The proof');
  const restoredSha256 = await sha256Of(database);
  tellProof(say, { before, destroyed, restored: rowsOf(database), snapshot, restoredSha256, violated: checkInvariants(database) });

  say.section('Without Nightjar');
  await restoreByHand(stage, { base, delta, rawSha256: snapshot.rawSha256 });
}

/** The folder that stands for a disk. */
function diskOf({ folder }: Stage): string {
  return join(folder, 'disk');
}

/** The path of the object. */
function tellBackup(stage: Stage, { run: { steps }, snapshot }: BackupAnswer, ms: number): string {
  const { say } = stage;
  const copy = snapshot.copies[0];
  if (!copy) throw new Error('the backup has no copy');
  const facts = steps.find(({ name }) => name === 'snapshot')?.facts;
  const object = join(diskOf(stage), 'brain', copy.objectName);
  say.line(`${formatBytes(snapshot.rawBytes)} became ${formatBytes(copy.bytes)} in ${formatDuration(ms)}: ${object}`);
  say.line(`sha256 of the database  ${snapshot.rawSha256}`);
  say.line(`sha256 of the object    ${copy.sha256}`);
  say.proof('read back from the folder, the object has this digest', copy.verified);
  say.proof('the snapshot never had to begin again because of the writer', facts?.restarts === 0);
  return object;
}

/** The path of the delta. */
function tellDelta(stage: Stage, first: BackupAnswer, { snapshot }: BackupAnswer, ms: number): string {
  const { say } = stage;
  const [fullBytes, bytes] = [first.snapshot.storedBytes, snapshot.storedBytes];
  const object = join(diskOf(stage), 'brain', snapshot.objectName);
  const pages = `${formatCount(snapshot.changedPages ?? 0)} of ${formatCount(snapshot.pageCount)} pages`;
  say.line(`${pages} have changed: ${formatBytes(bytes)} instead of ${formatBytes(fullBytes)}, in ${formatDuration(ms)}: ${object}`);
  say.proof(
    `it is a delta on ${first.snapshot.objectName}, and less than a quarter of it`,
    snapshot.base?.objectName === first.snapshot.objectName && bytes < fullBytes / 4,
  );
  say.proof('read back from the folder, the object has its digest', snapshot.copies[0]?.verified === true);
  return object;
}

interface Proof {
  readonly before: Rows;
  readonly destroyed: Rows;
  readonly restored: Rows;
  readonly snapshot: Snapshot;
  readonly restoredSha256: string;
  readonly violated: readonly string[];
}

function tellProof(say: Narrator, { before, destroyed, restored, snapshot, restoredSha256, violated }: Proof): void {
  const saved: Rows = Object.fromEntries(snapshot.tables.map(({ name, rows }) => [name, rows]));
  const isShadow = (name: string) => name.startsWith('notes_search_');
  const cell = (rows: Rows, name: string) => (typeof rows[name] === 'number' ? formatCount(rows[name]) : 'lost');
  say.table(
    ['rows of', 'in the snapshot', 'before the disaster', 'after it', 'restored'],
    Object.keys(before)
      .filter((name) => !isShadow(name))
      .map((name) => [name, ...[saved, before, destroyed, restored].map((rows) => cell(rows, name))]),
  );
  say.line('(what was committed after the snapshot is only in the database that was kept)');
  const names = new Set([...Object.keys(saved), ...Object.keys(restored)]);
  say.proof(
    `every table has the rows of the snapshot again (${names.size} tables)`,
    [...names].every((name) => saved[name] === restored[name]),
  );
  say.proof('the restored file is the one that was backed up, byte for byte', restoredSha256 === snapshot.rawSha256);
  say.line(`  sha256  ${restoredSha256}`);
  say.proof(['all balances sum, and agree with the ledger, transfer by transfer', ...violated].join('; '), violated.length === 0);
}
