import { changePreference } from '../../engine/operations/change-preference.ts';
import { importSettings } from '../../engine/operations/import-settings.ts';
import { routes } from '../implement.ts';

export const settingsRoutes = {
  get: routes.settings.get.handler(({ context: { host } }) => host.look().settings),
  set: routes.settings.set.handler(({ context: { host }, input: { key, value } }) => changePreference(host.engine(), key, value)),
  import: routes.settings.import.handler(({ context: { host }, input }) => importSettings(host.engine(), input)),
};
