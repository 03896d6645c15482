import { BackupError, type ErrorCode } from '../../domain/errors.ts';

/** The errno name of a Node error (`ENOSPC`), or `undefined` for anything else. */
export function errnoOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

/** What to make of errors whose meaning depends on where they happen. */
export interface Meaning {
  /** `ENOENT`, `ENOTDIR`, `ENODEV`, `EIO`: the place is not there. */
  readonly absent: ErrorCode;
  /** `EACCES`, `EPERM`, `EROFS`: the place does not let us. */
  readonly refused: ErrorCode;
  /** The place, for the sentence. */
  readonly place: string;
}

/** Translates a file system error where it enters; what is not one is returned as it is. */
export function translateErrno(error: unknown, meaning: Meaning): unknown {
  if (error instanceof BackupError) return error;
  switch (errnoOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new BackupError('disk-full', `the disk of ${meaning.place} is full`, {
        cause: error,
        hint: 'free some space and run it again; nothing half-written was left behind',
      });
    case 'EFBIG':
      return new BackupError('destination-refused', `${meaning.place} cannot hold a file of this size`, {
        cause: error,
        hint: 'FAT32 ends at 4 GB: format the disk as exFAT, APFS, NTFS or ext4',
      });
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ENODEV':
    case 'ENXIO':
    case 'EIO':
    case 'ESTALE':
      return new BackupError(meaning.absent, `${meaning.place} is not there`, { cause: error, retryable: true });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new BackupError(meaning.refused, `${meaning.place} may not be accessed`, {
        cause: error,
        hint: 'check its permissions; on macOS also System Settings, Privacy & Security, Full Disk Access',
      });
    default:
      return error;
  }
}

/** Resolves to `undefined` where the file does not exist; every other failure is thrown. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined;
    throw error;
  }
}
