import { constants } from 'node:fs';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { BackupError } from '../../domain/errors.ts';
import { errnoOf, unlessMissing } from '../platform/errno.ts';
import { readPageLayout } from './page-layout.ts';
import { unreadable } from './sqlite-errors.ts';

/** The files that SQLite keeps beside a database. */
export const sidecarEndings = ['-wal', '-shm', '-journal'] as const;

/** The database and its sidecars as paths, whether they exist or not. */
export function databaseFiles(path: string): string[] {
  return [path, ...sidecarEndings.map((ending) => path + ending)];
}

/** The file that a path leads to: SQLite keeps its files beside the file itself, not beside a link to it. A missing one is as it is named. */
export async function realSource(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

/** What the first 100 bytes of a database file say (SQLite file format, section 1.3). */
export interface FileHeader {
  readonly pageSize: number;
  readonly journalMode: 'wal' | 'rollback';
  readonly fileBytes: number;
}

/** Size, identity and change times of a database and its sidecars: equal before and after a read means that nobody wrote meanwhile. */
export interface FilesFingerprint {
  readonly text: string;
  /** The sidecars that exist, the `-shm` index included. */
  readonly endings: readonly string[];
  /** When content was changed last. */
  readonly newestChangeMs: number;
}

/** Reads the fingerprint of a database's files without opening them. */
export async function fingerprintFiles(path: string): Promise<FilesFingerprint> {
  let text = '';
  let newestChangeMs = 0;
  const endings: string[] = [];
  for (const file of databaseFiles(path)) {
    const stats = await unlessMissing(stat(file, { bigint: true }));
    if (!stats) continue;
    const ending = file.slice(path.length);
    if (ending !== '') endings.push(ending);
    // The index is rebuilt by readers at will; only the others hold content.
    if (ending === '-shm') continue;
    text += `${ending} ${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}\n`;
    newestChangeMs = Math.max(newestChangeMs, Number(stats.mtimeMs));
  }
  return { text, endings, newestChangeMs };
}

/**
 * Reads the header of the file itself. Only for a process that does not have the database open: closing a file drops all of a
 * process's locks on it. Throws `source-missing`, `source-unreadable`, `source-empty`, `source-encrypted` or `source-not-database`.
 */
export async function readFileHeader(path: string): Promise<FileHeader> {
  const file = await openSource(path);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new BackupError('source-not-database', `${path} is not a file, so it is no SQLite database`);
    if (stats.size === 0) throw emptySource(path);
    const start = Buffer.alloc(Math.min(4096, stats.size));
    await file.read(start, 0, start.length, 0);
    const layout = readPageLayout(start);
    if (layout === null) throw notDatabase(path, start, stats.size);
    return {
      pageSize: layout.pageSize,
      journalMode: start[18] === 2 || start[19] === 2 ? 'wal' : 'rollback',
      fileBytes: stats.size,
    };
  } finally {
    await file.close();
  }
}

/**
 * What the first bytes of any file say: `null` where they are not those of a database that has tables. Opens only the file itself, so that
 * nothing is made beside it; only for a process that does not have the database open. Throws what the file system does.
 */
export async function peekDatabase(path: string): Promise<Pick<FileHeader, 'journalMode'> | null> {
  const file = await open(path, 'r');
  try {
    const start = Buffer.alloc(108);
    const { bytesRead } = await file.read(start, 0, start.length, 0);
    if (bytesRead < start.length || readPageLayout(start) === null) return null;
    // The page after the header is that of the schema (SQLite file format, section 1.6): a leaf (13) without a cell has no table.
    const hasTables = start[100] === 5 || start.readUInt16BE(103) > 0;
    return hasTables ? { journalMode: start[18] === 2 || start[19] === 2 ? 'wal' : 'rollback' } : null;
  } finally {
    await file.close();
  }
}

/** The error for a database without a single page. */
export function emptySource(path: string): BackupError {
  return new BackupError('source-empty', `${path} is an empty file: it holds no page of a database`, {
    hint: 'if the program that owns it has not written yet, run the backup later; else look for the real file',
  });
}

async function openSource(path: string): Promise<FileHandle> {
  try {
    // A pipe is opened as well, and at once, without waiting for somebody to write into it; Windows has none among its files.
    return await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') {
      throw new BackupError('source-missing', `there is no file ${path}`, {
        cause: error,
        hint: 'check the path; a disk that is not mounted looks the same',
      });
    }
    if (errno === 'EACCES' || errno === 'EPERM') throw unreadable(path, error);
    throw error;
  }
}

function notDatabase(path: string, start: Buffer, fileBytes: number): BackupError {
  // An encrypted database is whole pages of noise; anything else with a wrong header is some other file.
  if (fileBytes % 512 === 0 && start.length >= 512 && bitsPerByte(start) > 7) {
    return new BackupError('source-encrypted', `${path} looks like an encrypted database, which cannot be read without its key`, {
      hint: 'let the program that owns it write an unencrypted export, and back that up',
    });
  }
  return new BackupError('source-not-database', `${path} is not a SQLite database`, {
    hint: 'check the path: the file begins like something else',
  });
}

/** Shannon entropy of the bytes; noise of 512 bytes reaches 7.5, text and programs stay below 6.5. */
function bitsPerByte(bytes: Buffer): number {
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= (count / bytes.length) * Math.log2(count / bytes.length);
  return bits;
}
