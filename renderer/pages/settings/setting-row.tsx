import type { ReactNode } from 'react';
import styles from './setting-row.module.css';

interface SettingRowProps {
  readonly label: string;
  /** The id of the control that the label is of, where there is one. */
  readonly controlId?: string;
  /** What it does, in one sentence; its id is `CONTROL-effect`. */
  readonly effect: ReactNode;
  readonly children?: ReactNode;
  /** What needs the whole width below. */
  readonly below?: ReactNode;
}

/** One line of the settings: what it is and what it does at the left, how it is changed at the right. */
export function SettingRow({ below, children, controlId, effect, label }: SettingRowProps) {
  return (
    <div className={styles.row}>
      <div className={styles.text}>
        {controlId === undefined ? <div className={styles.label}>{label}</div> : <label htmlFor={controlId}>{label}</label>}
        <div className={styles.effect} id={controlId === undefined ? undefined : `${controlId}-effect`}>
          {effect}
        </div>
      </div>
      {children === undefined ? null : <div className={styles.control}>{children}</div>}
      {below === undefined || below === null ? null : <div className={styles.below}>{below}</div>}
    </div>
  );
}
