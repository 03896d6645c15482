import { join } from 'node:path';
import type { Surroundings } from './surroundings.ts';
import type { TrayView } from './tray-menu.ts';

/** Desktops whose panel is dark whatever the theme of the windows is. */
const darkPanels = /gnome|unity|cinnamon/i;

/**
 * The file of the picture for a view. macOS colours a template itself; Windows and Linux have a bird in ink for light panels and one in white for
 * dark ones. A run has a picture for every quarter.
 */
export function trayImage(
  icons: string,
  { percent, state }: Pick<TrayView, 'percent' | 'state'>,
  { environment, platform }: Pick<Surroundings, 'environment' | 'platform'>,
  isDark: boolean,
): string {
  const name = state === 'running' ? `running-${Math.min(75, Math.floor((percent ?? 0) / 25) * 25)}` : state;
  if (platform === 'darwin') return join(icons, `${name}Template.png`);
  const isDarkPanel = isDark || (platform === 'linux' && darkPanels.test(environment.XDG_CURRENT_DESKTOP ?? ''));
  return join(icons, `${name}-${isDarkPanel ? 'white' : 'ink'}${platform === 'win32' ? '.ico' : '.png'}`);
}
