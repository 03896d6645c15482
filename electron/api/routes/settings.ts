import { encodeSettings } from '../../domain/settings-file.ts';
import { changePreference } from '../../engine/operations/change-preference.ts';
import { importSettings } from '../../engine/operations/import-settings.ts';
import { routes } from '../implement.ts';

export const settingsRoutes = {
  get: routes.settings.get.handler(({ context: { host } }) => host.look().settings),
  export: routes.settings.export.handler(({ context: { host } }) => {
    const { ports, settings } = host.look();
    return { text: encodeSettings(settings, { program: ports.program, atMs: ports.clock.now() }) };
  }),
  set: routes.settings.set.handler(({ context: { host }, input: { key, value } }) => changePreference(host.engine(), key, value)),
  import: routes.settings.import.handler(({ context: { host }, input }) => importSettings(host.engine(), input)),
};
