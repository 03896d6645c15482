import { isDeepStrictEqual } from 'node:util';
import type { AppTray, ElectronApi, MenuItemConstructorOptions } from './electron-api.ts';
import type { Surroundings } from './surroundings.ts';
import { trayImage } from './tray-image.ts';
import type { TrayAction, TrayItem, TrayView } from './tray-menu.ts';

/** By this macOS knows where among the others a person has put the icon. Windows would tie it to a program that is signed. */
const macGuid = '4f1c2a86-7d3e-4b59-9c0a-6e8b1d52f7a3';

/** The icon in the menu bar or the system tray. */
export interface Tray {
  /** Shows a view; what is as it was is not touched. */
  show(view: TrayView): void;
  close(): void;
}

export interface TrayOptions {
  readonly surroundings: Surroundings;
  /** The folder of the pictures. */
  readonly icons: string;
  readonly act: (action: TrayAction) => void;
}

type TrayElectron = Pick<ElectronApi, 'Menu' | 'Tray' | 'nativeTheme'>;

/** Puts the icon into the tray with a first view. Throws where the system has none. */
export function openTray(electron: TrayElectron, first: TrayView, { act, icons, surroundings }: TrayOptions): Tray {
  const pictureOf = (view: TrayView) => trayImage(icons, view, surroundings, electron.nativeTheme.shouldUseDarkColorsForSystemIntegratedUI);
  const tray = surroundings.platform === 'darwin' ? new electron.Tray(pictureOf(first), macGuid) : new electron.Tray(pictureOf(first));
  let shown: Partial<TrayView> & { readonly picture?: string } = { picture: pictureOf(first) };
  const show = (view: TrayView) => {
    const picture = pictureOf(view);
    if (picture !== shown.picture) tray.setImage(picture);
    if (view.sentence !== shown.sentence) tray.setToolTip(`Nightjar: ${view.sentence}`);
    if (view.percent !== shown.percent && surroundings.platform === 'darwin') showPercent(tray, view.percent);
    // A menu of Linux is a copy: it has to be set again for every change of it.
    if (!isDeepStrictEqual(view.items, shown.items)) {
      tray.setContextMenu(electron.Menu.buildFromTemplate(view.items.map((item) => templateOf(item, act))));
    }
    shown = { ...view, picture };
  };
  show(first);
  // On macOS a click opens the menu.
  if (surroundings.platform !== 'darwin') tray.on('click', () => act({ kind: 'open' }));
  return { show, close: () => tray.destroy() };
}

function showPercent(tray: AppTray, percent: number | null): void {
  tray.setTitle(percent === null ? '' : ` ${percent}%`, { fontType: 'monospacedDigit' });
}

function templateOf(item: TrayItem, act: (action: TrayAction) => void): MenuItemConstructorOptions {
  switch (item.kind) {
    case 'line':
      return { type: 'separator' };
    case 'text':
      return { label: literal(item.label), enabled: false };
    case 'menu':
      return { label: literal(item.label), submenu: item.items.map((inner) => templateOf(inner, act)) };
    case 'action': {
      const { action, isChecked, label } = item;
      const click = () => act(action);
      return isChecked === undefined
        ? { label: literal(label), click }
        : { type: 'checkbox', label: literal(label), checked: isChecked, click };
    }
  }
}

/** A single ampersand would underline the letter behind it. */
function literal(label: string): string {
  return label.replaceAll('&', '&&');
}
