import { Button, Menu } from '@mantine/core';
import { IconChevronDown, IconDots } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Job } from '../../../electron/domain/model.ts';
import { isPaused } from '../../../electron/domain/pause.ts';
import { engine } from '../../client.ts';
import { useNow } from '../../clock.ts';
import { failureOf } from '../../failure.ts';
import { formatShort } from '../../format.ts';
import { useRunningRun } from '../../live.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import styles from './job-actions.module.css';
import { RemoveJob } from './remove-job.tsx';

/** What can be done with a job now. */
export function JobActions({ job }: { readonly job: Job }) {
  const nowMs = useNow(30_000);
  const run = useRunningRun(job.name);
  const [isRemoving, setRemoving] = useState(false);
  const trigger = useMutation(engine.jobs.trigger.mutationOptions());
  const resume = useMutation(engine.jobs.resume.mutationOptions());
  const pause = useMutation(engine.jobs.pause.mutationOptions());
  const skip = useMutation(engine.jobs.skipNext.mutationOptions());
  const error = trigger.error ?? pause.error ?? resume.error ?? skip.error;
  return (
    <div className={styles.actions}>
      <div className={styles.buttons}>
        <Button disabled={run !== null} loading={trigger.isPending} onClick={() => trigger.mutate({ job: job.name })}>
          Back up now
        </Button>
        {isPaused(job, nowMs) ? (
          <Button variant="default" loading={resume.isPending} onClick={() => resume.mutate({ job: job.name })}>
            Resume
          </Button>
        ) : (
          <PauseMenu isPending={pause.isPending} onPause={(until) => pause.mutate({ job: job.name, ...until })} />
        )}
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default" aria-label="More for this job" px={8}>
              <IconDots size={15} aria-hidden />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => skip.mutate({ job: job.name })}>Skip the next run</Menu.Item>
            <Menu.Item onClick={() => setRemoving(true)}>Remove {job.name}…</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      <div aria-live="polite" className={styles.said}>
        {skip.isSuccess ? `The run of ${formatShort(skip.data.atMs)} is left out.` : ''}
      </div>
      {error === null ? null : <FailureNote failure={failureOf(error)} />}
      {isRemoving ? <RemoveJob job={job} onClose={() => setRemoving(false)} /> : null}
    </div>
  );
}

interface PauseMenuProps {
  readonly isPending: boolean;
  readonly onPause: (until: { until?: string }) => void;
}

function PauseMenu({ isPending, onPause }: PauseMenuProps) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" loading={isPending} rightSection={<IconChevronDown size={14} aria-hidden />}>
          Pause
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => onPause({ until: '1h' })}>For an hour</Menu.Item>
        <Menu.Item onClick={() => onPause({ until: 'tomorrow' })}>Until tomorrow</Menu.Item>
        <Menu.Item onClick={() => onPause({})}>Until I resume it</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
