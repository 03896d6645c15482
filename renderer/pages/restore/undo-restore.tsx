import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { PastRestore } from '../../../electron/domain/outcomes.ts';
import { client, engine } from '../../client.ts';
import { formatShort } from '../../format.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { nameOfPath } from '../../path-text.ts';
import type { Route } from '../../route.ts';
import { restores } from './activity.ts';
import { Checklist, RestoreProgress } from './checklist.tsx';
import { undoSteps } from './checklist-steps.ts';
import styles from './pieces.module.css';
import { BackLink, Headline, ShowFile } from './pieces.tsx';
import { Proof } from './proof.tsx';
import { RefusalNote } from './refusal-note.tsx';
import { restoreTo } from './restore-route.ts';

/** Brings back what a restore had replaced. */
export function UndoRestore({ job, restore: id, route }: { readonly route: Route; readonly job: string; readonly restore: string }) {
  const { data: past } = useQuery(engine.restores.list.queryOptions());
  const back = <BackLink href={restoreTo(route, [job])}>{`Snapshots of ${job}`}</BackLink>;
  if (past === undefined) return <Waiting what="Reading past restores" />;
  const restore = past.find((each) => each.id === id);
  if (restore === undefined) {
    const failure = { code: 'restore-unknown', message: `There is no restore ${id}`, hint: 'Choose one of the list of past restores' };
    return (
      <>
        {back}
        <FailureNote failure={failure} means="Nothing was changed." />
      </>
    );
  }
  return (
    <>
      {back}
      <Undo route={route} restore={restore} />
    </>
  );
}

function Undo({ restore, route }: { readonly route: Route; readonly restore: PastRestore }) {
  const { id, keptPath = '', startedAtMs, targetPath } = restore;
  const key = `undo ${id}`;
  const activity = restores.use(key);
  const name = nameOfPath(targetPath);
  const when = formatShort(startedAtMs);
  if (activity?.status === 'running') {
    return (
      <>
        <Headline>{`Putting the former ${name} back`}</Headline>
        <p className={styles.sub}>Until the step that puts it back, the present one stays as it is.</p>
        <RestoreProgress plan={undoSteps} run={activity.run} />
      </>
    );
  }
  if (activity?.status === 'done') {
    const { undo } = activity.outcome;
    return (
      <Proof title={`${name} is again what it was before ${when}`} outcome={activity.outcome}>
        <ShowFile path={targetPath} />
        {undo === null ? null : (
          <Button component="a" variant="default" href={restoreTo(route, [restore.job], { undo })}>
            Undo this undo…
          </Button>
        )}
      </Proof>
    );
  }
  if (!restore.isKept) {
    const failure = {
      code: 'undo-impossible',
      message: `What was replaced on ${when} is not kept any more`,
      hint: 'Restore a snapshot instead',
    };
    return <FailureNote failure={failure} means={`${name} stays as it is.`} />;
  }
  return (
    <>
      <Headline>{`Undo the restore of ${when}`}</Headline>
      <p className={styles.sub}>
        The former {name} comes back from <span className={styles.path}>{keptPath}</span>, byte for byte. What is there now is kept in turn,
        so that this can be undone as well.
      </p>
      <RefusalNote activity={activity} />
      <Checklist plan={undoSteps} run={null} />
      <div className={styles.actions}>
        <Button onClick={() => restores.begin(key, () => client.restores.undo({ restore: id }))}>{`Put the former ${name} back`}</Button>
      </div>
    </>
  );
}
