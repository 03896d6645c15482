import { errorFacts } from '../../domain/errors.ts';
import { isGitJob } from '../../domain/model.ts';
import type { JobOutcome } from '../../domain/outcomes.ts';
import type { Engine } from '../../engine/engine.ts';
import { backUpStore, expectEnabled } from '../../engine/operations/back-up-store.ts';
import { type JobRequest, runJob } from '../../engine/operations/run-job.ts';
import { jobNamed } from '../../engine/settings-store.ts';
import { routes } from '../implement.ts';
import { observe } from '../streams.ts';

export const jobRoutes = {
  list: routes.jobs.list.handler(({ context: { host } }) => host.look().settings.jobs),
  get: routes.jobs.get.handler(({ context: { host }, input }) => jobNamed(host.look().settings, input.job)),
  backup: routes.jobs.backup.handler(({ context: { host }, input: { job: name, scope, trigger }, signal }) => {
    const job = jobNamed(host.engine().settings.current, name);
    return observe(host, signal, (engine, until) => backUp(engine, { job, trigger, signal: until }, scope));
  }),
  trigger: routes.jobs.trigger.handler(({ context: { host }, input }) => {
    const engine = host.engine();
    const job = jobNamed(engine.settings.current, input.job);
    if (isGitJob(job)) expectEnabled(job);
    host.keep(runJob(engine, { job, trigger: 'api' })).catch((error: unknown) => {
      engine.log.warn(`a run that was asked for failed: ${errorFacts(error).message}`, { job: job.name });
    });
    return { job: job.name };
  }),
};

async function backUp(engine: Engine, request: JobRequest, scope: 'everything' | 'due'): Promise<JobOutcome> {
  const { job } = request;
  if (isGitJob(job)) return { kind: 'git', ...(await backUpStore(engine, { ...request, job, scope })) };
  return { kind: 'sqlite', ...(await runJob(engine, { ...request, job })) };
}
