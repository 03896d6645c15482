import type { DestinationCheck } from '../../../electron/domain/outcomes.ts';
import { sentence } from '../../failure.ts';
import { StatusMark } from '../../parts/status-mark.tsx';
import styles from './rows.module.css';

/** What a test of a destination found, step by step. */
export function TestChecks({ checks }: { readonly checks: readonly DestinationCheck[] }) {
  return (
    <ul className={styles.checks} aria-label="Test">
      {checks.map(({ message, ok, what }) => (
        <li key={what}>
          <StatusMark mark={ok ? 'good' : 'failed'} label={ok ? 'Works' : 'Does not work'} size={14} /> {sentence(what)}
          {message === undefined ? '' : `: ${message}`}
        </li>
      ))}
    </ul>
  );
}
