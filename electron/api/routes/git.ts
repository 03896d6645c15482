import type { GitItem } from '../../domain/git-item.ts';
import { addNote } from '../../engine/operations/add-note.ts';
import { enqueueItems, intendItem } from '../../engine/operations/enqueue.ts';
import { nameItems } from '../../engine/operations/name-items.ts';
import { inspectQueue } from '../../engine/operations/store-status.ts';
import { diffStoreVersion, listStoreFiles, listStoreVersions } from '../../engine/operations/store-versions.ts';
import { gitJobNamed } from '../../engine/settings-store.ts';
import { routes } from '../implement.ts';

export const gitRoutes = {
  enqueue: routes.git.enqueue.handler(({ context: { host }, input: { items, job } }) => {
    const engine = host.engine();
    return enqueueItems(engine, gitJobNamed(engine.settings.current, job), items);
  }),
  intend: routes.git.intend.handler(({ context: { host }, input: { job, ...intent } }) => {
    const engine = host.engine();
    intendItem(engine, gitJobNamed(engine.settings.current, job), intent);
    return { item: intent.item };
  }),
  resolve: routes.git.resolve.handler(({ context: { host }, input: { job, paths }, signal }) => {
    const engine = host.engine();
    return nameItems(engine, gitJobNamed(engine.settings.current, job), paths, signal);
  }),
  items: routes.git.items.handler(({ context: { host }, input: { items: names, job } }): readonly GitItem[] => {
    const { catalog, settings } = host.look();
    const queue = catalog?.git(gitJobNamed(settings, job).name);
    return (names === undefined ? queue?.items() : names.flatMap((name) => queue?.item(name) ?? [])) ?? [];
  }),
  status: routes.git.status.handler(({ context: { host }, input: { ask, job }, signal }) => {
    const { catalog, ports, settings } = host.look();
    return inspectQueue(gitJobNamed(settings, job), catalog, ports, ask, signal);
  }),
  files: routes.git.files.handler(({ context: { host }, input: { at, job, text }, signal }) => {
    const { ports, settings } = host.look();
    return listStoreFiles(gitJobNamed(settings, job), ports, at, text, signal);
  }),
  versions: routes.git.versions.handler(({ context: { host }, input: { job, limit, path }, signal }) => {
    const { ports, settings } = host.look();
    return listStoreVersions(gitJobNamed(settings, job), ports, path, limit, signal);
  }),
  diff: routes.git.diff.handler(async ({ context: { host }, input: { commit, job, path }, signal }) => {
    const { ports, settings } = host.look();
    return { text: await diffStoreVersion(gitJobNamed(settings, job), ports, commit, path, signal) };
  }),
};

export const noteRoutes = {
  add: routes.notes.add.handler(({ context: { host }, input: { job, ...note } }) => {
    const engine = host.engine();
    return addNote(engine, gitJobNamed(engine.settings.current, job), note);
  }),
};
