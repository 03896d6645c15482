import type { Home } from '../engine/home.ts';
import type { Ports, SettingsFile } from '../engine/ports.ts';
import type { Surroundings } from './surroundings.ts';
import type { Updater } from './updates.ts';

/** What the app is made of beside Electron itself. */
export interface AppParts {
  readonly home: Home;
  /** The folder of the built page. */
  readonly page: string;
  /** The built preload script. */
  readonly preload: string;
  /** The folder with the pictures of the tray, and of windows. */
  readonly icons: string;
  readonly surroundings: Surroundings;
  /** electron-store; it has a name for the name of its file that conf has not. */
  readonly Store: new (
    options: Omit<Parameters<Ports['settingsFile']>[0], 'configName'> & { readonly name: string },
  ) => SettingsFile;
  /** electron-updater, which is made at its first use; `null` where the package does not say whose releases are newer versions of it. */
  readonly openUpdater: (() => Updater) | null;
  /** What a test replaces. */
  readonly ports?: Partial<Ports>;
}
