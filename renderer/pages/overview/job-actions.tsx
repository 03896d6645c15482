import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { JobHealth } from '../../../electron/domain/health.ts';
import { isGitJob, type Job } from '../../../electron/domain/model.ts';
import { isPaused } from '../../../electron/domain/pause.ts';
import { engine } from '../../client.ts';
import { useNow } from '../../clock.ts';
import { failureOf } from '../../failure.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { routeTo } from '../../route.ts';
import { partsOfJob } from '../jobs/jobs-place.ts';
import styles from './job-actions.module.css';

interface JobActionsProps {
  readonly job: Job;
  readonly health: JobHealth;
  readonly isRunning: boolean;
}

/** What can be done with a job from here. */
export function JobActions({ health, isRunning, job }: JobActionsProps) {
  const { ask, error, isAsked } = useBackUpNow(job.name, health);
  const pause = useMutation(engine.jobs.pause.mutationOptions());
  const resume = useMutation(engine.jobs.resume.mutationOptions());
  const nowMs = useNow();
  const failure = error ?? pause.error ?? resume.error;
  const cannot = isRunning || isAsked || isOff(job);
  const isPausedNow = isPaused(job, nowMs);
  return (
    <>
      <div className={styles.actions}>
        {isPausedNow ? (
          <Button variant="subtle" loading={resume.isPending} onClick={() => resume.mutate({ job: job.name })}>
            Resume
          </Button>
        ) : null}
        <Button
          variant="default"
          // It keeps the focus: a button that is really disabled would lose it to nowhere.
          data-disabled={cannot}
          aria-disabled={cannot}
          onClick={cannot ? undefined : ask}
        >
          {isAsked && !isRunning ? 'Waits for its turn' : 'Back up now'}
        </Button>
        <Button variant="subtle" component="a" href={routeTo('restore', [job.name])} aria-label={`Restore ${job.name}`}>
          Restore
        </Button>
        <PauseMenu job={job.name} isPaused={isPausedNow} onPause={(until) => pause.mutate({ job: job.name, ...until })} />
      </div>
      {failure === null ? null : (
        <div className={styles.failure}>
          <FailureNote failure={failureOf(failure)} />
        </div>
      )}
    </>
  );
}

/** A store that is switched off never starts git. */
function isOff(job: Job): boolean {
  return isGitJob(job) && !job.source.enabled;
}

/** A run that was asked for may have to wait for others; until it begins, or has been and gone, it counts as asked for. */
export function useBackUpNow(job: string, { lastRun }: Pick<JobHealth, 'lastRun'>) {
  const trigger = useMutation(engine.jobs.trigger.mutationOptions());
  const [askedAfter, setAskedAfter] = useState<string | null>(null);
  const latest = lastRun?.id ?? '';
  return {
    ask: () => {
      setAskedAfter(latest);
      trigger.mutate({ job }, { onError: () => setAskedAfter(null) });
    },
    isAsked: askedAfter === latest,
    error: trigger.error,
  };
}

const spans = [
  { label: 'Pause for an hour', until: { until: '1h' } },
  { label: 'Pause until tomorrow', until: { until: 'tomorrow' } },
  { label: 'Pause until I resume it', until: {} },
];

interface PauseMenuProps {
  readonly job: string;
  readonly isPaused: boolean;
  readonly onPause: (until: { until?: string }) => void;
}

function PauseMenu({ isPaused: isNow, job, onPause }: PauseMenuProps) {
  return (
    <Menu position="bottom-end" withinPortal={false} withInitialFocusPlaceholder={false} transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <ActionIcon variant="subtle" aria-label={`More for ${job}`}>
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {spans.map(({ label, until }) => (
          <Menu.Item key={label} onClick={() => onPause(until)}>
            {isNow ? label.replace('Pause', 'Stay paused') : label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item component="a" href={routeTo('history', [], { job })}>
          Its history
        </Menu.Item>
        <Menu.Item component="a" href={routeTo('jobs', partsOfJob(job))}>
          Change it
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
