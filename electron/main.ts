import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  Notification,
  nativeTheme,
  net,
  powerMonitor,
  powerSaveBlocker,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  Tray,
  utilityProcess,
} from 'electron';
import Store from 'electron-store';
import electronUpdater from 'electron-updater';
import { errorFacts } from './domain/errors.ts';
import { locateHome } from './engine/home.ts';
import { boot } from './shell/boot.ts';
import type { ElectronApi } from './shell/electron-api.ts';
import { realSurroundings } from './shell/surroundings.ts';

const electron: ElectronApi = {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  Notification,
  nativeTheme,
  net,
  powerMonitor,
  powerSaveBlocker,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  Tray,
  utilityProcess,
};

/** Where electron-vite puts the app: `out/main/index.js`, with page, preload script and icons beside that folder. */
const beside = (path: string) => fileURLToPath(new URL(path, import.meta.url));

boot(electron, {
  home: locateHome(undefined, process.env),
  page: beside('../renderer'),
  preload: beside('../preload/index.cjs'),
  icons: beside('../icons'),
  surroundings: realSurroundings(),
  Store,
  openUpdater: existsSync(join(process.resourcesPath ?? '', 'app-update.yml')) ? () => electronUpdater.autoUpdater : null,
}).catch((error: unknown) => {
  const { hint, message } = errorFacts(error);
  dialog.showErrorBox('Nightjar cannot begin', hint === undefined ? message : `${message}\n\n${hint}`);
  app.exit(1);
});
