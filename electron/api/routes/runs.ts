import { BackupError } from '../../domain/errors.ts';
import { readCalendar } from '../../engine/operations/calendar.ts';
import { cancelRun } from '../../engine/operations/run-job.ts';
import { readRunLog } from '../../engine/operations/run-log.ts';
import { routes } from '../implement.ts';
import { knownName } from './known-name.ts';

export const runRoutes = {
  list: routes.runs.list.handler(({ context: { host }, input: { job, ...filter } }) => {
    const view = host.look();
    return view.catalog?.runs({ ...filter, job: job && knownName(view, job) }) ?? [];
  }),
  get: routes.runs.get.handler(({ context: { host }, input: { run: id } }) => {
    const run = host.look().catalog?.run(id);
    if (run) return run;
    throw new BackupError('run-unknown', `there is no run "${id}"`, { hint: 'see them with: nightjar history' });
  }),
  live: routes.runs.live.handler(({ context: { host } }) => host.liveRuns()),
  log: routes.runs.log.handler(({ context: { host }, input: { limit, run } }) => {
    const { catalog, home } = host.engine();
    return readRunLog(home.logFolder, catalog, run, limit);
  }),
  calendar: routes.runs.calendar.handler(({ context: { host }, input: { job, ...question } }) => {
    const view = host.look();
    return readCalendar(view.catalog, { ...question, job: job && knownName(view, job) }, view.ports.clock.now());
  }),
  cancel: routes.runs.cancel.handler(({ context: { host }, input: { run } }) => {
    cancelRun(host.engine(), run);
    return { run };
  }),
};
