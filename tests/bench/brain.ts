import { open } from 'node:fs/promises';
import { setImmediate as yieldToEvents } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { type Random, startRandom } from '../support/sample-content.ts';
import { openAccounts, writtenTables } from '../support/sample-databases.ts';
import { startProse } from './prose.ts';

const firstMs = Date.UTC(2026, 0, 1);
const notesInBatch = 500;
const linesToANote = 20;
const dimensions = 384;

const schema = `
  CREATE TABLE vectors (note INTEGER PRIMARY KEY, embedding BLOB NOT NULL) STRICT;
  CREATE TABLE records (id INTEGER PRIMARY KEY, changed_at INTEGER NOT NULL, document TEXT NOT NULL) STRICT;
  CREATE TABLE log (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, line TEXT NOT NULL) STRICT;
  CREATE INDEX log_by_time ON log(at);
`;

/** Writes rows of an application's database: the caller holds the transaction. */
export interface Rows {
  /** So many notes, with a vector and a record each, and the lines of the log that come with them. */
  append(notes: number): void;
  /** Changes one passage of a note and its vector; nothing where there is no such note. */
  editNote(id: number): void;
  editRecord(id: number): void;
  deleteNote(id: number): void;
  deleteRecord(id: number): void;
}

/**
 * Makes the database of a personal knowledge base of at least so many bytes, in WAL mode: notes with a full-text index, JSON records,
 * a log, an embedding (384 floats of 32 bits) for every note, and the ledger whose sums `checkInvariants` knows. The same options give
 * the same database. The file must not exist.
 */
export async function makeBrain(path: string, bytes: number, seed: number, signal: AbortSignal): Promise<void> {
  await (await open(path, 'wx')).close();
  const database = new Database(path);
  try {
    for (const pragma of ['page_size = 4096', 'journal_mode = OFF', 'synchronous = OFF', 'cache_size = -65536']) database.pragma(pragma);
    const random = startRandom(seed);
    database.transaction(() => {
      database.exec(writtenTables);
      database.exec(schema);
      openAccounts(database, random);
    })();
    const rows = prepareRows(database, random);
    const batch = database.transaction(() => rows.append(notesInBatch));
    while (Number(database.pragma('page_count', { simple: true })) * 4096 < bytes) {
      batch();
      await yieldToEvents();
      signal.throwIfAborted();
    }
    database.pragma('journal_mode = WAL');
  } finally {
    database.close();
  }
}

/** The statements for the rows of a brain. */
export function prepareRows(database: Database.Database, random: Random): Rows {
  const prose = startProse(random);
  const statement = (sql: string) => database.prepare(sql);
  const last = (table: string) => Number(statement(`SELECT coalesce(max(id), 0) FROM ${table}`).pluck().get());
  const add = {
    note: statement('INSERT INTO notes (title, body, changed_at) VALUES (?, ?, ?)'),
    vector: statement('INSERT INTO vectors (note, embedding) VALUES (?, ?)'),
    record: statement('INSERT INTO records (changed_at, document) VALUES (?, ?)'),
    line: statement('INSERT INTO log (at, line) VALUES (?, ?)'),
  };
  const body = statement('SELECT body FROM notes WHERE id = ?').pluck();
  const changeNote = statement('UPDATE notes SET body = ?, changed_at = changed_at + 86400000 WHERE id = ?');
  const changeVector = statement('UPDATE vectors SET embedding = ? WHERE note = ?');
  const changeRecord = statement(
    "UPDATE records SET changed_at = changed_at + 86400000, document = json_set(document, '$.score', ?, '$.state', ?) WHERE id = ?",
  );
  const unindex = statement(
    "INSERT INTO notes_search (notes_search, rowid, title, body) SELECT 'delete', id, title, body FROM notes WHERE id = ?",
  );
  const remove = {
    note: statement('DELETE FROM notes WHERE id = ?'),
    vector: statement('DELETE FROM vectors WHERE note = ?'),
    record: statement('DELETE FROM records WHERE id = ?'),
  };
  const count = statement("UPDATE meta SET value = value + ? WHERE key = 'notes'");

  return {
    append: (notes) => {
      const firstId = last('notes') + 1;
      for (let id = firstId; id < firstId + notes; id++) {
        const title = `${prose.word()} ${prose.word()} ${prose.word()}`;
        add.note.run(title, prose.text(300 + random.below(2200)), firstMs + id * 600_000);
      }
      for (let id = firstId; id < firstId + notes; id++) add.vector.run(id, random.vector(dimensions));
      for (let i = 0; i < notes; i++) add.record.run(firstMs, recordJson(random, prose.word));
      for (let i = 0; i < notes * linesToANote; i++) {
        const atMs = firstMs + firstId * 600_000 + i * 50_000 + random.below(50_000);
        add.line.run(atMs, logLine(random, prose.word, atMs));
      }
      count.run(notes);
    },
    editNote: (id) => {
      const text = body.get(id);
      if (typeof text !== 'string') return;
      const at = random.below(text.length);
      changeNote.run(`${text.slice(0, at)} ${prose.text(60)} ${text.slice(at + 60)}`, id);
      changeVector.run(random.vector(dimensions), id);
    },
    editRecord: (id) => void changeRecord.run(random.below(1e6) / 1e6, prose.word(), id),
    deleteNote: (id) => {
      unindex.run(id);
      count.run(-remove.note.run(id).changes);
      remove.vector.run(id);
    },
    deleteRecord: (id) => void remove.record.run(id),
  };
}

function recordJson(random: Random, word: () => string): string {
  return JSON.stringify({
    kind: ['bookmark', 'message', 'task', 'contact'][random.below(4)],
    state: word(),
    score: random.below(1e6) / 1e6,
    author: { name: `${word()} ${word()}`, id: random.below(5000) },
    url: `https://${word()}.example/${word()}/${word()}/${random.below(100_000)}`,
    tags: Array.from({ length: 1 + random.below(5) }, word),
    history: Array.from({ length: 2 + random.below(8) }, () => ({
      by: random.below(5000),
      action: word(),
      note: `${word()} ${word()} ${word()}`,
    })),
  });
}

function logLine(random: Random, word: () => string, atMs: number): string {
  const level = random.below(40) === 0 ? 'WARN' : 'INFO';
  return `${new Date(atMs).toISOString()} ${level} worker ${1 + random.below(8)} finished step ${word()} in ${random.below(5000)} ms`;
}
