import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatBytes, formatCount, formatDuration } from '../../electron/domain/units.ts';
import { type DriveServer, startDriveServer } from '../support/drive-server.ts';
import { startLiveWriter } from '../support/live-writer.ts';
import { sha256Of } from '../support/prove-object.ts';
import { checkInvariants, makeSampleDatabase } from '../support/sample-databases.ts';
import { type BackupAnswer, cliPath, nightjar, type RestoreAnswer, type VerifyAnswer } from './nightjar.ts';
import { rowsOf, type Stage, since } from './stage.ts';

const databaseBytes = 110e6;
const writerEveryMs = 10;
const chunkSize = '4M';
const chunkBytes = 4 * 1024 * 1024;

/** The main job with Google Drive as the destination, played by a server on this machine that goes wrong as networks do. */
export async function playDrive(stage: Stage): Promise<void> {
  const { database, folder, home, say, signal } = stage;
  await using server = await startDriveServer({ folder: join(folder, 'google') });
  const client = join(folder, 'client.json');
  await server.clientFile(client);
  say.line(`Everything happens in ${folder}, which is removed at the end, and on ${server.url}, which plays Google.`);

  say.section('A database in use');
  const madeAtMs = performance.now();
  await makeSampleDatabase(database, { bytes: databaseBytes, journalMode: 'wal', seed: 20, signal });
  say.line(`${formatBytes(databaseBytes)} in WAL mode, made in ${since(madeAtMs)}. Another process commits every ${writerEveryMs} ms.`);
  const writer = await startLiveWriter(database, { everyMs: writerEveryMs });

  say.section('Sign in with an OAuth client of your own');
  await setUp(stage, server, client, home);
  say.line('Each snapshot is stored in full here, so that there is enough to be cut off.');
  say.command(`nightjar job add brain --sqlite ${database} --to gdrive --deltas off`);
  await nightjar(home, ['job', 'add', 'brain', '--sqlite', database, '--to', 'gdrive', '--deltas', 'off'], signal);

  say.section('Back it up while the network fails');
  server.faults.add(
    { on: 'upload-chunk', skip: 1, act: 'drop', afterBytes: 3_000_000 },
    { on: 'upload-chunk', skip: 3, act: 'expire-token' },
    { on: 'upload-chunk', skip: 5, act: 'status', code: 503, when: 'after' },
  );
  say.command('nightjar backup brain');
  const backup = await nightjar<BackupAnswer>(home, ['backup', 'brain'], signal);
  const [copy] = backup.answer.snapshot.copies;
  const { receivedBytes, refreshes } = server.numbers();
  say.line(
    `${formatBytes(copy?.bytes ?? 0)} in chunks of ${chunkSize}, in ${formatDuration(backup.ms)}: the connection dropped in the middle of a`,
  );
  say.line('chunk, the sign-in expired, and the answer to a chunk that had arrived was lost.');
  say.proof("Drive's own SHA-256 of the object is ours, and then its manifest was stored", copy?.verified === true);
  say.proof(
    `one renewal of the sign-in, and ${formatBytes(receivedBytes - (copy?.bytes ?? 0))} sent twice`,
    refreshes === 1 && receivedBytes < (copy?.bytes ?? 0) + 3 * chunkBytes,
  );

  say.section('Kill it in the middle of the next upload');
  say.command('nightjar backup brain     # and kill -9 half way');
  await backUpAndKill(stage, server, (copy?.bytes ?? 0) / 2);
  const sentBefore = server.numbers().receivedBytes;
  say.command('nightjar send');
  const sent = await nightjar<{ readonly pending: readonly { readonly objectName: string; readonly error?: object }[] }>(
    home,
    ['send'],
    signal,
  );
  const sentAgain = server.numbers().receivedBytes - sentBefore;
  say.line(`It went on where Drive was: ${formatBytes(sentAgain)} were left to send, in ${formatDuration(sent.ms)}.`);
  const [pending] = sent.answer.pending;
  say.proof(
    'the snapshot that was cut off is whole and proven',
    pending !== undefined && pending.error === undefined && sentAgain < (copy?.bytes ?? 0) * 0.75,
  );
  const verify = await nightjar<VerifyAnswer>(home, ['verify', 'brain', '--full'], signal);
  say.proof(`brought back and checked in full: ${formatCount(verify.answer.rows.found)} rows`, verify.answer.ok);

  say.section('Lose the machine');
  await writer.stop();
  await rm(home, { recursive: true });
  await rm(database);
  say.line('The data folder and the database are deleted. What is left is the OAuth client and the account.');
  const newHome = join(folder, 'new-home');
  await setUp(stage, server, client, newHome);
  const restored = join(folder, 'restored.db');
  say.command(`nightjar restore --from drive:gdrive --job brain --to ${restored}`);
  const restore = await nightjar<RestoreAnswer>(newHome, ['restore', '--from', 'drive:gdrive', '--job', 'brain', '--to', restored], signal);
  const snapshots = await nightjar<readonly BackupAnswer['snapshot'][]>(newHome, ['snapshots', 'brain'], signal);
  const [newest] = snapshots.answer;
  const rows = rowsOf(restored);
  const isSame = newest?.tables.every(({ name, rows: count }) => rows[name] === count) ?? false;
  say.proof(`every table has the rows of the newest of ${snapshots.answer.length} snapshots, in ${formatDuration(restore.ms)}`, isSame);
  say.proof('the restored file is the one that was backed up, byte for byte', (await sha256Of(restored)) === newest?.rawSha256);
  const violated = checkInvariants(restored);
  say.proof(['all balances sum, and agree with the ledger, transfer by transfer', ...violated].join('; '), violated.length === 0);
}

async function setUp({ say, signal }: Stage, server: DriveServer, client: string, home: string): Promise<void> {
  say.command(`nightjar destination add drive gdrive --client ${client}`);
  const options = ['--folder', 'Backups/Nightjar', '--chunk-size', chunkSize, '--api-root', server.url];
  await nightjar(home, ['destination', 'add', 'drive', 'gdrive', '--client', client, ...options], signal);
  say.command('nightjar destination sign-in gdrive');
  const child = start(home, ['destination', 'sign-in', 'gdrive', '--no-browser']);
  const ended = once(child, 'close') as Promise<[number | null]>;
  for await (const text of child.stderr.setEncoding('utf8')) {
    const address = /^http:\/\/127\.0\.0\.1:\d+\S+$/m.exec(String(text))?.[0];
    if (address) await server.fetchAsBrowser(address);
  }
  const [code] = await ended;
  say.proof('signed in: the page in the browser was answered, and the answer was ours', code === 0);
}

async function backUpAndKill({ home }: Stage, server: DriveServer, afterBytes: number): Promise<void> {
  const child = start(home, ['backup', 'brain']);
  const ended = once(child, 'close');
  child.stderr.resume();
  await server.whenReceived(server.numbers().receivedBytes + afterBytes);
  child.kill('SIGKILL');
  await ended;
}

function start(home: string, args: readonly string[]) {
  return spawn(process.execPath, [cliPath, ...args, '--home', home, '--json'], { stdio: ['ignore', 'ignore', 'pipe'] });
}
