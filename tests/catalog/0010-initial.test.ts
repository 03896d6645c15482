import Database from 'better-sqlite3';
import { beforeEach, describe, expect, it } from 'vitest';
import { migrate } from '../../electron/engine/catalog/database.ts';
import { migrations } from '../../electron/engine/catalog/migrations/index.ts';
import { firstRows, insertRow, type Row } from '../support/old-catalog.ts';

/** One full row for each table, in an order that the references allow. */
const rows: Readonly<Record<string, Row>> = {
  run: {
    id: 'run-1',
    job: 'notes',
    trigger: 'schedule',
    status: 'failed',
    started_at_ms: 1,
    ended_at_ms: 2,
    snapshot_id: 'snap-1',
    error_code: 'disk-full',
    error_message: 'the disk is full',
    error_hint: 'free some space',
    warnings_json: '["careful"]',
  },
  run_step: { run_id: 'run-1', seq: 0, name: 'guard', status: 'done', started_at_ms: 1, ended_at_ms: 2, facts_json: '{"freeBytes":3}' },
  snapshot: { id: 'snap-1', job: 'notes', created_at_ms: 1, pinned: 1, wal_growth_bytes: 4096, manifest_json: '{}' },
  copy: {
    snapshot_id: 'snap-1',
    destination: 'usb',
    state: 'stored',
    verified_level: 'full',
    verified_at_ms: 5,
    failure_message: 'the digest differs',
    failure_at_ms: 6,
  },
  intent: { run_id: 'run-1', destination: 'usb', object_name: 'notes/2026-11-22.db.gz', created_at_ms: 1 },
  restore: {
    id: 'restore-1',
    job: 'notes',
    snapshot_id: 'snap-1',
    mode: 'in-place',
    state: 'done',
    target_path: '/notes.db',
    part_path: '/.part',
    kept_path: '/kept',
    started_at_ms: 1,
    ended_at_ms: 2,
  },
  unread_destination: { destination: 'nas' },
};

let database: Database.Database;
const insert = (table: string, row: Row) => insertRow(database, table, row);
const tables = () => database.pragma('table_list') as { schema: string; name: string; type: string; strict: 0 | 1 }[];

beforeEach(() => {
  database = new Database(':memory:');
  database.pragma('foreign_keys = ON');
  database.transaction(() => {
    for (const { version, sql } of migrations.filter(({ version: step }) => step <= 10)) {
      database.exec(sql);
      database.pragma(`user_version = ${version}`);
    }
  })();
  for (const [table, row] of Object.entries(rows)) insert(table, row);
  return () => database.close();
});

describe('the catalog at version 10', () => {
  it('gives back a row of every table as it was written', () => {
    expect(firstRows(database, Object.keys(rows))).toEqual(rows);
  });

  it('has these tables and no other, all of them strict', () => {
    const own = tables().filter(({ schema, name }) => schema === 'main' && !name.startsWith('sqlite_'));
    expect(Object.fromEntries(own.map(({ name, strict }) => [name, strict]))).toEqual(
      Object.fromEntries(Object.keys(rows).map((table) => [table, 1])),
    );
  });

  it('fills in what may be left out', () => {
    insert('run', { id: 'run-2', job: 'notes', trigger: 'manual', status: 'queued', started_at_ms: 1 });
    insert('run_step', { run_id: 'run-2', seq: 0, name: 'guard', status: 'running', started_at_ms: 1 });
    insert('snapshot', { id: 'snap-2', job: 'notes', created_at_ms: 1, manifest_json: '{}' });
    const defaults = `SELECT warnings_json, facts_json, pinned FROM run JOIN run_step ON run_id = run.id JOIN snapshot ON snapshot.id = 'snap-2' WHERE run.id = 'run-2'`;
    expect(database.prepare(defaults).get()).toEqual({ warnings_json: '[]', facts_json: '{}', pinned: 0 });
  });

  it.each([
    ['run', { trigger: 'whim' }, 'CHECK'],
    ['run', { status: 'done' }, 'CHECK'],
    ['run', { started_at_ms: 'yesterday' }, 'DATATYPE'],
    ['run', { job: null }, 'NOTNULL'],
    ['run_step', { seq: 1, status: 'succeeded' }, 'CHECK'],
    ['run_step', { seq: 1, started_at_ms: 0.5 }, 'DATATYPE'],
    ['run_step', { run_id: 'run-9' }, 'FOREIGNKEY'],
    ['run_step', {}, 'PRIMARYKEY'],
    ['snapshot', { pinned: 2 }, 'CHECK'],
    ['snapshot', { created_at_ms: '2026-11-22' }, 'DATATYPE'],
    ['snapshot', { manifest_json: null }, 'NOTNULL'],
    ['copy', { destination: 'nas', state: 'lost' }, 'CHECK'],
    ['copy', { destination: 'nas', verified_level: 'deep' }, 'CHECK'],
    ['copy', { destination: 'nas', verified_at_ms: 'now' }, 'DATATYPE'],
    ['copy', { snapshot_id: 'snap-9' }, 'FOREIGNKEY'],
    ['copy', {}, 'PRIMARYKEY'],
    ['intent', { object_name: 'notes/other', created_at_ms: 'now' }, 'DATATYPE'],
    ['intent', { run_id: 'run-2' }, 'PRIMARYKEY'],
    ['restore', { mode: 'sideways' }, 'CHECK'],
    ['restore', { state: 'pending' }, 'CHECK'],
    ['restore', { started_at_ms: 'now' }, 'DATATYPE'],
    ['unread_destination', { destination: null }, 'NOTNULL'],
  ] as const)('refuses in %s %j (%s)', (table, change, rule) => {
    const row: Row = {
      ...rows[table],
      ...(table === 'run' || table === 'snapshot' || table === 'restore' ? { id: 'new' } : {}),
      ...change,
    };
    expect(() => insert(table, row)).toThrow(expect.objectContaining({ code: `SQLITE_CONSTRAINT_${rule}` }));
  });

  it('removes the steps with their run and the copies with their snapshot', () => {
    database.exec("DELETE FROM run WHERE id = 'run-1'; DELETE FROM snapshot WHERE id = 'snap-1'");
    expect(['run_step', 'copy'].map((table) => database.prepare(`SELECT count(*) FROM ${table}`).pluck().get())).toEqual([0, 0]);
  });
});

describe('migrate', () => {
  it('leads an empty database to the newest version, once', () => {
    const empty = new Database(':memory:');
    migrate(empty);
    migrate(empty);
    expect(empty.pragma('user_version', { simple: true })).toBe(migrations.at(-1)?.version);
    empty.close();
  });

  it('keeps every row of version 10', () => {
    migrate(database);
    for (const [table, row] of Object.entries(rows)) expect(database.prepare(`SELECT * FROM ${table}`).get()).toMatchObject(row);
  });
});
