import {
  discardNamed,
  foldersOf,
  pastRestores,
  planLive,
  restoreForeign,
  restoreLive,
  restoreNamed,
  undoNamed,
} from '../../engine/operations/restore-named.ts';
import { restoreStoreVersion } from '../../engine/operations/store-versions.ts';
import { gitJobNamed } from '../../engine/settings-store.ts';
import { routes } from '../implement.ts';
import { observe } from '../streams.ts';

export const restoreRoutes = {
  list: routes.restores.list.handler(({ context: { host } }) => pastRestores(host.engine())),
  toFile: routes.restores.toFile.handler(({ context: { host }, input: { snapshot, ...target }, signal }) =>
    observe(host, signal, (engine, until) => restoreNamed(engine, snapshot, target, until)),
  ),
  version: routes.restores.version.handler(({ context: { host }, input: { job, ...asked }, signal }) => {
    const engine = host.engine();
    const restore = { ...asked, protectedFolders: foldersOf(engine) };
    return restoreStoreVersion(gitJobNamed(engine.settings.current, job), engine.ports, restore, signal);
  }),
  plan: routes.restores.plan.handler(({ context: { host }, input: { snapshot } }) => planLive(host.engine(), snapshot)),
  inPlace: routes.restores.inPlace.handler(({ context: { host }, input: { snapshot }, signal }) =>
    observe(host, signal, (engine, until) => restoreLive(engine, snapshot, until)),
  ),
  foreign: routes.restores.foreign.handler(({ context: { host }, input: { at, destination, job, ...target }, signal }) =>
    observe(host, signal, (engine, until) => restoreForeign(engine, { at, destination, job }, target, until)),
  ),
  undo: routes.restores.undo.handler(({ context: { host }, input: { restore }, signal }) =>
    observe(host, signal, (engine, until) => undoNamed(engine, restore, until)),
  ),
  discard: routes.restores.discard.handler(({ context: { host }, input: { restore } }) => discardNamed(host.engine(), restore)),
};
