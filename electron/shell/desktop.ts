import type { Desktop, PathQuestion } from '../api/desktop.ts';
import type { SystemPage } from '../domain/desktop.ts';
import { BackupError } from '../domain/errors.ts';
import type { ElectronApi } from './electron-api.ts';
import type { LoginItemPort } from './login-item.ts';
import type { Updates } from './updates.ts';

export interface DesktopOptions {
  readonly platform: NodeJS.Platform;
  readonly hasTray: () => boolean;
  readonly loginItem: LoginItemPort;
  readonly updates: Updates;
}

/** Pages of the system's settings by what they are for; the other systems have none that can be opened so. */
const systemPageUrls: Readonly<Partial<Record<NodeJS.Platform, Readonly<Partial<Record<SystemPage, string>>>>>> = {
  darwin: {
    'full-disk-access': 'x-apple.systempreferences:com.apple.preference.security?Privacy_AllFiles',
    'login-items': 'x-apple.systempreferences:com.apple.LoginItems-Settings.extension',
  },
  win32: { 'login-items': 'ms-settings:startupapps' },
};

const databaseFilters = [
  { name: 'Databases', extensions: ['db', 'sqlite', 'sqlite3', 'db3'] },
  { name: 'All files', extensions: ['*'] },
];

/** What the app can do for its window. */
export function appDesktop({ dialog, shell }: Pick<ElectronApi, 'dialog' | 'shell'>, options: DesktopOptions): Desktop {
  const { hasTray, loginItem, platform, updates } = options;
  return {
    info: async () => ({
      kind: 'app',
      platform,
      hasTray: hasTray(),
      loginItem: await loginItem.read(),
      update: updates.current,
    }),
    choosePath: (question) => choosePath(dialog, question),
    reveal: async (path) => shell.showItemInFolder(path),
    openSystemPage: async (page) => {
      const url = systemPageUrls[platform]?.[page];
      if (url === undefined)
        throw new BackupError('usage-invalid', 'this system has no such page', { hint: "open the system's settings yourself" });
      await shell.openExternal(url);
    },
    setLoginItem: (on) => loginItem.set(on),
    checkForUpdate: () => updates.check(),
    installUpdate: () => updates.install(),
  };
}

async function choosePath(dialog: ElectronApi['dialog'], { start, title, want }: PathQuestion): Promise<string | null> {
  const place = start === undefined ? {} : { defaultPath: start };
  if (want === 'new-file') {
    const { canceled, filePath } = await dialog.showSaveDialog({
      title,
      ...place,
      properties: ['createDirectory', 'showOverwriteConfirmation'],
    });
    return canceled ? null : filePath;
  }
  const { canceled, filePaths } = await dialog.showOpenDialog({
    title,
    ...place,
    // Databases lie in folders that a person does not see otherwise.
    properties: want === 'folder' ? ['openDirectory', 'createDirectory'] : ['openFile', 'showHiddenFiles'],
    ...(want === 'database' ? { filters: databaseFilters } : {}),
  });
  return canceled ? null : (filePaths[0] ?? null);
}
