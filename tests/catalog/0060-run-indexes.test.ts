import Database from 'better-sqlite3';
import { beforeEach, describe, expect, it } from 'vitest';
import { migrate } from '../../electron/engine/catalog/database.ts';
import { migrations } from '../../electron/engine/catalog/migrations/index.ts';
import { insertRow, looseTables, migrateTo, type Row } from '../support/old-catalog.ts';

const run: Row = { id: 'run-1', job: 'notes', trigger: 'manual', status: 'succeeded', started_at_ms: 1 };
const step: Row = { run_id: 'run-1', seq: 1, name: 'guard', status: 'done', started_at_ms: 1 };

let database: Database.Database;

beforeEach(() => {
  database = new Database(':memory:');
  return () => database.close();
});

function planOf(sql: string): string[] {
  return (database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[]).map(({ detail }) => detail);
}

describe('the catalog at version 60', () => {
  beforeEach(() => migrateTo(database, 60));

  it('has only strict tables', () => {
    expect(looseTables(database)).toEqual([]);
  });

  it('counts the runs of a job by an index alone', () => {
    const sql = "SELECT status, count(*) FROM run WHERE job = 'notes' AND started_at_ms >= 1 AND started_at_ms < 2 GROUP BY status";
    expect(planOf(sql)[0]).toContain('COVERING INDEX run_by_job (job=? AND started_at_ms>? AND started_at_ms<?)');
  });

  it('lists the latest runs of all jobs, and of one, without sorting them all', () => {
    expect(planOf('SELECT * FROM run ORDER BY started_at_ms DESC, id DESC LIMIT 50')).toEqual(['SCAN run USING INDEX run_by_start']);
    const ofJob = planOf("SELECT * FROM run WHERE job = 'notes' ORDER BY started_at_ms DESC, id DESC LIMIT 50");
    expect(ofJob[0]).toContain('INDEX run_by_job (job=?)');
    expect(ofJob.slice(1)).toEqual(['USE TEMP B-TREE FOR LAST TERM OF ORDER BY']);
  });
});

describe('migrate', () => {
  it('leads version 50 to the newest, with every row as it was', () => {
    migrateTo(database, 50);
    insertRow(database, 'run', run);
    insertRow(database, 'run_step', step);
    migrate(database);
    expect(database.pragma('user_version', { simple: true })).toBe(migrations.at(-1)?.version);
    expect(database.prepare('SELECT * FROM run').all()).toEqual([expect.objectContaining(run)]);
    expect(database.prepare('SELECT * FROM run_step').all()).toEqual([expect.objectContaining(step)]);
  });
});
