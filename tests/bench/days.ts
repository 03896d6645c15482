import type Database from 'better-sqlite3';
import { startRandom } from '../support/sample-content.ts';
import { prepareRows, type Rows } from './brain.ts';

/** What a day changes, as shares of the rows of each main table (the log is only appended to). */
export interface Day {
  readonly edited: number;
  readonly appended: number;
  readonly deleted: number;
}

/** The days that the issue of this bench names. */
export const days = {
  edits: { edited: 0.01, appended: 0, deleted: 0 },
  mixed: { edited: 0.01, appended: 0.015, deleted: 0.005 },
  appends: { edited: 0, appended: 0.015, deleted: 0 },
} as const satisfies Record<string, Day>;

const changesInCommit = 20;

/** Does to a brain what a day does, in many commits at scattered places, and leaves its WAL empty. The same seed does the same. */
export function spendDay(database: Database.Database, day: Day, seed: number): void {
  const random = startRandom(seed);
  const rows = prepareRows(database, random);
  const count = (table: string) => Number(database.prepare(`SELECT max(id) FROM ${table}`).pluck().get());
  const [notes, records] = [count('notes'), count('records')];
  const scattered = (of: number, share: number) => Array.from({ length: Math.round(of * share) }, () => 1 + random.below(of));
  commitEach(database, scattered(notes, day.edited), rows.editNote);
  commitEach(database, scattered(records, day.edited), rows.editRecord);
  commitEach(database, batches(Math.round(notes * day.appended)), rows.append);
  commitEach(database, scattered(notes, day.deleted), rows.deleteNote);
  commitEach(database, scattered(records, day.deleted), rows.deleteRecord);
  database.pragma('wal_checkpoint(TRUNCATE)');
}

function batches(notes: number): number[] {
  return Array.from({ length: Math.ceil(notes / changesInCommit) }, (_, index) =>
    Math.min(changesInCommit, notes - index * changesInCommit),
  );
}

/** Commits as an application does that saves from time to time. */
function commitEach(database: Database.Database, values: readonly number[], change: Rows[keyof Rows]): void {
  const commit = database.transaction((some: readonly number[]) => {
    for (const value of some) change(value);
  });
  for (let i = 0; i < values.length; i += changesInCommit) commit(values.slice(i, i + changesInCommit));
}
