import type { JobHealth } from '../../../electron/domain/health.ts';

/** The jobs whose last run was not let at its source, with what was said of it. Pure. */
export function refusedSources(jobs: readonly JobHealth[]): { readonly job: string; readonly message: string }[] {
  return jobs.flatMap(({ findings, job }) => {
    const refused = findings.find(({ about, kind }) => kind === 'run-failed' && about === 'source-unreadable');
    return refused === undefined ? [] : { job, message: refused.message };
  });
}
