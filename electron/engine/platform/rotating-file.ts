import { closeSync, existsSync, fchmodSync, fstatSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { privateFile } from './atomic-file.ts';

/** How large a file of lines becomes, and how many there are with those before it. */
export interface RotationLimits {
  readonly bytes: number;
  readonly files: number;
}

/** A file of lines that begins anew when it is full. Nothing that it meets is thrown: what it is for must go on without it. */
export interface RotatingFile {
  /** Appends a line, which ends with a line feed, before the call returns; turns the files over first where it does not fit. */
  write(line: string): void;
  /** Ends it: later lines are dropped, since another process may write by then. May be called twice. */
  close(): void;
}

/** The files of a log, newest first: `PATH`, `PATH.1` and so on, whether they exist or not. */
export function rotatedPaths(path: string, files: number): string[] {
  return Array.from({ length: files }, (_, index) => (index === 0 ? path : `${path}.${index}`));
}

/**
 * Opens a file of lines for one process alone. Of a line that a crash or a full disk has cut, the rest is missing, and the next line stands
 * by itself. A process that dies between two renames leaves a gap in the numbers, and the next turn fills that instead of dropping a file.
 */
export function openRotatingFile(path: string, limits: RotationLimits): RotatingFile {
  let descriptor: number | null = null;
  let isClosed = false;
  /** Where the files could not be turned over, the present one goes on to this size. */
  let allowedBytes = limits.bytes;
  let isTorn = false;

  const shut = () => {
    if (descriptor !== null) closeSync(descriptor);
    descriptor = null;
  };
  const open = (): { readonly fd: number; readonly bytes: number } => {
    if (descriptor !== null) {
      const { nlink, size } = fstatSync(descriptor);
      if (nlink > 0) return { fd: descriptor, bytes: size };
      shut();
    }
    descriptor = openSync(path, 'a+', privateFile);
    // One that somebody else made, or a wide umask.
    fchmodSync(descriptor, privateFile);
    const { size } = fstatSync(descriptor);
    isTorn = endsTorn(descriptor, size);
    return { fd: descriptor, bytes: size };
  };
  const turnOver = () => {
    shut();
    try {
      shift(rotatedPaths(path, limits.files));
      allowedBytes = limits.bytes;
    } catch {
      allowedBytes += limits.bytes;
    }
  };
  const write = (line: string) => {
    const bytes = Buffer.byteLength(line);
    let file = open();
    if (file.bytes > 0 && file.bytes + bytes > allowedBytes) {
      turnOver();
      file = open();
    }
    const block = Buffer.from(isTorn ? `\n${line}` : line);
    isTorn = true;
    let written = 0;
    while (written < block.length) written += writeSync(file.fd, block, written);
    isTorn = false;
  };

  // Also an empty one says where to look.
  quietly(open);
  return {
    write: (line) => {
      if (!isClosed) quietly(() => write(line));
    },
    close: () => {
      isClosed = true;
      quietly(shut);
    },
  };
}

/** Makes the first name free: every file before the first gap takes the next number, and without a gap the oldest is replaced. */
function shift(paths: readonly string[]): void {
  const gap = paths.findIndex((path, index) => index > 0 && !existsSync(path));
  const last = gap < 0 ? paths.length - 1 : gap;
  for (let index = last; index > 0; index--) renameSync(paths[index - 1] as string, paths[index] as string);
}

function endsTorn(descriptor: number, bytes: number): boolean {
  if (bytes === 0) return false;
  const last = Buffer.alloc(1);
  readSync(descriptor, last, 0, 1, bytes - 1);
  return last[0] !== 0x0a;
}

/** A log that cannot be written, as on a full disk, must not hide what it was about to say. */
export function quietly(act: () => void): void {
  try {
    act();
  } catch {
    // What failed is reported by whoever called; the catalog has it as well.
  }
}
