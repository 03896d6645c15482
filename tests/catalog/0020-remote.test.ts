import Database from 'better-sqlite3';
import { beforeEach, describe, expect, it } from 'vitest';
import { migrate } from '../../electron/engine/catalog/database.ts';
import { migrations } from '../../electron/engine/catalog/migrations/index.ts';
import { firstRows, insertRow, looseTables, migrateTo, type Row } from '../support/old-catalog.ts';

/** One full row for each table that version 20 adds. */
const rows: Readonly<Record<string, Row>> = {
  remote_file: { destination: 'gdrive', name: 'notes/2026-11-22.db.gz', file_id: 'file-1' },
  upload: {
    destination: 'gdrive',
    name: 'notes/2026-11-22.db.gz',
    file_id: 'file-1',
    bytes: 3,
    sha256: 'ab',
    started_at_ms: 1,
    offered_bytes: 2,
    offered_sha256: 'cd',
  },
  delivery: { snapshot_id: 'snap-1', destination: 'gdrive', job: 'notes', created_at_ms: 1, manifest_json: '{}' },
  account_problem: { destination: 'gdrive', code: 'sign-in-expired', message: 'sign in again', hint: 'with a command', at_ms: 1 },
};

let database: Database.Database;
const insert = (table: string, row: Row) => insertRow(database, table, row);

beforeEach(() => {
  database = new Database(':memory:');
  return () => database.close();
});

describe('the catalog at version 20', () => {
  beforeEach(() => {
    migrateTo(database, 20);
    for (const [table, row] of Object.entries(rows)) insert(table, row);
  });

  it('gives back a row of every new table as it was written', () => {
    expect(firstRows(database, Object.keys(rows))).toEqual(rows);
  });

  it('has only strict tables', () => {
    expect(looseTables(database)).toEqual([]);
  });

  it.each([
    ['remote_file', { file_id: 'file-2' }, 'PRIMARYKEY'],
    ['remote_file', { name: 'notes', file_id: null }, 'NOTNULL'],
    ['upload', { bytes: 4 }, 'PRIMARYKEY'],
    ['upload', { name: 'notes/other', offered_bytes: 'all' }, 'DATATYPE'],
    ['delivery', { job: 'other' }, 'PRIMARYKEY'],
    ['delivery', { snapshot_id: 'snap-2', created_at_ms: 'now' }, 'DATATYPE'],
    ['account_problem', { code: 'other' }, 'PRIMARYKEY'],
    ['account_problem', { destination: 'other', message: null }, 'NOTNULL'],
  ] as const)('refuses in %s %j (%s)', (table, change, rule) => {
    expect(() => insert(table, { ...rows[table], ...change })).toThrow(expect.objectContaining({ code: `SQLITE_CONSTRAINT_${rule}` }));
  });
});

describe('migrate', () => {
  it('leads version 10 to the newest, with every row as it was', () => {
    migrateTo(database, 10);
    const run: Row = { id: 'run-1', job: 'notes', trigger: 'manual', status: 'succeeded', started_at_ms: 1 };
    const snapshot: Row = { id: 'snap-1', job: 'notes', created_at_ms: 1, manifest_json: '{}' };
    const copy: Row = { snapshot_id: 'snap-1', destination: 'usb', state: 'stored' };
    for (const [table, row] of Object.entries({ run, snapshot, copy })) insert(table, row);
    migrate(database);
    expect(database.pragma('user_version', { simple: true })).toBe(migrations.at(-1)?.version);
    for (const [table, row] of Object.entries({ run, snapshot, copy })) {
      expect(database.prepare(`SELECT * FROM ${table}`).all()).toEqual([expect.objectContaining(row)]);
    }
    expect(Object.keys(rows).map((table) => database.prepare(`SELECT count(*) FROM ${table}`).pluck().get())).toEqual([0, 0, 0, 0]);
  });
});
