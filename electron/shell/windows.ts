import type { WindowPlace } from '../domain/model.ts';
import { appOrigin } from '../domain/page-port.ts';
import type { AppWindow, BrowserWindowConstructorOptions, ElectronApi } from './electron-api.ts';
import { routes } from './routes.ts';
import type { Surroundings } from './surroundings.ts';
import { placeWindow, smallestSize } from './window-place.ts';

/** The windows of the app: the one with everything, and one for restoring alone. */
export interface Windows {
  /**
   * Opens the window at an address of the page, or brings it to the front there; without one, wherever it is. Restoring has a window of its own.
   */
  open(route?: string): void;
  /** Keeps where the window is now. */
  keepPlace(): void;
  /** Lets windows close for good from now on: the app ends. */
  letClose(): void;
}

export interface WindowsOptions {
  readonly surroundings: Surroundings;
  readonly preload: string;
  /** The picture of a window, where the system does not take the app's. */
  readonly icon: string;
  /** False where nothing but the window shows that the app is there: then it is not hidden but made small. */
  readonly hasTray: () => boolean;
  readonly formerPlace: () => WindowPlace | null;
  readonly keepPlace: (place: WindowPlace) => void;
}

type WindowElectron = Pick<ElectronApi, 'app' | 'BrowserWindow' | 'nativeTheme' | 'screen'>;

/** Windows on demand: none is there before it is asked for, and to close one is to hide it. */
export function appWindows(electron: WindowElectron, options: WindowsOptions): Windows {
  const { formerPlace, hasTray, keepPlace, surroundings } = options;
  const isMac = surroundings.platform === 'darwin';
  const open = new Map<'main' | 'restore', AppWindow>();
  let isEnding = false;

  const make = (kind: 'main' | 'restore', route: string) => {
    const former = kind === 'main' ? formerPlace() : null;
    const place = placeWindow(
      former,
      electron.screen.getAllDisplays().map(({ workArea }) => workArea),
    );
    const window = new electron.BrowserWindow({ ...looksOf(electron, options), ...place });
    open.set(kind, window);
    window.once('ready-to-show', () => {
      if (former?.isMaximized === true) window.maximize();
      show(window);
    });
    window.on('close', (event) => {
      if (isEnding) return;
      event.preventDefault();
      keepMainPlace();
      if (hasTray() || kind === 'restore') hide(window);
      else window.minimize();
    });
    window.on('closed', () => open.delete(kind));
    // Its page is gone: the next one is a new one.
    window.webContents.on('render-process-gone', () => window.destroy());
    goTo(window, route);
  };
  const show = (window: AppWindow) => {
    if (window.isMinimized()) window.restore();
    // An accessory app has no menus and no place in Cmd-Tab; as long as a window is open, it is an app like others.
    if (isMac) electron.app.setActivationPolicy('regular');
    window.show();
    electron.app.focus({ steal: true });
    window.focus();
  };
  const hide = (window: AppWindow) => {
    window.hide();
    const isAnyOpen = [...open.values()].some((other) => other.isVisible() || other.isMinimized());
    if (isMac && !isAnyOpen) electron.app.setActivationPolicy('accessory');
  };
  const keepMainPlace = () => {
    const window = open.get('main');
    if (window !== undefined) keepPlace({ ...window.getNormalBounds(), isMaximized: window.isMaximized() });
  };
  return {
    open: (route) => {
      const kind = route?.startsWith(routes.restore()) === true ? 'restore' : 'main';
      const window = open.get(kind);
      if (window === undefined) {
        make(kind, route ?? routes.overview);
        return;
      }
      if (route !== undefined) goTo(window, route);
      show(window);
    },
    keepPlace: keepMainPlace,
    letClose: () => {
      isEnding = true;
    },
  };
}

/** Goes to an address of the page without loading it anew: what it has asked for would be given up with it. */
function goTo(window: AppWindow, route: string): void {
  const url = `${appOrigin}/${route}`;
  if (window.webContents.getURL() === url) return;
  // What did not come is seen in the window.
  window.loadURL(url).catch(() => {});
}

function looksOf(
  { app, nativeTheme }: WindowElectron,
  { hasTray, icon, preload, surroundings }: WindowsOptions,
): BrowserWindowConstructorOptions {
  return {
    title: 'Nightjar',
    minWidth: smallestSize.width,
    minHeight: smallestSize.height,
    show: false,
    // A window that fills the screen of a Mac leaves it black when it is hidden.
    fullscreenable: surroundings.platform !== 'darwin',
    // What is seen until the page is there: ink or paper.
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#0f1722' : '#faf8f4',
    // Where there is no tray, the menu is how to quit.
    autoHideMenuBar: hasTray(),
    ...(surroundings.platform === 'linux' ? { icon } : {}),
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: !app.isPackaged,
    },
  };
}
