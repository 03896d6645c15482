import { Button, Menu } from '@mantine/core';
import { IconChevronDown, IconDots } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { Job } from '../../../electron/domain/model.ts';
import { engine } from '../../client.ts';
import { failureOf } from '../../failure.ts';
import { formatShort } from '../../format.ts';
import { useKeptFocus } from '../../kept-focus.ts';
import { BackUpButton, useBackUpNow } from '../../parts/back-up-now.tsx';
import { FailureNote } from '../../parts/failure-note.tsx';
import { PauseMenu, ResumeButton, usePause } from '../../parts/pause-menu.tsx';
import styles from './job-actions.module.css';
import { RemoveJob } from './remove-job.tsx';

/** What can be done with a job now. */
export function JobActions({ job }: { readonly job: Job }) {
  const [isRemoving, setRemoving] = useState(false);
  const backUp = useBackUpNow(job);
  const pause = usePause(job);
  const pauseButton = useRef<HTMLButtonElement>(null);
  const keepFocus = useKeptFocus(`${pause.isPaused}`, pauseButton);
  const skip = useMutation(engine.jobs.skipNext.mutationOptions());
  const error = backUp.error ?? pause.error ?? skip.error;
  return (
    <div className={styles.actions}>
      <div className={styles.buttons}>
        <BackUpButton backUp={backUp} />
        {pause.isPaused ? (
          <ResumeButton ref={pauseButton} variant="default" pause={pause} onFocus={keepFocus} />
        ) : (
          <PauseMenu
            pause={pause}
            target={
              <Button ref={pauseButton} variant="default" onFocus={keepFocus} rightSection={<IconChevronDown size={14} aria-hidden />}>
                Pause
              </Button>
            }
          />
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
