import Database from 'better-sqlite3';
import { beforeEach, describe, expect, it } from 'vitest';
import { itemStates } from '../../electron/domain/git-item.ts';
import { migrate } from '../../electron/engine/catalog/database.ts';
import { migrations } from '../../electron/engine/catalog/migrations/index.ts';
import { firstRows, insertRow, looseTables, migrateTo, type Row } from '../support/old-catalog.ts';

/** One full row for each table that version 30 adds. */
const rows: Readonly<Record<string, Row>> = {
  git_item: {
    job: 'notes',
    item: 'memory-1',
    state: 'running',
    paths_json: '["notes/a.md"]',
    reason: 'memory_creation',
    follow_up: 1,
    intended: 1,
    found: 1,
    committed: 1,
    pushed: 1,
    last_backup_at_ms: 1,
    error_code: 'git-failed',
    error_message: 'git commit failed',
    error_hint: 'do something',
    failures: 2,
    retry_at_ms: 3,
    updated_at_ms: 4,
  },
  git_store: { job: 'notes', proof_json: '{}', problem_json: '{}', failures: 1, retry_at_ms: 2, safe_at_ms: 3 },
};

/** Only what has no default. */
const leastItem: Row = { job: 'notes', item: 'least', state: 'queued', paths_json: '[]', reason: 'why', updated_at_ms: 1 };

let database: Database.Database;
const insert = (table: string, row: Row) => insertRow(database, table, row);

beforeEach(() => {
  database = new Database(':memory:');
  return () => database.close();
});

describe('the catalog at version 30', () => {
  beforeEach(() => {
    migrateTo(database, 30);
    for (const [table, row] of Object.entries(rows)) insert(table, row);
  });

  it('gives back a row of every new table as it was written', () => {
    expect(firstRows(database, Object.keys(rows))).toEqual(rows);
  });

  it('has only strict tables', () => {
    expect(looseTables(database)).toEqual([]);
  });

  it('begins an item with nothing done, and a store with nothing known', () => {
    insert('git_item', leastItem);
    insert('git_store', { job: 'other' });
    const nothing = {
      follow_up: 0,
      intended: 0,
      found: 0,
      committed: 0,
      pushed: 0,
      failures: 0,
      last_backup_at_ms: null,
      retry_at_ms: null,
    };
    const noError = { error_code: null, error_message: null, error_hint: null };
    expect(database.prepare("SELECT * FROM git_item WHERE item = 'least'").get()).toEqual({ ...leastItem, ...nothing, ...noError });
    const noStore = { job: 'other', proof_json: null, problem_json: null, failures: 0, retry_at_ms: null, safe_at_ms: null };
    expect(database.prepare("SELECT * FROM git_store WHERE job = 'other'").get()).toEqual(noStore);
  });

  it('takes the same item in another job, and another item in the same', () => {
    insert('git_item', { ...rows.git_item, job: 'other' });
    insert('git_item', { ...rows.git_item, item: 'memory-2' });
    expect(database.prepare('SELECT count(*) FROM git_item').pluck().get()).toBe(3);
  });

  it.each(itemStates)('takes the state %s', (state) => {
    insert('git_item', { ...leastItem, state });
    expect(database.prepare("SELECT state FROM git_item WHERE item = 'least'").pluck().get()).toBe(state);
  });

  it.each([
    ['git_item', {}, 'PRIMARYKEY'],
    ['git_item', { item: 'x', state: 'done' }, 'CHECK'],
    ['git_item', { item: 'x', state: 'Success' }, 'CHECK'],
    ['git_item', { item: 'x', state: null }, 'NOTNULL'],
    ['git_item', { item: 'x', paths_json: null }, 'NOTNULL'],
    ['git_item', { item: 'x', reason: null }, 'NOTNULL'],
    ['git_item', { item: 'x', updated_at_ms: null }, 'NOTNULL'],
    ['git_item', { item: 'x', updated_at_ms: 'now' }, 'DATATYPE'],
    ['git_item', { item: 'x', follow_up: 2 }, 'CHECK'],
    ['git_item', { item: 'x', intended: -1 }, 'CHECK'],
    ['git_item', { item: 'x', committed: 2 }, 'CHECK'],
    ['git_item', { item: 'x', pushed: 2 }, 'CHECK'],
    ['git_item', { item: null }, 'NOTNULL'],
    ['git_store', {}, 'PRIMARYKEY'],
    ['git_store', { job: 'x', failures: null }, 'NOTNULL'],
    ['git_store', { job: 'x', retry_at_ms: 'soon' }, 'DATATYPE'],
  ] as const)('refuses in %s %j (%s)', (table, change, rule) => {
    expect(() => insert(table, { ...rows[table], ...change })).toThrow(expect.objectContaining({ code: `SQLITE_CONSTRAINT_${rule}` }));
  });

  it('finds what waits longest by an index', () => {
    const sql = "SELECT item FROM git_item WHERE job = 'notes' AND state = 'queued' ORDER BY updated_at_ms, item LIMIT 1";
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[];
    expect(plan.map(({ detail }) => detail)).toEqual([expect.stringContaining('git_item_by_state (job=? AND state=?)')]);
  });
});

describe('migrate', () => {
  it('leads version 20 to the newest, with every row as it was', () => {
    migrateTo(database, 20);
    const run: Row = { id: 'run-1', job: 'notes', trigger: 'manual', status: 'succeeded', started_at_ms: 1 };
    const snapshot: Row = { id: 'snap-1', job: 'notes', created_at_ms: 1, manifest_json: '{}' };
    const copy: Row = { snapshot_id: 'snap-1', destination: 'usb', state: 'stored' };
    const remote_file: Row = { destination: 'gdrive', name: 'notes', file_id: 'file-1' };
    const delivery: Row = { snapshot_id: 'snap-1', destination: 'gdrive', job: 'notes', created_at_ms: 1, manifest_json: '{}' };
    const former = { run, snapshot, copy, remote_file, delivery };
    for (const [table, row] of Object.entries(former)) insert(table, row);
    migrate(database);
    expect(database.pragma('user_version', { simple: true })).toBe(migrations.at(-1)?.version);
    for (const [table, row] of Object.entries(former)) {
      expect(database.prepare(`SELECT * FROM ${table}`).all()).toEqual([expect.objectContaining(row)]);
    }
    expect(Object.keys(rows).map((table) => database.prepare(`SELECT count(*) FROM ${table}`).pluck().get())).toEqual([0, 0]);
    insert('git_item', leastItem);
  });
});
