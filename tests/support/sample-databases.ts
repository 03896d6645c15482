import { open, rm } from 'node:fs/promises';
import { setImmediate as yieldToEvents } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { type Random, startRandom, startWriting } from './sample-content.ts';

/** How a sample database is made. The same options give the same bytes. */
export interface SampleOptions {
  /** The file is at least this large, and larger by a sixteenth at the most (or 256 KiB, where that is more). */
  readonly bytes: number;
  readonly journalMode: 'wal' | 'rollback';
  readonly pageSize?: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
}

const accountCount = 400;
const openingCents = 100_000;
const firstEventMs = Date.UTC(2024, 0, 1);

/** The tables that `startLiveWriter` writes to and `checkInvariants` knows. */
export const writtenTables = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE accounts (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, initial INTEGER NOT NULL, balance INTEGER NOT NULL) STRICT;
  CREATE TABLE ledger (
    id INTEGER PRIMARY KEY, account INTEGER NOT NULL REFERENCES accounts(id), amount INTEGER NOT NULL, reason TEXT NOT NULL
  ) STRICT;
  CREATE INDEX ledger_by_account ON ledger(account);
  CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT NOT NULL, body TEXT NOT NULL, changed_at INTEGER NOT NULL) STRICT;
  CREATE VIRTUAL TABLE notes_search USING fts5(title, body, content = 'notes', content_rowid = 'id');
  CREATE TRIGGER notes_inserted AFTER INSERT ON notes BEGIN
    INSERT INTO notes_search(rowid, title, body) VALUES (new.id, new.title, new.body);
  END;
  CREATE TRIGGER notes_updated AFTER UPDATE ON notes BEGIN
    INSERT INTO notes_search(notes_search, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
    INSERT INTO notes_search(rowid, title, body) VALUES (new.id, new.title, new.body);
  END;
`;

const otherTables = `
  CREATE TABLE events (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, payload TEXT NOT NULL) STRICT;
  CREATE INDEX events_by_time ON events(at);
  CREATE TABLE attachments (id INTEGER PRIMARY KEY, note INTEGER NOT NULL, kind TEXT NOT NULL, content BLOB NOT NULL) STRICT;
`;

/**
 * Makes a database like those that people keep: notes with a full-text index, a log of JSON events, attachments that hardly
 * compress (vectors, pictures), and accounts with a ledger, whose sums `checkInvariants` knows. The file must not exist.
 */
export async function makeSampleDatabase(path: string, options: SampleOptions): Promise<void> {
  const { journalMode, pageSize = 4096 } = options;
  // Fails where the file exists: it is not ours to fill, nor to remove after a failure.
  await (await open(path, 'wx')).close();
  const database = new Database(path);
  try {
    database.pragma(`page_size = ${pageSize}`);
    database.pragma('journal_mode = OFF');
    database.pragma('synchronous = OFF');
    database.pragma('cache_size = -65536');
    await fill(database, options);
    database.pragma(`journal_mode = ${journalMode === 'wal' ? 'WAL' : 'DELETE'}`);
  } catch (error) {
    database.close();
    await rm(path, { force: true });
    throw error;
  }
  database.close();
}

async function fill(database: Database.Database, { bytes, seed, signal }: SampleOptions): Promise<void> {
  const random = startRandom(seed);
  database.transaction(() => {
    database.exec(writtenTables);
    database.exec(otherTables);
    openAccounts(database, random);
  })();
  const add = prepareContent(database, random);
  const transfer = prepareTransfers(database, random);
  const roundBytes = Math.min(8 * 1024 * 1024, Math.max(64 * 1024, bytes / 16));
  const round = database.transaction(() => {
    add(roundBytes);
    for (let i = 0; i < roundBytes / 64 / 1024; i++) transfer();
  });
  const size = () => Number(database.pragma('page_count', { simple: true })) * Number(database.pragma('page_size', { simple: true }));
  while (size() < bytes) {
    round();
    await yieldToEvents();
    signal?.throwIfAborted();
  }
}

/** Fills the accounts and the counters that the invariants start from. The caller holds the transaction. */
export function openAccounts(database: Database.Database, random: Random): void {
  const write = startWriting(random);
  const insert = database.prepare('INSERT INTO accounts (owner, initial, balance) VALUES (?, ?, ?)');
  for (let i = 0; i < accountCount; i++) insert.run(write.title(), openingCents, openingCents);
  database.prepare("INSERT INTO meta (key, value) VALUES ('transfers', 0), ('notes', 0)").run();
}

/** Of the bytes, nearly half are notes and their index, a third events, a fifth attachments. */
function prepareContent(database: Database.Database, random: Random): (bytes: number) => void {
  const write = startWriting(random);
  const addNote = database.prepare('INSERT INTO notes (title, body, changed_at) VALUES (?, ?, ?)');
  const countNotes = database.prepare("UPDATE meta SET value = value + ? WHERE key = 'notes'");
  const addEvent = database.prepare('INSERT INTO events (at, payload) VALUES (?, ?)');
  const addAttachment = database.prepare('INSERT INTO attachments (note, kind, content) VALUES (?, ?, ?)');
  let atMs = firstEventMs;
  let notes = 0;
  return (bytes) => {
    const before = notes;
    for (let done = 0; done < bytes * 0.28; notes++) {
      const body = write.body(300 + random.below(3000));
      atMs += random.below(60_000);
      addNote.run(write.title(), body, atMs);
      done += body.length;
    }
    countNotes.run(notes - before);
    for (let done = 0; done < bytes * 0.33; ) {
      atMs += random.below(2000);
      const payload = write.eventJson(atMs);
      addEvent.run(atMs, payload);
      done += payload.length;
    }
    for (let done = 0; done < bytes * 0.2; ) {
      const isPicture = random.below(20) === 0;
      const content = isPicture ? random.picture(8_000 + random.below(60_000)) : random.vector(384);
      addAttachment.run(1 + random.below(notes), isPicture ? 'image/jpeg' : 'vector/f32', content);
      done += content.length;
    }
  };
}

/**
 * One transfer as an application makes it: two balances, two entries in the ledger, the count of transfers. The caller holds the
 * transaction. Every prefix of such commits satisfies `checkInvariants`; any mixture of two of them does not.
 */
export function prepareTransfers(database: Database.Database, random: Random): () => void {
  const book = database.prepare('UPDATE accounts SET balance = balance + ? WHERE id = ?');
  const enter = database.prepare('INSERT INTO ledger (account, amount, reason) VALUES (?, ?, ?)');
  const count = database.prepare("UPDATE meta SET value = value + 1 WHERE key = 'transfers'");
  return () => {
    const from = 1 + random.below(accountCount);
    const to = 1 + ((from + random.below(accountCount - 1)) % accountCount);
    const amount = 1 + random.below(5000);
    const reason = `transfer ${from} to ${to}`;
    book.run(-amount, from);
    enter.run(from, -amount, reason);
    book.run(amount, to);
    enter.run(to, amount, reason);
    count.run();
  };
}

/**
 * The invariants that a consistent state of a sample database satisfies: one sentence for each that is violated, none when all hold.
 * A path is opened read-only, which leaves `-wal` and `-shm` beside a closed database in WAL mode; pass an open database to avoid it.
 */
export function checkInvariants(database: string | Database.Database): string[] {
  if (typeof database !== 'string') return violations(database);
  const opened = new Database(database, { readonly: true, timeout: 10_000 });
  try {
    return violations(opened);
  } finally {
    opened.close();
  }
}

function violations(database: Database.Database): string[] {
  return database.transaction(() => {
    const number = (sql: string) => Number(database.prepare(sql).pluck().get());
    const found: string[] = [];
    const expectEqual = (what: string, value: number, expected: number) => {
      if (value !== expected) found.push(`${what}: ${value}, expected ${expected}`);
    };
    expectEqual('number of accounts', number('SELECT count(*) FROM accounts'), accountCount);
    expectEqual('sum of all balances', number('SELECT sum(balance) FROM accounts'), accountCount * openingCents);
    expectEqual('accounts whose balance is not initial + ledger', number(wrongBalances), 0);
    expectEqual('rows of the ledger', number('SELECT count(*) FROM ledger'), 2 * number("SELECT value FROM meta WHERE key = 'transfers'"));
    expectEqual('rows of notes', number('SELECT count(*) FROM notes'), number("SELECT value FROM meta WHERE key = 'notes'"));
    expectEqual('notes in the full-text index', number('SELECT count(*) FROM notes_search_docsize'), number('SELECT count(*) FROM notes'));
    return found;
  })();
}

const wrongBalances = `
  SELECT count(*) FROM accounts
  WHERE balance <> initial + coalesce((SELECT sum(amount) FROM ledger WHERE ledger.account = accounts.id), 0)`;
