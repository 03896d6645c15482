import { describe, expect, it } from 'vitest';
import { type Access, judgeAccess, type SourceAccess } from '../../electron/domain/source-access.ts';

const mine: Access = { isReadable: true, isWritable: true, owner: 1000 };
const readOnly: Access = { ...mine, isWritable: false, owner: 1000 };
const closed: Access = { isReadable: false, isWritable: false, owner: 0 };
const base: SourceAccess = { path: '/d/a.db', folder: '/d', isWal: true, database: mine, sidecars: {}, around: mine, user: 1000 };

describe('judgeAccess', () => {
  it.each([
    ['all that is needed', { sidecars: { '-wal': mine, '-shm': mine } }, []],
    [
      'a database that only another user may read',
      { database: closed, isWal: false },
      ['bad: /d/a.db may not be read by this user: it belongs to user 0, and this is user 1000'],
    ],
    [
      'a log of another user',
      { sidecars: { '-wal': closed, '-shm': { ...mine, owner: 0 } } },
      [
        'bad: /d/a.db-wal may not be read by this user: it belongs to user 0, and this is user 1000',
        'warning: /d/a.db-wal belongs to user 0, and the database to user 1000: its own program may be locked out',
        'warning: /d/a.db-shm belongs to user 0, and the database to user 1000: its own program may be locked out',
      ],
    ],
    [
      'an index that may only be read',
      { sidecars: { '-wal': mine, '-shm': readOnly } },
      ['warning: /d/a.db-shm may not be written by this user'],
    ],
    [
      'a folder that may only be read',
      { around: { ...readOnly, owner: 0 } },
      ['warning: SQLite cannot make a -wal and -shm in /d, which this user may not write: it belongs to user 0, and this is user 1000'],
    ],
    ['that folder while its writer is at work', { around: readOnly, sidecars: { '-wal': mine, '-shm': mine } }, []],
    ['that folder around a database in rollback mode', { around: readOnly, isWal: false }, []],
    [
      'a system without owners',
      { user: null, database: { ...closed, owner: null }, isWal: false },
      ['bad: /d/a.db may not be read by this user'],
    ],
  ])('%s', (_, facts, expected) => {
    expect(judgeAccess({ ...base, ...facts }).map(({ verdict, message }) => `${verdict}: ${message}`)).toEqual(expected);
  });
});
