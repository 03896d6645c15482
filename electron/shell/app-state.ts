import { isDeepStrictEqual } from 'node:util';
import { type AppState, appStateSchema } from '../domain/model.ts';
import type { Engine } from '../engine/engine.ts';

/** What the app has kept for itself in the settings. */
export function appStateOf({ settings }: Pick<Engine, 'settings'>): AppState {
  return settings.current.app ?? appStateSchema.parse({});
}

/** Changes some of it; what is as it was is not written. Throws `settings-invalid`, `home-unusable`, `disk-full`. */
export function changeAppState(engine: Pick<Engine, 'settings'>, change: Partial<AppState>): void {
  const next = { ...appStateOf(engine), ...change };
  if (!isDeepStrictEqual(next, appStateOf(engine))) engine.settings.change((settings) => ({ ...settings, app: next }));
}
