import type { Drill } from '../../domain/drill.ts';
import type { Job } from '../../domain/model.ts';
import type { Engine } from '../../engine/engine.ts';
import { drillJob } from '../../engine/operations/drill.ts';
import { jobNamed } from '../../engine/settings-store.ts';
import type { EngineView } from '../engine-host.ts';
import { routes } from '../implement.ts';
import { observe } from '../streams.ts';

export const drillRoutes = {
  list: routes.drills.list.handler(({ context: { host }, input: { job } }) => {
    const view = host.look();
    return wanted(view, job)
      .flatMap(({ name }) => view.catalog?.evidence().drills(name) ?? [])
      .toSorted((a, b) => b.startedAtMs - a.startedAtMs);
  }),
  run: routes.drills.run.handler(({ context: { host }, input: { job }, signal }) => {
    const jobs = wanted(host.look(), job);
    return observe(host, signal, (engine, until) => drillAll(engine, jobs, until));
  }),
};

function wanted({ settings }: Pick<EngineView, 'settings'>, name: string | undefined): readonly Job[] {
  return name === undefined ? settings.jobs : [jobNamed(settings, name)];
}

async function drillAll(engine: Engine, jobs: readonly Job[], signal: AbortSignal): Promise<readonly Drill[]> {
  const drills: Drill[] = [];
  for (const job of jobs) drills.push(...(await drillJob(engine, job, { trigger: 'manual', signal })));
  return drills;
}
