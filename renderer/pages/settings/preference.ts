import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Job, Preferences } from '../../../electron/domain/model.ts';
import { client } from '../../client.ts';
import { failureOf } from '../../failure.ts';

/** Changes one of the preferences; rejects where the engine refuses it, which then has changed nothing. */
export function useChangePreference() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ key, value }: { readonly key: keyof Preferences; readonly value: unknown }) => client.settings.set({ key, value }),
    onSuccess: () => queries.invalidateQueries(),
  });
}

/** Changes one job; rejects where the engine refuses it, which then has changed nothing. */
export function useChangeJob() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (job: Job) => client.jobs.change({ job }),
    onSuccess: () => queries.invalidateQueries(),
  });
}

/** Changes jobs one after the other; those that refuse it stay as they were, and are told together. */
export function useChangeJobs() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (jobs: readonly Job[]) => {
      const refused: string[] = [];
      for (const job of jobs) {
        try {
          await client.jobs.change({ job });
        } catch (error) {
          refused.push(`${job.name}: ${failureOf(error).message}`);
        }
      }
      if (refused.length > 0) throw new Error(refused.join('; '));
    },
    onSettled: () => queries.invalidateQueries(),
  });
}
