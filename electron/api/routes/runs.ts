import { BackupError } from '../../domain/errors.ts';
import { cancelRun } from '../../engine/operations/run-job.ts';
import { routes } from '../implement.ts';
import { knownName } from './known-name.ts';

export const runRoutes = {
  list: routes.runs.list.handler(({ context: { host }, input: { job, limit } }) => {
    const view = host.look();
    return view.catalog?.runs({ job: job && knownName(view, job), limit }) ?? [];
  }),
  get: routes.runs.get.handler(({ context: { host }, input: { run: id } }) => {
    const run = host.look().catalog?.run(id);
    if (run) return run;
    throw new BackupError('run-unknown', `there is no run "${id}"`, { hint: 'see them with: nightjar history' });
  }),
  cancel: routes.runs.cancel.handler(({ context: { host }, input: { run } }) => {
    cancelRun(host.engine(), run);
    return { run };
  }),
};
