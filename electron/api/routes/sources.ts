import { completePath } from '../../engine/operations/complete-path.ts';
import { findSources } from '../../engine/operations/find-sources.ts';
import { inspectSource } from '../../engine/operations/inspect-source.ts';
import { suggestFolders } from '../../engine/operations/suggest-folders.ts';
import { routes } from '../implement.ts';
import { orNever } from '../streams.ts';

/** What could be backed up on this machine. */
export const sourceRoutes = {
  find: routes.sources.find.handler(({ context: { host }, signal }) => findSources(host.engine(), orNever(signal))),
  inspect: routes.sources.inspect.handler(({ context: { host }, input: { path }, signal }) =>
    inspectSource(host.engine(), path, orNever(signal)),
  ),
  folders: routes.sources.folders.handler(({ context: { host }, signal }) => suggestFolders(host.engine().ports, orNever(signal))),
  complete: routes.sources.complete.handler(({ context: { host }, input: { text, want }, signal }) =>
    completePath(host.look().ports, text, want, orNever(signal)),
  ),
};
