import Database from 'better-sqlite3';
import { beforeEach, describe, expect, it } from 'vitest';
import { drillLevels, drillOutcomes } from '../../electron/domain/drill.ts';
import { migrate } from '../../electron/engine/catalog/database.ts';
import { migrations } from '../../electron/engine/catalog/migrations/index.ts';
import { firstRows, insertRow, looseTables, migrateTo, type Row } from '../support/old-catalog.ts';

/** One full row for each table that version 50 adds. */
const rows: Readonly<Record<string, Row>> = {
  drill: {
    job: 'notes',
    place: 'usb',
    started_at_ms: 1,
    ended_at_ms: 2,
    level: 'full',
    outcome: 'failed',
    snapshot_id: 'snap-1',
    code: 'digest-mismatch',
    message: 'it is damaged',
    rows: 3,
  },
  anomaly: { snapshot_id: 'snap-1', job: 'notes', found_at_ms: 1, former_json: '{}', losses_json: '[]', acknowledged_at_ms: 2 },
  space_sample: { place: 'usb', at_ms: 1, free_bytes: 2, total_bytes: 3 },
  told: { job: 'notes', kind: 'failed', about: 'disk-full', at_ms: 1 },
};

let database: Database.Database;
const insert = (table: string, row: Row) => insertRow(database, table, row);

beforeEach(() => {
  database = new Database(':memory:');
  return () => database.close();
});

describe('the catalog at version 50', () => {
  beforeEach(() => {
    migrateTo(database, 50);
    for (const [table, row] of Object.entries(rows)) insert(table, row);
  });

  it('gives back a row of every new table as it was written', () => {
    expect(firstRows(database, Object.keys(rows))).toEqual(rows);
  });

  it('has only strict tables', () => {
    expect(looseTables(database)).toEqual([]);
  });

  it('takes every level and outcome that a drill may have', () => {
    const drills = drillLevels.flatMap((level) => drillOutcomes.map((outcome) => ({ level, outcome })));
    for (const [at, drill] of drills.entries()) insert('drill', { ...rows.drill, ...drill, started_at_ms: 10 + at });
    expect(database.prepare('SELECT count(*) FROM drill').pluck().get()).toBe(drills.length + 1);
  });

  it.each([
    ['drill', { started_at_ms: 9, level: 'quick' }, 'CHECK'],
    ['drill', { started_at_ms: 9, outcome: 'ok' }, 'CHECK'],
    ['drill', { started_at_ms: 9, message: null }, 'NOTNULL'],
    ['drill', {}, 'PRIMARYKEY'],
    ['anomaly', {}, 'PRIMARYKEY'],
    ['anomaly', { snapshot_id: 'snap-2', losses_json: null }, 'NOTNULL'],
    ['space_sample', { at_ms: 'soon' }, 'DATATYPE'],
    ['told', { about: 'the same kind again' }, 'PRIMARYKEY'],
  ] as const)('refuses in %s %j (%s)', (table, change, rule) => {
    expect(() => insert(table, { ...rows[table], ...change })).toThrow(expect.objectContaining({ code: `SQLITE_CONSTRAINT_${rule}` }));
  });

  it('finds what nobody has acknowledged by an index', () => {
    const sql = "SELECT * FROM anomaly WHERE acknowledged_at_ms IS NULL AND job = 'notes' ORDER BY found_at_ms";
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[];
    expect(plan[0]?.detail).toContain('anomaly_by_job (job=?)');
  });
});

describe('migrate', () => {
  it('leads version 30 to the newest, with every row as it was', () => {
    migrateTo(database, 30);
    const run: Row = { id: 'run-1', job: 'notes', trigger: 'manual', status: 'succeeded', started_at_ms: 1 };
    const snapshot: Row = { id: 'snap-1', job: 'notes', created_at_ms: 1, manifest_json: '{}' };
    const copy: Row = { snapshot_id: 'snap-1', destination: 'usb', state: 'stored' };
    const git_item: Row = { job: 'notes', item: 'a', state: 'queued', paths_json: '[]', reason: 'why', updated_at_ms: 1 };
    const former = { run, snapshot, copy, git_item };
    for (const [table, row] of Object.entries(former)) insert(table, row);
    migrate(database);
    expect(database.pragma('user_version', { simple: true })).toBe(migrations.at(-1)?.version);
    for (const [table, row] of Object.entries(former)) {
      expect(database.prepare(`SELECT * FROM ${table}`).all()).toEqual([expect.objectContaining(row)]);
    }
    expect(Object.keys(rows).map((table) => database.prepare(`SELECT count(*) FROM ${table}`).pluck().get())).toEqual([0, 0, 0, 0]);
  });
});
