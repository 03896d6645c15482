import { errorFacts } from '../domain/errors.ts';
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
  /** Called with what went wrong with a page, for the log. */
  readonly onTrouble: (message: string) => void;
}

type WindowElectron = Pick<ElectronApi, 'app' | 'BrowserWindow' | 'nativeTheme' | 'screen'>;

/** Windows on demand: none is there before it is asked for, and to close one is to hide it. */
export function appWindows(electron: WindowElectron, options: WindowsOptions): Windows {
  const { formerPlace, hasTray, keepPlace, onTrouble, surroundings } = options;
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
      if (hasTray()) outOfFullScreen(window, () => hide(window));
      else window.minimize();
    });
    window.on('closed', () => open.delete(kind));
    // Nothing is left of its page; the next time it is asked for, it is made anew.
    window.webContents.on('render-process-gone', () => {
      onTrouble('the page of a window has crashed');
      if (!window.isDestroyed()) window.destroy();
    });
    lead(window, route);
  };
  const lead = (window: AppWindow, route: string) => {
    leadTo(window, route).catch((error: unknown) => onTrouble(`the page of a window was not loaded: ${errorFacts(error).message}`));
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
      if (route !== undefined) lead(window, route);
      show(window);
    },
    keepPlace: keepMainPlace,
    letClose: () => {
      isEnding = true;
    },
  };
}

/** Leads a window to an address of the page. Where it is already, it would be loaded anew, and what it has under way would be given up. */
async function leadTo(window: AppWindow, route: string): Promise<void> {
  const address = `${appOrigin}/${route}`;
  if (window.webContents.getURL() !== address) await window.loadURL(address);
}

/** Calls `act` once a window does not fill its screen: macOS leaves that black where such a window is hidden. */
function outOfFullScreen(window: AppWindow, act: () => void): void {
  if (!window.isFullScreen()) {
    act();
    return;
  }
  window.once('leave-full-screen', act);
  window.setFullScreen(false);
}

function looksOf({ app, nativeTheme }: WindowElectron, { icon, preload, surroundings }: WindowsOptions): BrowserWindowConstructorOptions {
  return {
    title: 'Nightjar',
    minWidth: smallestSize.width,
    minHeight: smallestSize.height,
    show: false,
    // What is seen until the page is there: ink or paper.
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#0f1722' : '#faf8f4',
    autoHideMenuBar: true,
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
