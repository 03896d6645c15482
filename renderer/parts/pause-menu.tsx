import { Button, type ButtonProps, Menu } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { FocusEventHandler, ReactElement, ReactNode, Ref } from 'react';
import type { Job } from '../../electron/domain/model.ts';
import { isPaused } from '../../electron/domain/pause.ts';
import { engine } from '../client.ts';
import { useNow } from '../clock.ts';

/** Whether a job is paused, and how that is changed. */
export interface Pause {
  readonly isPaused: boolean;
  readonly isPending: boolean;
  readonly pause: (until: { readonly until?: string }) => void;
  readonly resume: () => void;
  /** Why the last change was refused. */
  readonly error: Error | null;
}

/** The pause of a job. */
export function usePause(job: Job): Pause {
  const nowMs = useNow(30_000);
  const pause = useMutation(engine.jobs.pause.mutationOptions());
  const resume = useMutation(engine.jobs.resume.mutationOptions());
  return {
    isPaused: isPaused(job, nowMs),
    isPending: pause.isPending || resume.isPending,
    pause: (until) => pause.mutate({ job: job.name, ...until }),
    resume: () => resume.mutate({ job: job.name }),
    error: pause.error ?? resume.error,
  };
}

const spans = [
  { label: 'Pause for an hour', until: { until: '1h' } },
  { label: 'Pause until tomorrow', until: { until: 'tomorrow' } },
  { label: 'Pause until I resume it', until: {} },
];

interface PauseMenuProps {
  readonly pause: Pause;
  /** The button that opens it. */
  readonly target: ReactElement;
  /** What else it has. */
  readonly children?: ReactNode;
}

/** How long a job is to rest. */
export function PauseMenu({ children, pause: { isPaused: isNow, pause }, target }: PauseMenuProps) {
  return (
    <Menu position="bottom-end" withinPortal={false} withInitialFocusPlaceholder={false} transitionProps={{ duration: 0 }}>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        {spans.map(({ label, until }) => (
          <Menu.Item key={label} onClick={() => pause(until)}>
            {isNow ? label.replace('Pause', 'Stay paused') : label}
          </Menu.Item>
        ))}
        {children}
      </Menu.Dropdown>
    </Menu>
  );
}

interface ResumeButtonProps extends Pick<ButtonProps, 'variant'> {
  readonly pause: Pause;
  readonly ref?: Ref<HTMLButtonElement>;
  readonly onFocus: FocusEventHandler<HTMLElement>;
}

/** Ends the pause of a job. It keeps the focus until it is gone: a button that is really disabled would lose it to nowhere. */
export function ResumeButton({ pause: { isPending, resume }, ...look }: ResumeButtonProps) {
  return (
    <Button {...look} data-disabled={isPending} aria-disabled={isPending} onClick={isPending ? undefined : resume}>
      Resume
    </Button>
  );
}
