import type { UpdateState } from '../domain/desktop.ts';
import { BackupError, errorFacts } from '../domain/errors.ts';

/** electron-updater, as far as it is used. */
export interface Updater {
  autoDownload: boolean;
  autoInstallOnAppQuit: boolean;
  checkForUpdates(): Promise<{ readonly isUpdateAvailable: boolean; readonly updateInfo: { readonly version: string } } | null>;
  downloadUpdate(): Promise<unknown>;
  quitAndInstall(): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export interface UpdateOptions {
  /** `null` where this app does not update itself. */
  readonly updater: (() => Updater) | null;
  /** Resolves when no run is under way any more. */
  readonly whenIdle: () => Promise<void>;
  /** Ends the engine, so that nothing keeps the app from being replaced. */
  readonly endForUpdate: () => Promise<void>;
  /** Starts the app anew as it is, where it could not be replaced: without an engine it would back up nothing. */
  readonly restart: () => void;
}

/** Newer versions of the app: nothing is looked for, downloaded or installed before a person asks for it. */
export interface Updates {
  readonly current: UpdateState;
  check(): Promise<UpdateState>;
  /**
   * Downloads the version that was found; when that is here, installs it as soon as no run is under way, or goes on with the present one where
   * that fails. Throws `usage-invalid` where no newer one is known.
   */
  install(): Promise<UpdateState>;
}

const unsupported: UpdateState = {
  state: 'unsupported',
  version: null,
  message: 'this copy of Nightjar is updated the way it was installed',
};

/** The updates of this app. */
export function appUpdates({ endForUpdate, restart, updater: open, whenIdle }: UpdateOptions): Updates {
  let current: UpdateState = open === null ? unsupported : { state: 'unknown', version: null, message: null };
  let updater: Updater | null = null;
  let isReplacing = false;
  let hasEnded = false;
  const use = () => {
    if (open === null)
      throw new BackupError('usage-invalid', 'this copy of Nightjar cannot update itself', { hint: 'update it the way it was installed' });
    if (updater === null) {
      updater = open();
      updater.autoDownload = false;
      updater.autoInstallOnAppQuit = false;
      // What goes wrong comes out of the calls as well, but for the last one; unheard, it would end the process.
      updater.on('error', () => hasEnded && restart());
    }
    return updater;
  };
  const fail = (error: unknown) => ({ state: 'failed', version: current.version, message: errorFacts(error).message }) as const;
  const download = async () => {
    try {
      await use().downloadUpdate();
      current = { ...current, state: 'ready', message: null };
    } catch (error) {
      current = fail(error);
    }
  };
  const replace = async () => {
    isReplacing = true;
    await whenIdle();
    await endForUpdate();
    hasEnded = true;
    try {
      use().quitAndInstall();
    } catch {
      restart();
    }
  };
  return {
    get current() {
      return current;
    },
    check: async () => {
      if (open === null || current.state === 'downloading' || current.state === 'ready') return current;
      try {
        const found = await use().checkForUpdates();
        const isNewer = found?.isUpdateAvailable === true;
        current = { state: isNewer ? 'available' : 'current', version: isNewer ? found.updateInfo.version : null, message: null };
      } catch (error) {
        current = fail(error);
      }
      return current;
    },
    install: async () => {
      use();
      if (current.state === 'available') {
        current = { ...current, state: 'downloading' };
        void download();
      } else if (current.state === 'ready') {
        current = { ...current, message: 'it is installed as soon as no run is under way' };
        if (!isReplacing) void replace();
      } else if (current.state !== 'downloading') {
        throw new BackupError('usage-invalid', 'no newer version is known', { hint: 'look for one first' });
      }
      return current;
    },
  };
}
