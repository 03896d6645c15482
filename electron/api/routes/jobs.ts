import { errorFacts } from '../../domain/errors.ts';
import { isGitJob } from '../../domain/model.ts';
import type { JobOutcome } from '../../domain/outcomes.ts';
import type { Engine } from '../../engine/engine.ts';
import { acknowledgeLosses } from '../../engine/operations/acknowledge.ts';
import { backUpStore, expectEnabled } from '../../engine/operations/back-up-store.ts';
import { importJob } from '../../engine/operations/import-job.ts';
import { oneOffJob } from '../../engine/operations/one-off-job.ts';
import { pauseJob, resumeJob, skipNextSlot } from '../../engine/operations/pause-job.ts';
import { type JobRequest, runJob } from '../../engine/operations/run-job.ts';
import { addJob, adoptSeries, changeJob, removeJob } from '../../engine/operations/set-up-job.ts';
import { jobNamed, sqliteJobNamed } from '../../engine/settings-store.ts';
import { routes } from '../implement.ts';
import { observe } from '../streams.ts';

export const jobRoutes = {
  list: routes.jobs.list.handler(({ context: { host } }) => host.look().settings.jobs),
  get: routes.jobs.get.handler(({ context: { host }, input }) => jobNamed(host.look().settings, input.job)),
  backup: routes.jobs.backup.handler(({ context: { host }, input: { job: name, scope, trigger }, signal }) => {
    const job = jobNamed(host.engine().settings.current, name);
    return observe(host, signal, (engine, until) => backUp(engine, { job, trigger, signal: until }, scope));
  }),
  backupOnce: routes.jobs.backupOnce.handler(({ context: { host }, input, signal }) => {
    const job = oneOffJob(host.engine().settings.current, input);
    return observe(host, signal, (engine, until) => runJob(engine, { job, trigger: 'manual', keepsAll: true, signal: until }));
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
  add: routes.jobs.add.handler(({ context: { host }, input: { job } }) => addJob(host.engine(), job)),
  change: routes.jobs.change.handler(({ context: { host }, input: { identity, job } }) => changeJob(host.engine(), job, identity)),
  pause: routes.jobs.pause.handler(({ context: { host }, input: { job, until } }) => pauseJob(host.engine(), job, until)),
  resume: routes.jobs.resume.handler(({ context: { host }, input: { job } }) => resumeJob(host.engine(), job)),
  skipNext: routes.jobs.skipNext.handler(({ context: { host }, input: { job } }) => skipNextSlot(host.engine(), job)),
  slots: routes.jobs.slots.handler(({ context: { host }, input: { job, limit } }) => {
    const { catalog, settings } = host.look();
    return catalog?.ledger(jobNamed(settings, job).name).slots(limit) ?? [];
  }),
  adopt: routes.jobs.adopt.handler(({ context: { host }, input: { job } }) => adoptSeries(host.engine(), job)),
  acknowledge: routes.jobs.acknowledge.handler(({ context: { host }, input }) => {
    const engine = host.engine();
    const job = sqliteJobNamed(engine.settings.current, input.job);
    return { job: job.name, acknowledged: acknowledgeLosses(engine, job) };
  }),
  remove: routes.jobs.remove.handler(({ context: { host }, input: { job } }) => removeJob(host.engine(), job)),
  import: routes.jobs.import.handler(({ context: { host }, input: { file, name, zone } }) => importJob(host.engine(), file, name, zone)),
};

async function backUp(engine: Engine, request: JobRequest, scope: 'everything' | 'due'): Promise<JobOutcome> {
  const { job } = request;
  if (isGitJob(job)) return { kind: 'git', ...(await backUpStore(engine, { ...request, job, scope })) };
  return { kind: 'sqlite', ...(await runJob(engine, { ...request, job })) };
}
