import { changePreference } from '../../engine/operations/change-preference.ts';
import { routes } from '../implement.ts';

export const settingsRoutes = {
  get: routes.settings.get.handler(({ context: { host } }) => host.look().settings),
  set: routes.settings.set.handler(({ context: { host }, input: { key, value } }) => changePreference(host.engine(), key, value)),
};
