/** A table and its number of rows, as counted in the finished copy. */
export interface TableRows {
  readonly name: string;
  readonly rows: number;
}

/** The rows of all tables together. */
export function countRows(tables: readonly TableRows[]): number {
  return tables.reduce((sum, { rows }) => sum + rows, 0);
}
