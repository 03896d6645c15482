import { Loader } from '@mantine/core';
import styles from './waiting.module.css';

/** Says what is waited for; only seen where that takes longer than a moment. */
export function Waiting({ what }: { readonly what: string }) {
  return (
    <p className={styles.waiting} role="status">
      <Loader size="xs" aria-hidden="true" />
      {what}
    </p>
  );
}
