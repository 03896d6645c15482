import { BackupError } from '../../domain/errors.ts';
import { isGitJob, type Settings, sameName } from '../../domain/model.ts';
import type { SnapshotRecord } from '../../domain/snapshot-record.ts';
import { findSnapshot } from '../../engine/operations/find-snapshot.ts';
import { forgetMissing } from '../../engine/operations/forget.ts';
import { pinSnapshot } from '../../engine/operations/pin.ts';
import { verifySnapshot } from '../../engine/operations/verify.ts';
import type { EngineHost, EngineView } from '../engine-host.ts';
import { routes } from '../implement.ts';
import { observe } from '../streams.ts';
import { knownName } from './known-name.ts';

export const snapshotRoutes = {
  list: routes.snapshots.list.handler(({ context: { host }, input: { job } }) => {
    const view = host.look();
    return view.catalog?.snapshots(job && knownName(view, job)) ?? [];
  }),
  get: routes.snapshots.get.handler(({ context: { host }, input: { snapshot } }) => named(host.look(), snapshot)),
  verify: routes.snapshots.verify.handler(({ context: { host }, input: { level, snapshot: what }, signal }) => {
    refuseStore(host.look().settings, what);
    const snapshot = named(host.look(), what);
    return observe(host, signal, (engine, until) => verifySnapshot(engine, snapshot, level, until));
  }),
  pin: routes.snapshots.pin.handler(({ context: { host }, input: { snapshot } }) => setPinned(host, snapshot, true)),
  unpin: routes.snapshots.unpin.handler(({ context: { host }, input: { snapshot } }) => setPinned(host, snapshot, false)),
  forget: routes.snapshots.forget.handler(({ context: { host }, input }) => {
    const engine = host.engine();
    const snapshot = findSnapshot(engine.catalog, input.snapshot);
    const forgotten = forgetMissing(engine, snapshot);
    return { snapshot: engine.catalog.snapshot(snapshot.id) ?? snapshot, forgotten };
  }),
};

function setPinned(host: EngineHost, what: string, pinned: boolean): Promise<SnapshotRecord> {
  const engine = host.engine();
  return pinSnapshot(engine, findSnapshot(engine.catalog, what), pinned);
}

function named({ catalog }: EngineView, what: string): SnapshotRecord {
  if (catalog) return findSnapshot(catalog, what);
  throw new BackupError('snapshot-unknown', `there is no snapshot "${what}"`, { hint: 'see them with: nightjar snapshots' });
}

/** git proves what it holds by itself; whether the remote has it is another question. */
function refuseStore({ jobs }: Settings, what: string): void {
  const store = jobs.filter(isGitJob).find(({ name }) => sameName(name, what.split('@')[0] ?? what));
  if (!store) return;
  throw new BackupError('usage-invalid', `${store.name} is a git store, and has no snapshots to verify`, {
    hint: `ask its remote what it has: nightjar git status ${store.name} --ask`,
  });
}
