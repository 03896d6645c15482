import { type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { Clock } from '../ports.ts';
import { unlessMissing } from './errno.ts';
import { rotatedPaths } from './rotating-file.ts';

/** Reads the lines of a log that somebody else writes, and turns over, meanwhile: each once, in their order. */
export interface LogReader {
  /** The lines that are whole by now and were not given before. */
  read(): Promise<string[]>;
  close(): Promise<void>;
}

interface OpenFile {
  readonly handle: FileHandle;
  readonly id: string;
  offset: number;
  rest: string;
  decoder: StringDecoder;
}

/**
 * Opens the files of a log (`PATH`, `PATH.1` and so on) for reading, oldest first. Files are told by their identity: one that gets another
 * number is read to its end, and then the one after it. What is turned over so often that a file is gone before it was looked at is lost.
 */
export function openLogReader(path: string, files: number): LogReader {
  const paths = rotatedPaths(path, files);
  let current: OpenFile | null = null;

  /** The files after the one that is read, or all of them, oldest first. */
  const newer = async (): Promise<OpenFile[]> => {
    const found: OpenFile[] = [];
    // The newest first: what is turned over meanwhile is met again under its next number, and not missed.
    for (const candidate of paths) {
      const file = await openFile(candidate);
      if (file === null) continue;
      if (file.id === current?.id) {
        await file.handle.close();
        break;
      }
      if (found.some(({ id }) => id === file.id)) await file.handle.close();
      else found.push(file);
    }
    return found.toReversed();
  };

  return {
    read: async () => {
      const lines: string[] = [];
      // Looked for first: a file that has a successor by now gets nothing more, so what is read of it then is all of it.
      const next = await newer();
      for (const file of [...(current ? [current] : []), ...next]) {
        if (current !== null && current !== file) {
          lines.push(...lastOf(current));
          await current.handle.close();
        }
        current = file;
        lines.push(...(await readOn(file)));
      }
      return lines;
    },
    close: async () => {
      await current?.handle.close();
      current = null;
    },
  };
}

async function openFile(path: string): Promise<OpenFile | null> {
  const handle = await unlessMissing(open(path, 'r'));
  if (handle === undefined) return null;
  const { dev, ino } = await handle.stat({ bigint: true });
  return { handle, id: `${dev}-${ino}`, offset: 0, rest: '', decoder: new StringDecoder('utf8') };
}

/** The whole lines that were added to a file. */
async function readOn(file: OpenFile): Promise<string[]> {
  const block = Buffer.alloc(64 * 1024);
  if ((await file.handle.stat()).size < file.offset) Object.assign(file, { offset: 0, rest: '', decoder: new StringDecoder('utf8') });
  for (;;) {
    const { bytesRead } = await file.handle.read(block, 0, block.length, file.offset);
    if (bytesRead === 0) break;
    file.offset += bytesRead;
    file.rest += file.decoder.write(block.subarray(0, bytesRead));
  }
  const lines = file.rest.split('\n');
  file.rest = lines.pop() ?? '';
  return lines.filter((line) => line !== '');
}

/** A line without its end, in a file to which nothing is added any more. */
function lastOf({ rest }: OpenFile): string[] {
  return rest === '' ? [] : [rest];
}

/** A file system may not tell that a file has changed; then it is looked at this often. */
const lookEveryMs = 2000;

/**
 * Calls `act` at once, and again after every change in the folder of the log, one call after the other, until the signal fires; resolves
 * then. Rejects with what `act` rejects with.
 */
export async function followLog(path: string, clock: Clock, signal: AbortSignal, act: () => Promise<void>): Promise<void> {
  let isStirred = false;
  let waiting = new AbortController();
  const stir = () => {
    isStirred = true;
    waiting.abort();
  };
  const watcher = watchFolder(dirname(path), basename(path), stir);
  signal.addEventListener('abort', stir, { once: true });
  try {
    while (!signal.aborted) {
      isStirred = false;
      await act();
      if (isStirred) continue;
      waiting = new AbortController();
      await clock.sleep(lookEveryMs, waiting.signal).catch(() => {});
    }
  } finally {
    signal.removeEventListener('abort', stir);
    watcher?.close();
  }
}

/** Where no folder can be watched, as when too many are, the looks from time to time have to do. */
function watchFolder(folder: string, name: string, stir: () => void): FSWatcher | null {
  try {
    return watch(folder, (_, changed) => {
      if (changed === null || changed.startsWith(name)) stir();
    }).on('error', () => {});
  } catch {
    return null;
  }
}

/** True where there is a log at this path. */
export async function hasLog(path: string): Promise<boolean> {
  return (await unlessMissing(stat(path))) !== undefined;
}
