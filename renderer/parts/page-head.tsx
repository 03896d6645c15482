import { Title } from '@mantine/core';
import type { ReactNode } from 'react';
import styles from './page-head.module.css';

interface PageHeadProps {
  readonly title: string;
  /** One sentence under it. */
  readonly children?: ReactNode;
  /** Buttons at the right. */
  readonly actions?: ReactNode;
}

/** The head of a page. */
export function PageHead({ actions, children, title }: PageHeadProps) {
  return (
    <header className={styles.head}>
      <div>
        <Title order={1}>{title}</Title>
        {children === undefined ? null : <p className={styles.text}>{children}</p>}
      </div>
      {actions === undefined ? null : <div className={styles.actions}>{actions}</div>}
    </header>
  );
}
