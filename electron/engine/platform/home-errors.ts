import { BackupError } from '../../domain/errors.ts';
import { isDiskFull, sqliteCodeOf } from '../sqlite/sqlite-errors.ts';
import { translateErrno } from './errno.ts';

/** Translates what the files of a data folder may fail with: SQLite's result codes and the system's. */
export function translateHomeError(error: unknown, home: string): unknown {
  const place = `the data folder ${home}`;
  const code = sqliteCodeOf(error);
  if (isDiskFull(code)) {
    return new BackupError('disk-full', `the disk of ${place} is full`, { cause: error, hint: 'free some space and run it again' });
  }
  if (/^SQLITE_(CANTOPEN|READONLY|PERM|AUTH)/.test(code)) {
    return new BackupError('home-unusable', `${place} may not be written (${code})`, { cause: error, hint: 'check its permissions' });
  }
  return translateErrno(error, { absent: 'home-unusable', refused: 'home-unusable', place });
}

/** The same object, each of whose calls throws our errors instead of SQLite's. */
export function withHomeErrors<T extends object>(target: T, home: string): T {
  return new Proxy(target, {
    get: (_, key) => {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        try {
          return value.apply(target, args);
        } catch (error) {
          throw translateHomeError(error, home);
        }
      };
    },
  });
}
