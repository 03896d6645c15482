import Database from 'better-sqlite3';
import { beforeEach, describe, expect, it } from 'vitest';
import { slotStates } from '../../electron/domain/ledger.ts';
import { migrate } from '../../electron/engine/catalog/database.ts';
import { firstRows, insertRow, looseTables, migrateTo, type Row } from '../support/old-catalog.ts';

/** One full row for each table that version 40 adds. */
const rows: Readonly<Record<string, Row>> = {
  slot: { job: 'notes', at_ms: 5, state: 'done', reason: 'why', run_id: 'run-1' },
  job_schedule: {
    job: 'notes',
    schedule_json: '{"cron":"17 3 * * *","zone":"UTC"}',
    decided_until_ms: 9,
    waiting_json: '{}',
    attempts: 2,
    skips_at_ms: 7,
  },
};

let database: Database.Database;

beforeEach(() => {
  database = new Database(':memory:');
  migrateTo(database, 40);
  return () => database.close();
});

describe('the catalog at version 40', () => {
  it('gives back a row of every new table as it was written, and has only strict tables', () => {
    for (const [table, row] of Object.entries(rows)) insertRow(database, table, row);
    expect([firstRows(database, Object.keys(rows)), looseTables(database)]).toEqual([rows, []]);
  });

  it('has one row for each slot of a job, in one of its states', () => {
    for (const [at, state] of slotStates.entries()) insertRow(database, 'slot', { job: 'notes', at_ms: at, state });
    expect(() => insertRow(database, 'slot', { job: 'notes', at_ms: 0, state: 'done' })).toThrow('UNIQUE');
    expect(() => insertRow(database, 'slot', { job: 'notes', at_ms: 99, state: 'perhaps' })).toThrow('CHECK');
  });

  it('keeps what an older one holds', () => {
    const older = new Database(':memory:');
    migrateTo(older, 30);
    insertRow(older, 'git_store', { job: 'wiki', safe_at_ms: 3 });
    migrate(older as never);
    expect(older.prepare('SELECT safe_at_ms FROM git_store').pluck().get()).toBe(3);
    older.close();
  });
});
