import { Button } from '@mantine/core';
import { useState } from 'react';
import type { TableRows } from '../../../electron/domain/table-rows.ts';
import { counted, formatCount } from '../../../electron/domain/units.ts';
import styles from './pieces.module.css';
import { formatChange, type TableChange } from './snapshot-change.ts';

const shownAtFirst = 8;

interface TableListProps {
  readonly label: string;
  readonly tables: readonly TableChange[];
  /** Whether there is a snapshot before to compare with. */
  readonly isCompared: boolean;
}

/** Rows of every table; the largest first, the rest on demand. */
export function TableList({ isCompared, label, tables }: TableListProps) {
  const [isAll, setAll] = useState(false);
  const shown = isAll ? tables : tables.slice(0, shownAtFirst);
  const rest = tables.length - shown.length;
  return (
    <>
      <table className={styles.table} aria-label={label}>
        <thead>
          <tr>
            <th scope="col">Table</th>
            <th scope="col" className={styles.number}>
              Rows
            </th>
            {isCompared ? (
              <th scope="col" className={styles.number}>
                Since the one before
              </th>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {shown.map((table) => (
            <tr key={table.name}>
              <th scope="row">{table.name}</th>
              <td className={styles.number}>{table.rows === null ? 'gone' : formatCount(table.rows)}</td>
              {isCompared ? <td className={styles.number}>{changeOf(table)}</td> : null}
            </tr>
          ))}
        </tbody>
      </table>
      {rest > 0 ? (
        <Button variant="subtle" size="compact-xs" mt={6} onClick={() => setAll(true)}>
          {`Show ${counted(rest, 'more table')}`}
        </Button>
      ) : null}
    </>
  );
}

function changeOf({ change }: TableChange): string {
  return change === null ? 'new' : formatChange(change, formatCount);
}

/** Rows as they were counted, with nothing to compare them with. */
export function asTables(tables: readonly TableRows[]): readonly TableChange[] {
  return tables.toSorted((a, b) => b.rows - a.rows).map(({ name, rows }) => ({ name, rows, change: 0 }));
}
