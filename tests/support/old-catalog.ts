import type Database from 'better-sqlite3';
import { migrations } from '../../electron/engine/catalog/migrations/index.ts';

export type Row = Readonly<Record<string, string | number | null>>;

/** Makes an empty database the catalog that a program of this version had. */
export function migrateTo(database: Database.Database, version: number): void {
  for (const { sql } of migrations.filter(({ version: step }) => step <= version)) database.exec(sql);
  database.pragma(`user_version = ${version}`);
}

export function insertRow(database: Database.Database, table: string, row: Row): void {
  const places = Object.keys(row).map(() => '?');
  database.prepare(`INSERT INTO ${table} (${Object.keys(row)}) VALUES (${places})`).run(...Object.values(row));
}

/** The first row of each of these tables. */
export function firstRows(database: Database.Database, tables: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(tables.map((table) => [table, database.prepare(`SELECT * FROM ${table}`).get()]));
}

/** The tables that take values of any type. */
export function looseTables(database: Database.Database): string[] {
  const tables = database.pragma('table_list') as { schema: string; name: string; strict: 0 | 1 }[];
  return tables.flatMap(({ name, schema, strict }) => (schema === 'main' && !name.startsWith('sqlite_') && strict === 0 ? name : []));
}
