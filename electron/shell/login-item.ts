import type { LoginItem } from '../domain/desktop.ts';
import { BackupError } from '../domain/errors.ts';
import { type AutostartFile, autostartFile } from './autostart-file.ts';
import type { App } from './electron-api.ts';
import { atLoginArgument, type Surroundings } from './surroundings.ts';

/** Whether Nightjar starts when its person logs in. */
export interface LoginItemPort {
  /** What the system itself says. */
  read(): Promise<LoginItem>;
  /** Sets it, and says what the system has made of that. Throws `usage-invalid` where it cannot be set. */
  set(on: boolean): Promise<LoginItem>;
}

/** The login item of this system: SMAppService on macOS, the registry on Windows, an XDG autostart file on Linux. */
export function systemLoginItem(app: App, surroundings: Surroundings): LoginItemPort {
  const { isPackaged } = app;
  if (!isPackaged) return unavailable('only the installed app can start at login; for a checkout use: nightjar serve --print-unit');
  if (surroundings.platform === 'darwin') return macLoginItem(app);
  if (surroundings.platform === 'win32') return windowsLoginItem(app);
  return xdgLoginItem(autostartFile(surroundings));
}

function unavailable(message: string): LoginItemPort {
  return {
    read: async () => ({ state: 'unavailable', message }),
    set: async () => {
      throw new BackupError('usage-invalid', `Nightjar cannot be started at login: ${message}`);
    },
  };
}

const macStates: Readonly<Record<string, LoginItem>> = {
  enabled: { state: 'on', message: null },
  'not-registered': { state: 'off', message: null },
  'requires-approval': { state: 'needs-approval', message: 'macOS waits for you to allow it: System Settings, General, Login Items' },
  'not-found': { state: 'off', message: 'macOS does not know this app: move it into the Applications folder' },
};

function macLoginItem(app: App): LoginItemPort {
  const read = async (): Promise<LoginItem> => {
    const { status } = app.getLoginItemSettings();
    return macStates[status] ?? { state: 'unavailable', message: `macOS says "${status}"` };
  };
  return {
    read,
    set: async (on) => {
      app.setLoginItemSettings({ openAtLogin: on });
      const item = await read();
      // It may fail without a word where the app is not signed.
      if (on && item.state === 'off' && item.message === null) {
        return { state: 'off', message: 'macOS did not take it: it does so only for an app that is signed and in the Applications folder' };
      }
      return item;
    },
  };
}

function windowsLoginItem(app: App): LoginItemPort {
  const args = [atLoginArgument];
  const read = async (): Promise<LoginItem> => {
    const { executableWillLaunchAtLogin, openAtLogin } = app.getLoginItemSettings({ args });
    if (!openAtLogin) return { state: 'off', message: null };
    if (executableWillLaunchAtLogin) return { state: 'on', message: null };
    return { state: 'needs-approval', message: 'Windows has it switched off: Settings, Apps, Startup' };
  };
  return {
    read,
    set: async (on) => {
      app.setLoginItemSettings({ openAtLogin: on, args });
      return await read();
    },
  };
}

/** A program that will be gone after this start has none. */
function ownCommand(file: AutostartFile): string | null {
  try {
    return file.command();
  } catch {
    return null;
  }
}

function xdgLoginItem(file: AutostartFile): LoginItemPort {
  const read = async (): Promise<LoginItem> => {
    const entry = await file.read();
    if (entry.kind !== 'starts') return { state: 'off', message: null };
    const isOther = entry.command !== ownCommand(file);
    return { state: 'on', message: isOther ? `another copy of Nightjar is started: ${entry.command}` : null };
  };
  return {
    read,
    set: async (on) => {
      await (on ? file.write() : file.remove());
      return await read();
    },
  };
}
