import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { HealthFinding } from '../../../electron/domain/finding.ts';
import type { JobHealth } from '../../../electron/domain/health.ts';
import { client, engine } from '../../client.ts';
import { failureOf, sentence } from '../../failure.ts';
import { outcomeOf } from '../../outcome.ts';
import { routeTo } from '../../route.ts';
import { partsOfDestination } from '../jobs/jobs-place.ts';
import styles from './job-findings.module.css';
import { shortFinding } from './short-finding.ts';

interface JobFindingsProps {
  readonly health: JobHealth;
  readonly isRunning: boolean;
}

/** What is wrong with a job, one sentence each, with what can be done about it. */
export function JobFindings({ health, isRunning }: JobFindingsProps) {
  if (health.findings.length === 0) return null;
  return (
    <ul className={styles.findings} aria-label={`What is wrong with ${health.job}`}>
      {health.findings.map((finding) => (
        <li key={`${finding.kind} ${finding.about} ${finding.message}`} data-kind={finding.kind}>
          <span>{sentence(shortFinding(finding).message)}</span> <Remedy finding={finding} health={health} isRunning={isRunning} />
        </li>
      ))}
    </ul>
  );
}

function Remedy({ finding, health, isRunning }: JobFindingsProps & { readonly finding: HealthFinding }) {
  switch (finding.kind) {
    case 'shrunk':
      return <Loss health={health} />;
    case 'sign-in':
      return <SignIn health={health} />;
    case 'run-failed':
      return <OpenRun health={health} />;
    case 'verify-failed':
      return <Link to={routeTo('restore', [health.job])}>See the snapshots</Link>;
    case 'drill-failed':
      return <DrillAgain job={health.job} isRunning={isRunning} />;
    case 'stale':
    case 'warning':
      return null;
  }
}

/** Git signs in by itself, with what its person has set up: there the run says what it was told. */
function SignIn({ health }: { readonly health: JobHealth }) {
  const refused = health.places.find(({ account }) => account !== null);
  if (refused === undefined) return <OpenRun health={health} />;
  return <Link to={routeTo('jobs', partsOfDestination(refused.place))}>Sign in again</Link>;
}

function OpenRun({ health: { lastRun } }: { readonly health: JobHealth }) {
  return lastRun === null ? null : <Link to={routeTo('history', [lastRun.id])}>Open the run</Link>;
}

function Link({ children, to }: { readonly children: string; readonly to: string }) {
  return (
    <Button component="a" href={to} variant="light" size="compact-xs">
      {children}
    </Button>
  );
}

/** What is gone is looked at before it is accepted: only then old snapshots are pruned again. */
function Loss({ health }: { readonly health: JobHealth }) {
  const [isOpen, setOpen] = useState(false);
  const acknowledge = useMutation(engine.jobs.acknowledge.mutationOptions());
  if (!isOpen) {
    return (
      <Button variant="light" size="compact-xs" onClick={() => setOpen(true)}>
        Look at the loss
      </Button>
    );
  }
  return (
    <div className={styles.loss}>
      <ul>
        {health.losses.map((loss) => (
          <li key={loss}>{sentence(loss)}</li>
        ))}
      </ul>
      <p>Nothing older is pruned until you say that this was meant. The snapshots from before are all there.</p>
      <div className={styles.actions}>
        <Link to={routeTo('restore', [health.job])}>See the snapshots from before</Link>
        <Button variant="default" size="compact-xs" loading={acknowledge.isPending} onClick={() => acknowledge.mutate({ job: health.job })}>
          It was meant: prune again
        </Button>
      </div>
      {acknowledge.error === null ? null : <p role="alert">{failureOf(acknowledge.error).message}</p>}
    </div>
  );
}

/** A drill belongs to whoever asked for it: it ends with the window. */
function DrillAgain({ isRunning, job }: { readonly job: string; readonly isRunning: boolean }) {
  const drill = useMutation({ mutationFn: () => outcomeOf(client.drills.run({ job })) });
  return (
    <>
      <Button variant="light" size="compact-xs" disabled={isRunning} loading={drill.isPending} onClick={() => drill.mutate()}>
        Prove it again now
      </Button>
      {drill.error === null ? null : <span role="alert"> {failureOf(drill.error).message}</span>}
    </>
  );
}
