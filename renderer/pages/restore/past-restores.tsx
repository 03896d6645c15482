import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { RestoreMode } from '../../../electron/domain/model.ts';
import type { PastRestore } from '../../../electron/domain/outcomes.ts';
import { engine } from '../../client.ts';
import { Ago } from '../../parts/ago.tsx';
import { Section } from '../../parts/section.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { nameOfPath } from '../../path-text.ts';
import { restoreWords } from '../../restore-words.ts';
import type { Route } from '../../route.ts';
import { DiscardKept } from './discard-kept.tsx';
import styles from './pieces.module.css';
import { restoreTo } from './restore-route.ts';

const shown = 6;

const modes: Readonly<Record<RestoreMode, string>> = {
  file: 'A copy to',
  'in-place': 'In the place of',
  undo: 'An undo, in the place of',
};

/** The latest restores of a job, with what can still be undone. */
export function PastRestores({ job, route }: { readonly route: Route; readonly job: string }) {
  const { data } = useQuery(engine.restores.list.queryOptions());
  const past = (data ?? []).filter((restore) => restore.job === job);
  const listed = past.filter(({ isKept }, index) => index < shown || isKept);
  if (listed.length === 0) return null;
  return (
    <Section title="Past restores">
      <table className={styles.table} aria-label="Past restores">
        <tbody>
          {listed.map((restore) => (
            <PastRow key={restore.id} restore={restore} route={route} />
          ))}
        </tbody>
      </table>
    </Section>
  );
}

function PastRow({ restore, route }: { readonly route: Route; readonly restore: PastRestore }) {
  const { endedAtMs, id, isKept, job, mode, startedAtMs, state, targetPath } = restore;
  const { mark, said } = restoreWords[state];
  return (
    <tr>
      <td className={styles.when}>
        <StatusMark mark={mark} size={14} /> <Ago atMs={startedAtMs} />
      </td>
      <td>
        {modes[mode]} <span className={styles.path}>{targetPath}</span>, <span className={styles.quiet}>{said}</span>
        {isKept && endedAtMs !== undefined ? (
          <div className={styles.line}>
            {state === 'done' ? (
              <Button component="a" variant="subtle" size="compact-xs" href={restoreTo(route, [job], { undo: id })}>
                Undo it…
              </Button>
            ) : null}
            <DiscardKept restore={id} name={nameOfPath(targetPath)} />
          </div>
        ) : null}
      </td>
    </tr>
  );
}
