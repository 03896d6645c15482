import type { ReactNode } from 'react';
import { FailureNote } from '../../parts/failure-note.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import type { Activity } from './activity.ts';
import styles from './pieces.module.css';
import { refusalOf } from './refusal.ts';

interface RefusalNoteProps {
  readonly activity: Activity<unknown> | null;
  /** What can be done about it, as buttons; by the code of the failure. */
  readonly actions?: (code: string) => ReactNode;
}

/** Why the last attempt did not come to its end; nothing where there was none. */
export function RefusalNote({ actions, activity }: RefusalNoteProps) {
  if (activity === null || activity.status === 'running' || activity.status === 'done') return null;
  if (activity.status === 'cancelled') {
    return (
      <p className={styles.text} role="status">
        <StatusMark mark="paused" size={14} /> Cancelled. Nothing was changed, and nothing half-written was left behind.
      </p>
    );
  }
  const { failure, means } = refusalOf(activity.failure);
  return (
    <FailureNote failure={failure} means={means}>
      {actions?.(failure.code)}
    </FailureNote>
  );
}
