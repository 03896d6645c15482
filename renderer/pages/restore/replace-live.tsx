import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { VolumeNeed } from '../../../electron/domain/disk-guard.ts';
import type { RestorePlan } from '../../../electron/domain/outcomes.ts';
import { type SnapshotRecord, storedCopies } from '../../../electron/domain/snapshot-record.ts';
import { formatBytes } from '../../../electron/domain/units.ts';
import { client, engine } from '../../client.ts';
import { failureOf } from '../../failure.ts';
import { formatShort } from '../../format.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { nameOfPath } from '../../path-text.ts';
import type { Route } from '../../route.ts';
import { restores } from './activity.ts';
import { Checklist, RestoreProgress } from './checklist.tsx';
import { replaceSteps } from './checklist-steps.ts';
import { DiscardKept } from './discard-kept.tsx';
import styles from './pieces.module.css';
import { BackLink, Headline, ShowFile } from './pieces.tsx';
import { Proof } from './proof.tsx';
import { refusalOf } from './refusal.ts';
import { RefusalNote } from './refusal-note.tsx';
import { restoreTo } from './restore-route.ts';

interface ReplaceLiveProps {
  readonly route: Route;
  readonly snapshot: SnapshotRecord;
}

/** How often it is looked whether the program that has the database open has been quit. */
const lookAgainMs = 3000;

/** Puts a snapshot in the place of the live database: says beforehand what will happen, ticks it as it does, and offers the way back. */
export function ReplaceLive({ route, snapshot }: ReplaceLiveProps) {
  const key = `replace ${snapshot.id}`;
  const activity = restores.use(key);
  const back = restoreTo(route, [snapshot.job, snapshot.id]);
  const when = formatShort(snapshot.createdAtMs);
  if (activity?.status === 'running') {
    return (
      <>
        <BackLink href={back}>The snapshot</BackLink>
        <Headline>{`Replacing the live database with the copy of ${when}`}</Headline>
        <p className={styles.sub}>Until the step that replaces it, the present one stays as it is.</p>
        <RestoreProgress plan={replaceSteps} run={activity.run} />
      </>
    );
  }
  if (activity?.status === 'done') {
    const { outcome } = activity;
    const { path, undo } = outcome;
    return (
      <>
        <BackLink href={back}>The snapshot</BackLink>
        <Proof title={`${nameOfPath(path)} is as it was on ${when}`} outcome={outcome}>
          <ShowFile path={path} />
          {undo === null ? null : (
            <>
              <Button component="a" variant="default" href={restoreTo(route, [snapshot.job], { undo })}>
                Undo: put the former one back…
              </Button>
              <DiscardKept restore={undo} name={nameOfPath(path)} />
            </>
          )}
        </Proof>
      </>
    );
  }
  return (
    <>
      <BackLink href={back}>The snapshot</BackLink>
      <Headline>Replace the live database</Headline>
      <RefusalNote activity={activity} />
      <Plan snapshot={snapshot} onReplace={() => restores.begin(key, () => client.restores.inPlace({ snapshot: snapshot.id }))} />
    </>
  );
}

function Plan({ onReplace, snapshot }: { readonly snapshot: SnapshotRecord; readonly onReplace: () => void }) {
  const {
    data: plan,
    error,
    isFetching,
    refetch,
  } = useQuery({
    ...engine.restores.plan.queryOptions({ input: { snapshot: snapshot.id } }),
    staleTime: 0,
    refetchInterval: ({ state: { data } }) => (isOpen(data) ? lookAgainMs : false),
  });
  if (error !== null) {
    const { failure, means } = refusalOf(failureOf(error));
    return (
      <FailureNote failure={failure} means={means}>
        <Button size="compact-xs" variant="default" loading={isFetching} onClick={() => refetch()}>
          Look again
        </Button>
      </FailureNote>
    );
  }
  if (plan === undefined) return <Waiting what="Looking at the live database" />;
  const { target } = plan;
  const name = nameOfPath(target);
  const isRefused = isOpen(plan) || plan.needs.some(({ verdict }) => verdict === 'refuse');
  return (
    <>
      <p className={styles.sub}>
        <span className={styles.path}>{target}</span>
      </p>
      <p className={styles.text}>Until the step that replaces it, it stays as it is. This is what will happen, in order:</p>
      <Checklist plan={replaceSteps} run={null} about={aboutSteps(plan)} />
      {isOpen(plan) ? <p className={styles.text}>This page looks again by itself until the program has been quit.</p> : null}
      <div className={styles.actions}>
        <Button color="var(--failed)" variant="outline" disabled={isRefused} onClick={onReplace}>
          {`Replace ${name} with the copy of ${formatShort(snapshot.createdAtMs)}`}
        </Button>
      </div>
    </>
  );
}

function isOpen(plan: RestorePlan | undefined): boolean {
  return (plan?.openBy ?? []).length > 0;
}

function aboutSteps(plan: RestorePlan) {
  const { needs, present, snapshot, target } = plan;
  const { bytes, wal } = { bytes: present?.bytes ?? 0, wal: present?.walBytes ?? 0 };
  const name = nameOfPath(target);
  return {
    guard: (
      <>
        <Holders plan={plan} />
        {needs.map((need) => (
          <Need key={need.volume.id} need={need} />
        ))}
      </>
    ),
    fetch: `${formatBytes(snapshot.manifest.object.bytes)} from ${storedCopies(snapshot)
      .map(({ destination }) => destination)
      .join(', or else ')}`,
    keep:
      present === null
        ? 'There is none now, so nothing has to be kept.'
        : `${formatBytes(bytes + wal)}${wal > 0 ? ', its log included,' : ''} in a folder beside it called ${name}.before-restore-…`,
    swap: 'One rename: a crash leaves the former database or the new one, whole.',
  };
}

function Holders({ plan: { openBy, target } }: { readonly plan: RestorePlan }) {
  const name = nameOfPath(target);
  if (openBy === null) return <Judged mark="warning">This system cannot tell who has {name} open: quit its program yourself.</Judged>;
  if (openBy.length === 0) return <Judged mark="good">No other program has {name} open.</Judged>;
  const who = openBy.map(({ command, pid }) => `${command} (process ${String(pid)})`).join(', ');
  return (
    <Judged mark="failed">
      {name} is open in {who}. Quit it first: it would go on writing to what is not there any more.
    </Judged>
  );
}

function Need({ need: { freeAfterBytes, needBytes, verdict, volume } }: { readonly need: VolumeNeed }) {
  const numbers = `It needs ${formatBytes(needBytes)} on ${volume.path}, where ${formatBytes(volume.freeBytes)} is free`;
  if (verdict === 'refuse') {
    return (
      <Judged mark="failed">{numbers}: that is not enough beside the reserve. Free some space, or restore a copy to another disk.</Judged>
    );
  }
  return (
    <Judged
      mark={verdict === 'warn' ? 'warning' : 'good'}
    >{`${numbers}; ${formatBytes(Math.max(0, freeAfterBytes))} will be left.`}</Judged>
  );
}

function Judged({ children, mark }: { readonly mark: 'good' | 'warning' | 'failed'; readonly children: ReactNode }) {
  return (
    <div>
      <StatusMark mark={mark} size={13} /> {children}
    </div>
  );
}
