import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type Measurement, measure } from './measure.ts';

/** What people use today: SQLite's own shell for the copy, a compressor for the file. */
export interface Peer {
  readonly name: string;
  readonly compressor: string;
  /** Compresses `$1` and removes it. */
  readonly script: string;
  readonly ending: string;
}

const peers: readonly Peer[] = [
  { name: 'sqlite3 .backup + gzip -6', compressor: 'gzip', script: 'gzip -6 "$1"', ending: '.gz' },
  { name: 'sqlite3 .backup + pigz -6', compressor: 'pigz', script: 'pigz -6 "$1"', ending: '.gz' },
  { name: 'sqlite3 .backup + zstd -3', compressor: 'zstd', script: 'zstd -q -3 --rm "$1"', ending: '.zst' },
];

/** The peer that the target for the wall time is about. */
export const referencePeer = 'sqlite3 .backup + gzip -6';

const timeoutMs = 15 * 60_000;

/** The peers whose programs are on the PATH, and the programs that are not. */
export function findPeers(): { peers: readonly Peer[]; missing: readonly string[] } {
  const missing = ['sqlite3', ...peers.map(({ compressor }) => compressor)].filter((program) => !isInstalled(program));
  const usable = missing.includes('sqlite3') ? [] : peers.filter(({ compressor }) => !missing.includes(compressor));
  return { peers: usable, missing };
}

/** One backup as a peer makes it, of a database whose writer rests. */
export async function measurePeer(
  peer: Peer,
  source: string,
  folder: string,
  signal: AbortSignal,
): Promise<Measurement & { outputBytes: number }> {
  const raw = join(folder, 'copy.db');
  const command = ['sh', '-ec', `sqlite3 "$2" ".backup '$1'"; ${peer.script}`, 'sh', raw, source];
  const measured = await measure({ command, folders: [folder, join(source, '..')], timeoutMs, signal });
  if (measured.exitCode !== 0) throw new Error(`${peer.name} failed: ${measured.stderr}`);
  return { ...measured, outputBytes: statSync(raw + peer.ending).size };
}

/** What `.backup` alone does under a writer that does not rest, stopped after so long. */
export function measureBackupUnderWriter(source: string, folder: string, limitMs: number, signal: AbortSignal): Promise<Measurement> {
  const command = ['sqlite3', source, `.backup '${join(folder, 'copy.db')}'`];
  return measure({ command, folders: [folder], timeoutMs: limitMs, signal });
}

function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v "$1"', 'sh', program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
