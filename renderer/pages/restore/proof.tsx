import type { ReactNode } from 'react';
import type { RestoreOutcome } from '../../../electron/domain/outcomes.ts';
import { countRows } from '../../../electron/domain/table-rows.ts';
import { counted } from '../../../electron/domain/units.ts';
import { StatusMark } from '../../parts/status-mark.tsx';
import styles from './pieces.module.css';
import { Digest, Fact, Facts, Headline } from './pieces.tsx';
import { asTables, TableList } from './table-list.tsx';

interface ProofProps {
  readonly title: string;
  readonly outcome: RestoreOutcome;
  /** What can be done now, as buttons. */
  readonly children: ReactNode;
}

/** What a restore has put in place, as it was proven: its rows, counted in the file, and its digest. */
export function Proof({ children, outcome, title }: ProofProps) {
  const { path, sha256, tables, warnings } = outcome;
  return (
    <section aria-label="The proof">
      <Headline mark={<StatusMark mark={warnings.length > 0 ? 'warning' : 'good'} size={18} />}>{title}</Headline>
      <p className={styles.sub}>{sentenceOf(outcome)}</p>
      <Facts>
        <Fact name="File">
          <span className={styles.path}>{path}</span>
        </Fact>
        {sha256 === null ? null : (
          <Fact name="SHA-256">
            <Digest sha256={sha256} />
          </Fact>
        )}
      </Facts>
      {warnings.map((warning) => (
        <p key={warning} className={styles.line}>
          <StatusMark mark="warning" label="Warning" />
          {warning}
        </p>
      ))}
      <div className={styles.actions}>{children}</div>
      {tables.length === 0 ? null : <TableList label="Rows, as they were counted in it" tables={asTables(tables)} isCompared={false} />}
    </section>
  );
}

function sentenceOf({ sha256, tables }: RestoreOutcome): string {
  if (tables.length > 0) {
    return `${counted(countRows(tables), 'row')} in ${counted(tables.length, 'table')}, counted in it, and its digest are as they were stored.`;
  }
  return sha256 === null ? 'There was no database before, and there is none now.' : 'It was compared byte for byte with what was kept.';
}
