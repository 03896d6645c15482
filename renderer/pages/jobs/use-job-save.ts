import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { isSqliteJob, type Job } from '../../../electron/domain/model.ts';
import type { JobSetUp } from '../../../electron/domain/outcomes.ts';
import { now } from '../../clock.ts';
import { type Failure, failureOf } from '../../failure.ts';
import { errorsOf, errorsOfFailure, type FieldErrors } from './job-draft.ts';

/** How a job is given to the engine: with what a person has said about snapshots or a remote that are not its own. */
export interface Consent {
  readonly adopt?: boolean;
  readonly identity?: 'take' | 'keep';
}

export interface JobSave {
  readonly errors: FieldErrors;
  /** What is wrong with the whole; `null` where it stands at its field, or nothing is. */
  readonly failure: Failure | null;
  readonly isPending: boolean;
  readonly setUp: JobSetUp | null;
  /** Gives the job to the engine, unless a field says that it cannot be so; `runsNow` goes to whoever sends it. */
  readonly save: (job: Job, consent?: Consent, runsNow?: boolean) => void;
  /** What was said of the former draft holds no more. */
  readonly forget: () => void;
}

const wrongField = '#content :is(input, select, textarea)[aria-invalid="true"], #content button[data-invalid]';

/** Checks a draft, gives it to the engine, and puts what is wrong where it belongs. */
export function useJobSave(
  send: (job: Job, consent: Consent, runsNow: boolean) => Promise<JobSetUp>,
  onSaved: (setUp: JobSetUp) => void,
): JobSave {
  const [refused, setRefused] = useState<FieldErrors>({});
  const saving = useMutation({
    mutationFn: ({ consent, job, runsNow }: { readonly job: Job; readonly consent: Consent; readonly runsNow: boolean }) =>
      send(consent.adopt === true && isSqliteJob(job) ? { ...job, adopted: true } : job, consent, runsNow),
    onSuccess: onSaved,
  });
  const failure = saving.error === null ? null : failureOf(saving.error);
  const told = failure === null ? {} : errorsOfFailure(failure);
  const errors = { ...told, ...refused };
  const wrongFields = Object.keys(errors).toSorted().join(' ');
  // What has to be corrected may be out of sight.
  useEffect(() => {
    if (wrongFields !== '') document.querySelector<HTMLElement>(wrongField)?.focus();
  }, [wrongFields]);
  return {
    errors,
    failure: Object.keys(told).length > 0 ? null : failure,
    isPending: saving.isPending,
    setUp: saving.data ?? null,
    save: (job, consent = {}, runsNow = false) => {
      const wrong = errorsOf(job, now());
      setRefused(wrong);
      if (Object.keys(wrong).length === 0) saving.mutate({ job, consent, runsNow });
      else saving.reset();
    },
    forget: () => {
      setRefused({});
      if (!saving.isPending) saving.reset();
    },
  };
}
