import { sendPending } from '../engine/operations/send-pending.ts';
import { jobNamed } from '../engine/settings-store.ts';
import { routes } from './implement.ts';
import { desktopRoutes } from './routes/desktop.ts';
import { destinationRoutes } from './routes/destinations.ts';
import { drillRoutes } from './routes/drills.ts';
import { engineRoutes } from './routes/engine.ts';
import { gitRoutes, noteRoutes } from './routes/git.ts';
import { jobRoutes } from './routes/jobs.ts';
import { restoreRoutes } from './routes/restores.ts';
import { retentionRoutes } from './routes/retention.ts';
import { runRoutes } from './routes/runs.ts';
import { settingsRoutes } from './routes/settings.ts';
import { snapshotRoutes } from './routes/snapshots.ts';
import { sourceRoutes } from './routes/sources.ts';
import { observe } from './streams.ts';

/** The contract over an engine's operations, for every transport. */
export const router = routes.router({
  engine: engineRoutes,
  jobs: jobRoutes,
  runs: runRoutes,
  snapshots: snapshotRoutes,
  drills: drillRoutes,
  retention: retentionRoutes,
  git: gitRoutes,
  notes: noteRoutes,
  restores: restoreRoutes,
  destinations: destinationRoutes,
  settings: settingsRoutes,
  sources: sourceRoutes,
  desktop: desktopRoutes,
  send: routes.send.handler(({ context: { host }, input, signal }) => {
    const job = input.job === undefined ? undefined : jobNamed(host.engine().settings.current, input.job).name;
    return observe(host, signal, (engine, until) => sendPending(engine, job, until));
  }),
});
