import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useRef } from 'react';
import type { Job } from '../../../electron/domain/model.ts';
import { failureOf } from '../../failure.ts';
import { useKeptFocus } from '../../kept-focus.ts';
import { BackUpButton, useBackUpNow } from '../../parts/back-up-now.tsx';
import { FailureNote } from '../../parts/failure-note.tsx';
import { PauseMenu, ResumeButton, usePause } from '../../parts/pause-menu.tsx';
import { routeTo } from '../../route.ts';
import { partsOfJob } from '../jobs/jobs-place.ts';
import styles from './job-actions.module.css';

/** What can be done with a job from here. */
export function JobActions({ job }: { readonly job: Job }) {
  const backUp = useBackUpNow(job);
  const pause = usePause(job);
  const menu = useRef<HTMLButtonElement>(null);
  const keepFocus = useKeptFocus(`${pause.isPaused}`, menu);
  const failure = backUp.error ?? pause.error;
  const more = (
    <ActionIcon ref={menu} variant="subtle" aria-label={`More for ${job.name}`}>
      <IconDots size={16} aria-hidden />
    </ActionIcon>
  );
  return (
    <>
      <div className={styles.actions}>
        {pause.isPaused ? <ResumeButton variant="subtle" pause={pause} onFocus={keepFocus} /> : null}
        <BackUpButton variant="default" backUp={backUp} />
        <Button variant="subtle" component="a" href={routeTo('restore', [job.name])} aria-label={`Restore ${job.name}`}>
          Restore
        </Button>
        <PauseMenu pause={pause} target={more}>
          <Menu.Divider />
          <Menu.Item component="a" href={routeTo('history', [], { job: job.name })}>
            Its history
          </Menu.Item>
          <Menu.Item component="a" href={routeTo('jobs', partsOfJob(job.name))}>
            Change it
          </Menu.Item>
        </PauseMenu>
      </div>
      {failure === null ? null : (
        <div className={styles.failure}>
          <FailureNote failure={failureOf(failure)} />
        </div>
      )}
    </>
  );
}
