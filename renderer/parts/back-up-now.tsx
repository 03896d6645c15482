import { Button, type ButtonProps } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { isGitJob, type Job } from '../../electron/domain/model.ts';
import { engine } from '../client.ts';
import { useRunningRun } from '../live.ts';

/** What is known of a run that a person can ask for here. */
export interface BackUpNow {
  /** Asks for a run. */
  readonly ask: () => void;
  /** One was asked for and has not begun. */
  readonly isWaiting: boolean;
  /** One is under way or waits, or a store is switched off, which never starts git. */
  readonly cannot: boolean;
  /** Why the last one that was asked for was refused. */
  readonly error: Error | null;
}

/** A run that was asked for may have to wait for others; until it begins, or has been and gone, it counts as asked for. */
export function useBackUpNow(job: Job): BackUpNow {
  const { data: health } = useQuery(engine.engine.status.queryOptions());
  const isRunning = useRunningRun(job.name) !== null;
  const trigger = useMutation(engine.jobs.trigger.mutationOptions());
  const [askedAfter, setAskedAfter] = useState<string | null>(null);
  const latest = health?.find((each) => each.job === job.name)?.lastRun?.id ?? '';
  const isAsked = askedAfter === latest;
  return {
    ask: () => {
      setAskedAfter(latest);
      trigger.mutate({ job: job.name }, { onError: () => setAskedAfter(null) });
    },
    isWaiting: isAsked && !isRunning,
    cannot: isRunning || isAsked || (isGitJob(job) && !job.source.enabled),
    error: trigger.error,
  };
}

/** Asks for a run of a job, once. It keeps the focus: a button that is really disabled would lose it to nowhere. */
export function BackUpButton({ backUp, ...look }: { readonly backUp: BackUpNow } & Pick<ButtonProps, 'size' | 'variant'>) {
  const { ask, cannot, isWaiting } = backUp;
  return (
    <Button {...look} data-disabled={cannot} aria-disabled={cannot} onClick={cannot ? undefined : ask}>
      {isWaiting ? 'Waits for its turn' : 'Back up now'}
    </Button>
  );
}
