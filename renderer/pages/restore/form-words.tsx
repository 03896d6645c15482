import type { ReactNode } from 'react';
import type { Manifest } from '../../../electron/domain/manifest.ts';
import { describeBase, describeChangedPages } from '../../../electron/domain/snapshot-form.ts';
import styles from './pieces.module.css';

interface FormWordsProps {
  readonly manifest: Manifest;
  /** Of a delta: its base in other words than its name. */
  readonly children?: ReactNode;
}

/** How a snapshot is stored, and what a restore of it needs. */
export function FormWords({ children, manifest: { delta, sqlite } }: FormWordsProps) {
  if (delta === undefined) return 'Full: the whole database';
  return (
    <>
      Delta on {children ?? describeBase(delta)}: {describeChangedPages(delta.changedPages, sqlite.pageCount)}.{' '}
      <span className={styles.quiet}>Restoring needs both.</span>
    </>
  );
}
