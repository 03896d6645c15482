import { z } from 'zod';
import { countRows, type TableRows } from './table-rows.ts';
import { formatBytes, formatCount } from './units.ts';

const percent = z.int().min(1).max(100);

/** How much a database may shrink between two snapshots before somebody has to look. */
export const anomalyPolicySchema = z.strictObject({
  enabled: z.boolean().default(true),
  /** Rows of a table, or of all tables, that fell by more than this. */
  rowsFellPercent: percent.default(50),
  /** The size of the database that fell by more than this. */
  sizeFellPercent: percent.default(50),
});
export type AnomalyPolicy = z.infer<typeof anomalyPolicySchema>;

/** What is compared of a snapshot. */
export interface Extent {
  readonly snapshotId: string;
  readonly createdAtMs: number;
  readonly rawBytes: number;
  readonly tables: readonly TableRows[];
}

/** A snapshot that has much less than `former`, the last one before the fall. */
export interface Anomaly {
  readonly snapshotId: string;
  readonly job: string;
  readonly foundAtMs: number;
  readonly former: Extent;
  /** One sentence for each loss. */
  readonly losses: readonly string[];
  /** When a person said that it is meant to be so; `null` where nobody has. */
  readonly acknowledgedAtMs: number | null;
}

/** A table with fewer rows than this may lose them without anybody having to look. */
const tinyRows = 20;

/**
 * What a snapshot has lost against an earlier one, one sentence each: tables that vanished, rows of a table or of all tables, and size
 * that fell by more than the policy allows. Empty where nothing has, or where the policy is switched off. Pure.
 */
export function findLosses(former: Extent, current: Extent, policy: AnomalyPolicy): string[] {
  if (!policy.enabled) return [];
  const rows = new Map(current.tables.map((table) => [table.name, table.rows]));
  const gone = former.tables.filter(({ name }) => !rows.has(name));
  const shrunk = former.tables.filter((table) => hasFallen(table.rows, rows.get(table.name) ?? table.rows, policy.rowsFellPercent));
  const formerRows = countRows(former.tables);
  const currentRows = countRows(current.tables);
  return [
    ...gone.map((table) => `the table ${table.name} with ${counted(table.rows)} is gone`),
    ...shrunk.map((table) => `the table ${table.name} has ${counted(rows.get(table.name) ?? 0)} instead of ${formatCount(table.rows)}`),
    ...(hasFallen(formerRows, currentRows, policy.rowsFellPercent)
      ? [`all tables together have ${counted(currentRows)} instead of ${formatCount(formerRows)}`]
      : []),
    ...(fell(former.rawBytes, current.rawBytes) > policy.sizeFellPercent
      ? [`the database has ${formatBytes(current.rawBytes)} instead of ${formatBytes(former.rawBytes)}`]
      : []),
  ];
}

function hasFallen(before: number, now: number, limitPercent: number): boolean {
  return before >= tinyRows && fell(before, now) > limitPercent;
}

/** By how many percent a number fell; 0 where it did not. */
function fell(before: number, now: number): number {
  return before <= 0 || now >= before ? 0 : (100 * (before - now)) / before;
}

function counted(rows: number): string {
  return `${formatCount(rows)} ${rows === 1 ? 'row' : 'rows'}`;
}
