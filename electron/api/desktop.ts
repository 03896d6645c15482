import type { DesktopInfo, LoginItem, PathWant, SystemPage, UpdateState } from '../domain/desktop.ts';
import { BackupError } from '../domain/errors.ts';

/** What is asked of a person in a file dialog. */
export interface PathQuestion {
  readonly want: PathWant;
  readonly title: string;
  /** Where the dialog begins; an absolute path. */
  readonly start?: string | undefined;
}

/**
 * What only an app on a desktop can do for its window. Every method of an implementation that cannot do its part throws `usage-invalid` with
 * the way around it.
 */
export interface Desktop {
  info(): Promise<Omit<DesktopInfo, 'homeFolder' | 'logFolder'>>;
  /** The path that a person chose; `null` where they chose none. */
  choosePath(question: PathQuestion): Promise<string | null>;
  /** Shows a file in its folder. */
  reveal(path: string): Promise<void>;
  openSystemPage(page: SystemPage): Promise<void>;
  /** Sets whether Nightjar starts at login, and says what the system made of it. */
  setLoginItem(on: boolean): Promise<LoginItem>;
  /** Looks for a newer version; downloads it, or installs it, only when asked. */
  checkForUpdate(): Promise<UpdateState>;
  installUpdate(): Promise<UpdateState>;
}

/** A window in a browser: everything that needs the app is refused. */
export const noDesktop: Desktop = {
  info: async () => ({
    kind: 'browser',
    platform: process.platform,
    hasTray: false,
    loginItem: { state: 'unavailable', message: 'start it at login with: nightjar serve --print-unit' },
    update: { state: 'unsupported', version: null, message: null },
  }),
  choosePath: () => refuse('choose a file', 'type its path'),
  reveal: () => refuse('show a file in its folder', 'open the folder yourself'),
  openSystemPage: () => refuse("open the system's settings", 'open them yourself'),
  setLoginItem: () => refuse('be started at login', 'install a service with: nightjar serve --print-unit'),
  checkForUpdate: () => refuse('look for a newer version', 'update it the way it was installed'),
  installUpdate: () => refuse('update itself', 'update it the way it was installed'),
};

async function refuse(what: string, hint: string): Promise<never> {
  throw new BackupError('usage-invalid', `a window in a browser cannot ${what}`, { hint });
}
