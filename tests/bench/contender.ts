import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Measurement } from './measure.ts';

/** Where a contender works. */
export interface Place {
  /** The live database. It is alone in its folder, with its sidecars. */
  readonly source: string;
  /** All that the contender keeps from day to day. */
  readonly folder: string;
  /** A folder in it: what stands for the disk or the service elsewhere, to which bytes are sent. */
  readonly destination: string;
  /** An empty folder for what is restored. */
  readonly restored: string;
}

/** A command, and its environment where that is not the bench's own. */
export interface Invocation {
  readonly command: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** What only one contender can tell about a backup, by name. */
export type Facts = Readonly<Record<string, string | number>>;

/** One way to back up a database and to bring it back. */
export interface Contender {
  readonly id: string;
  readonly name: string;
  /** What has to be on the PATH. */
  readonly programs: readonly string[];
  /** `changes`: later days cost what changed, and are measured; `everything`: every day costs the same. */
  readonly sends: 'changes' | 'everything';
  /** Whether what is restored is the source page by page, as it is not after a VACUUM. */
  readonly keepsPages: boolean;
  /** The exit code of a backup that was made, but with a warning. */
  readonly warningCode?: number;
  /** Of the files at the destination, those whose bytes the contender sends; all where it is not given. */
  isSent?(path: string): boolean;
  /** What a person does once, before the first backup; not measured. */
  setUp(place: Place): readonly Invocation[];
  backUp(place: Place): Invocation;
  /** Brings the latest backup back. */
  restore(place: Place): Invocation;
  /** The restored database. */
  restoredPath(place: Place): string;
  /** The bytes that had to be read from the destination to bring the latest backup back. */
  restoredFrom(place: Place): number;
  readFacts?(place: Place, measured: Measurement): Facts;
}

/** The programs of a contender that are not installed. */
export function missingPrograms({ programs }: Contender): string[] {
  return programs.filter((program) => !isInstalled(program));
}

/** Runs a command that is not measured, and returns its standard output. Throws with what it says where it fails. */
export function runUnmeasured({ command: [program = '', ...args], env }: Invocation): string {
  const options = { env: env ?? process.env, encoding: 'utf8', maxBuffer: 64 * 1024 ** 2 } as const;
  const { error, status, stderr, stdout } = spawnSync(program, args, options);
  if (error) throw error;
  if (status !== 0) throw new Error(describeFailure(status, `${stderr}${stdout}`));
  return stdout;
}

/** What a failed command said, in one line. */
export function describeFailure(exitCode: number | null, said: string): string {
  const line = said.trim().replaceAll(/\s+/g, ' ');
  return `it ended with ${exitCode ?? 'a signal'}: ${line.length > 300 ? `${line.slice(0, 300)}...` : line}`;
}

/** The size of every file under a folder by its path, and what tells that a file was written anew. */
export type Listing = ReadonlyMap<string, { readonly bytes: number; readonly written: string }>;

/** Lists the files under a folder. */
export function listFiles(folder: string): Listing {
  const files = new Map<string, { bytes: number; written: string }>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const { ino, mtimeNs, size } = statSync(path, { bigint: true });
    files.set(path, { bytes: Number(size), written: `${ino} ${mtimeNs}` });
  }
  return files;
}

/** The bytes of the files that are new or were written anew: what has to be sent where the folder is elsewhere. */
export function sentBytes(before: Listing, after: Listing, isSent: (path: string) => boolean = () => true): number {
  let bytes = 0;
  for (const [path, file] of after) if (before.get(path)?.written !== file.written && isSent(path)) bytes += file.bytes;
  return bytes;
}

function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v "$1"', 'sh', program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
