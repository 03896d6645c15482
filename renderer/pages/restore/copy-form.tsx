import { Button } from '@mantine/core';
import type { ReactNode, SyntheticEvent } from 'react';
import type { RestoreOutcome } from '../../../electron/domain/outcomes.ts';
import { PathField } from '../../parts/path-field.tsx';
import { isWholePath, nameOfPath } from '../../path-text.ts';
import type { Activity } from './activity.ts';
import { RestoreProgress } from './checklist.tsx';
import { copySteps } from './checklist-steps.ts';
import styles from './pieces.module.css';
import { Headline, ShowFile } from './pieces.tsx';
import { Proof } from './proof.tsx';
import { RefusalNote } from './refusal-note.tsx';

interface CopyFormProps {
  readonly activity: Activity<RestoreOutcome> | null;
  /** What the database is called. */
  readonly name: string;
  /** The database that must not be written over this way; `null` where none is known. */
  readonly live: string | null;
  readonly target: string;
  readonly onTarget: (path: string) => void;
  readonly onRestore: (force: boolean) => void;
  /** What stands over the form. */
  readonly head: ReactNode;
  /** What can be done when it is there, as buttons. */
  readonly after: ReactNode;
}

/** Asks where a copy is to go, shows how it gets there, and the proof at the end. */
export function CopyForm({ activity, after, head, live, name, onRestore, onTarget, target }: CopyFormProps) {
  if (activity?.status === 'running') {
    return (
      <>
        <Headline>{`Restoring ${nameOfPath(target)}`}</Headline>
        <p className={styles.sub}>Nothing stands under this name until all of it was checked.</p>
        <RestoreProgress plan={copySteps} run={activity.run} />
      </>
    );
  }
  if (activity?.status === 'done') {
    const { outcome } = activity;
    return (
      <Proof title={`${nameOfPath(outcome.path)} is restored`} outcome={outcome}>
        <ShowFile path={outcome.path} />
        {after}
      </Proof>
    );
  }
  const isLive = live !== null && target.trim() === live;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!isLive && isWholePath(target)) onRestore(false);
  };
  return (
    <form onSubmit={submit}>
      {head}
      <RefusalNote
        activity={activity}
        actions={(code) =>
          code === 'target-exists' && !isLive ? (
            <Button color="var(--failed)" variant="outline" size="compact-sm" onClick={() => onRestore(true)}>
              {`Replace ${nameOfPath(target)}`}
            </Button>
          ) : null
        }
      />
      <PathField
        label="Where to"
        want="new-file"
        title={`Restore a copy of ${name}`}
        description="A new file. Its folder must be there."
        value={target}
        onChange={onTarget}
        error={
          isLive ? 'This is the live database. To put the snapshot in its place, use “Replace the live database…”, which keeps it.' : null
        }
        required
      />
      <div className={styles.actions}>
        <Button type="submit" disabled={isLive || !isWholePath(target)}>
          Restore this copy
        </Button>
      </div>
    </form>
  );
}
