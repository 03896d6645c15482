import type { ElectronApi, MenuItemConstructorOptions } from './electron-api.ts';

/** The menu of an app with a window: without it there is no copying and pasting on macOS, and no key to quit elsewhere. */
export function setApplicationMenu({ Menu, app }: Pick<ElectronApi, 'Menu' | 'app'>, platform: NodeJS.Platform): void {
  const first: MenuItemConstructorOptions = platform === 'darwin' ? { role: 'appMenu' } : { role: 'fileMenu' };
  const tools: MenuItemConstructorOptions[] = app.isPackaged ? [] : [{ role: 'viewMenu' }];
  Menu.setApplicationMenu(Menu.buildFromTemplate([first, { role: 'editMenu' }, ...tools, { role: 'windowMenu' }]));
}
