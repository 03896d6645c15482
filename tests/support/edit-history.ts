import Database from 'better-sqlite3';
import fc from 'fast-check';
import { startRandom } from './sample-content.ts';

/** How a database is made that is edited at random. */
export interface EditedDatabase {
  readonly pageSize: number;
  readonly autoVacuum: 'NONE' | 'FULL' | 'INCREMENTAL';
  readonly encoding: 'UTF-8' | 'UTF-16le';
  readonly journalMode: 'WAL' | 'DELETE';
  readonly rows: number;
  readonly seed: number;
}

/** One thing that is done to it between two backups. */
export type Edit =
  | { readonly do: 'insert'; readonly rows: number; readonly bytes: number }
  | { readonly do: 'update'; readonly every: number; readonly bytes: number }
  | { readonly do: 'delete'; readonly from: number; readonly share: number }
  | { readonly do: 'index' | 'drop index' | 'shrink' | 'vacuum' | 'mark' };

export const editedDatabases: fc.Arbitrary<EditedDatabase> = fc.record({
  pageSize: fc.constantFrom(512, 1024, 4096, 65_536),
  autoVacuum: fc.constantFrom('NONE', 'FULL', 'INCREMENTAL'),
  encoding: fc.constantFrom('UTF-8', 'UTF-8', 'UTF-16le'),
  journalMode: fc.constantFrom('WAL', 'DELETE'),
  rows: fc.integer({ min: 100, max: 600 }),
  seed: fc.integer(),
});

const edit: fc.Arbitrary<Edit> = fc.oneof(
  {
    arbitrary: fc.record({
      do: fc.constant('insert' as const),
      rows: fc.integer({ min: 1, max: 60 }),
      bytes: fc.integer({ min: 0, max: 3000 }),
    }),
    weight: 4,
  },
  {
    arbitrary: fc.record({
      do: fc.constant('update' as const),
      every: fc.integer({ min: 7, max: 100 }),
      bytes: fc.integer({ min: 0, max: 600 }),
    }),
    weight: 4,
  },
  {
    arbitrary: fc.record({
      do: fc.constant('delete' as const),
      from: fc.double({ min: 0, max: 1, noNaN: true }),
      share: fc.double({ min: 0, max: 0.4, noNaN: true }),
    }),
    weight: 3,
  },
  fc.record({ do: fc.constantFrom('index' as const, 'drop index' as const, 'shrink' as const, 'mark' as const) }),
  fc.record({ do: fc.constant('vacuum' as const) }),
);
export const editHistories: fc.Arbitrary<Edit[]> = fc.array(edit, { maxLength: 5 });

/** Makes a database of notes and pictures; the same description gives the same bytes. */
export function makeEditedDatabase(path: string, { pageSize, autoVacuum, encoding, journalMode, rows, seed }: EditedDatabase): void {
  const database = new Database(path);
  try {
    database.pragma(`page_size = ${pageSize}`);
    database.pragma(`auto_vacuum = ${autoVacuum}`);
    database.pragma(`encoding = '${encoding}'`);
    database.pragma(`journal_mode = ${journalMode}`);
    database.pragma('synchronous = OFF');
    database.exec('CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT NOT NULL, picture BLOB)');
    insert(database, rows, 300, seed);
  } finally {
    database.close();
  }
}

/** Does to a database of makeEditedDatabase what a history says. */
export function applyEdits(path: string, edits: readonly Edit[], seed: number): void {
  const database = new Database(path);
  try {
    database.pragma('synchronous = OFF');
    for (const [index, next] of edits.entries()) apply(database, next, seed + index);
  } finally {
    database.close();
  }
}

function apply(database: Database.Database, next: Edit, seed: number): void {
  switch (next.do) {
    case 'insert':
      insert(database, next.rows, next.bytes, seed);
      return;
    case 'update':
      database.prepare('UPDATE note SET body = ? WHERE id % ? = 0').run('new '.repeat(next.bytes / 4), next.every);
      return;
    case 'delete': {
      const last = database.prepare('SELECT coalesce(max(id), 0) FROM note').pluck().get() as number;
      database
        .prepare('DELETE FROM note WHERE id BETWEEN ? AND ?')
        .run(Math.floor(next.from * last), Math.floor((next.from + next.share) * last));
      return;
    }
    case 'index':
      database.exec('CREATE INDEX IF NOT EXISTS by_body ON note(substr(body, 1, 20))');
      return;
    case 'drop index':
      database.exec('DROP INDEX IF EXISTS by_body');
      return;
    case 'shrink':
      database.pragma('incremental_vacuum');
      return;
    case 'vacuum':
      database.exec('VACUUM');
      return;
    case 'mark':
      database.pragma(`user_version = ${seed & 0xffff}`);
      return;
  }
}

function insert(database: Database.Database, rows: number, bytes: number, seed: number): void {
  const random = startRandom(seed);
  const statement = database.prepare('INSERT INTO note (body, picture) VALUES (?, ?)');
  database.transaction(() => {
    for (let row = 0; row < rows; row++) {
      statement.run(
        `note ${random.below(1_000_000)} ${'of some words '.repeat(bytes / 20)}`,
        random.below(4) === 0 ? random.picture(bytes) : null,
      );
    }
  })();
}
