import { Button, CopyButton } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Failure } from '../failure.ts';
import styles from './failure-note.module.css';
import { StatusMark } from './status-mark.tsx';

interface FailureNoteProps {
  readonly failure: Failure;
  /** What it means for the person's backups, where that is known; one sentence. */
  readonly means?: string;
  /** What is copied, where more is known than the failure itself says. */
  readonly diagnosis?: string;
  /** What can be done here, as buttons. */
  readonly children?: ReactNode;
}

/** What went wrong, what that means, and what to do; the technical part folds out and can be copied. */
export function FailureNote({ children, diagnosis, failure, means }: FailureNoteProps) {
  const { code, hint, message } = failure;
  const told = [`${code}: ${message}`, ...(hint === null ? [] : [hint])].join('\n');
  return (
    <div className={styles.note} role="alert">
      <StatusMark mark="failed" />
      <div>
        <p className={styles.message}>{message}</p>
        {means === undefined ? null : <p>{means}</p>}
        {hint === null ? null : <p className={styles.hint}>{hint}</p>}
        <div className={styles.actions}>
          {children}
          <CopyButton value={diagnosis ?? told}>
            {({ copied, copy }) => (
              <Button variant="subtle" size="compact-xs" onClick={copy}>
                {copied ? 'Copied' : 'Copy diagnosis'}
              </Button>
            )}
          </CopyButton>
        </div>
      </div>
    </div>
  );
}
