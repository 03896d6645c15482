import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { localClient } from '../api/client.ts';
import type { EngineHost } from '../api/engine-host.ts';
import { holdEngine } from '../api/held-engine.ts';
import { workByItself } from '../api/working-engine.ts';
import { BackupError, errorFacts } from '../domain/errors.ts';
import type { AppState } from '../domain/model.ts';
import type { Engine } from '../engine/engine.ts';
import { makeHome } from '../engine/home.ts';
import { privateFolder } from '../engine/platform/atomic-file.ts';
import type { AppParts } from './app-parts.ts';
import { appPorts } from './app-ports.ts';
import { registerAppScheme, servePage } from './app-protocol.ts';
import { appStateOf, changeAppState } from './app-state.ts';
import { followAppearance } from './appearance.ts';
import { setApplicationMenu } from './application-menu.ts';
import { appDesktop } from './desktop.ts';
import type { App, ElectronApi } from './electron-api.ts';
import { type EngineView, viewEngine } from './engine-view.ts';
import { dialogConsent } from './file-consent.ts';
import { denyPermissions, guardContents } from './guards.ts';
import { systemLoginItem } from './login-item.ts';
import { type Notifier, notifyOf, systemNotifier } from './notifications.ts';
import { openOrExplain } from './open-engine.ts';
import { followPower } from './power.ts';
import { quitSafely } from './quit.ts';
import { routes } from './routes.ts';
import { handOutPorts } from './rpc-port.ts';
import { atLoginArgument, type Surroundings } from './surroundings.ts';
import { openTray } from './tray.ts';
import { trayActor } from './tray-actions.ts';
import { findTrayHost } from './tray-host.ts';
import { keepTray, type TrayKeeper } from './tray-keeper.ts';
import type { TrayAction } from './tray-menu.ts';
import { appUpdates } from './updates.ts';
import { appWindows, type Windows } from './windows.ts';

/** How Windows knows the app; the same as in `build/electron-builder.yml`. */
const appId = 'io.github.nightjar';

/** The app at work. */
export interface Nightjar {
  readonly host: EngineHost;
}

/**
 * Starts the app; `null` where it is not to be: it runs already, and that one opens its window, or its engine cannot be opened, and a person has
 * read why. Rejects with what nobody foresaw.
 */
export async function boot(electron: ElectronApi, parts: AppParts): Promise<Nightjar | null> {
  const { app, dialog } = electron;
  settleIn(electron, parts);
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return null;
  }
  let engine: Engine | null = null;
  const { ports, secrets } = appPorts(
    electron,
    parts,
    dialogConsent(dialog, () => engine),
  );
  registerAppScheme(electron);
  guardContents(electron, ports.openUrl, () => engine?.log ?? null);
  const wishes = takeWishes(electron);
  await app.whenReady();
  if (parts.surroundings.platform === 'darwin') app.setActivationPolicy('accessory');
  // The app is there without a window as well; unheard, the end of the last one, as after a crash of its page, would quit it.
  app.on('window-all-closed', () => {});
  setApplicationMenu(electron, parts.surroundings.platform);
  denyPermissions(electron);
  await servePage(electron, parts.page, ports.ids);
  engine = await openOrExplain(dialog, parts.home, ports);
  if (engine === null) {
    app.exit(1);
    return null;
  }
  const { log } = engine;
  // What commands have kept as it is goes under seal; what cannot be stays where it is.
  await secrets.sealAll().catch((error: unknown) => log.warn(`secrets were not sealed: ${errorFacts(error).message}`));
  const { host, windows } = await work(electron, parts, engine);
  wishes.fulfil(windows);
  return { host };
}

/** What Chromium keeps is no business of other programs, and one app belongs to one data folder. */
function settleIn({ app }: ElectronApi, { home, surroundings }: AppParts): void {
  makeHome(home);
  mkdirSync(home.appFolder, { recursive: true, mode: privateFolder });
  app.setPath('userData', home.appFolder);
  if (surroundings.platform === 'win32') app.setAppUserModelId(appId);
}

/** Whoever starts the app again wants its window; also while it is only just beginning. */
function takeWishes({ app }: ElectronApi): { fulfil(windows: Windows): void } {
  let windows: Windows | null = null;
  let isWished = false;
  app.on('second-instance', () => {
    isWished = true;
    windows?.open();
  });
  return {
    fulfil: (made) => {
      windows = made;
      // On macOS it is the system that tells the one app of it.
      app.on('activate', () => made.open());
      if (isWished) made.open();
    },
  };
}

/** Puts an open engine to work, with tray and windows around it, until the app quits. */
async function work(electron: ElectronApi, parts: AppParts, engine: Engine): Promise<{ host: EngineHost; windows: Windows }> {
  const { app } = electron;
  const { surroundings } = parts;
  let hasTray = false;
  const windows = appWindows(electron, {
    surroundings,
    preload: parts.preload,
    icon: join(parts.icons, 'nightjar.png'),
    hasTray: () => hasTray,
    formerPlace: () => appStateOf(engine).window,
    keepPlace: (window) => keepState(engine, { window }),
  });
  const loginItem = systemLoginItem(app, surroundings);
  const updates = appUpdates({
    updater: app.isPackaged ? parts.openUpdater : null,
    whenIdle: () => view.whenIdle(),
    endForUpdate: () => quit.endOnly(),
    restart: () => startAnew(app, surroundings),
  });
  const desktop = appDesktop(electron, { platform: surroundings.platform, hasTray: () => hasTray, loginItem, updates });
  const held = await holdEngine(engine, desktop);
  const view = viewEngine(held.host);
  followAppearance(electron, engine, view);
  handOutPorts(electron, held.host);
  const working = workByItself(held.host, refuseUrl);
  const notifier = systemNotifier(electron, engine, (route) => windows.open(route));
  notifyOf(engine, notifier);
  const stopPower = followPower(electron, { engine, onWake: () => working.wake(), onShutdown: () => app.quit() });
  const end = async () => {
    windows.keepPlace();
    await working.end();
    stopPower();
    tray.stop();
    view.close();
    await held.close();
  };
  const quit = quitSafely(electron, {
    clock: engine.ports.clock,
    end,
    onWaiting: () => sayWhatFor(view, notifier, tray),
    onEnd: () => windows.letClose(),
  });
  const tray = keepTray({ engine, view, readLoginItem: () => loginItem.read(), isQuitting: () => quit.isUnderWay });
  const act = trayActor({
    client: localClient(held.host),
    desktop,
    notifier,
    openWindow: (route) => windows.open(route),
    quit: () => app.quit(),
    onDone: () => tray.refresh(),
  });
  hasTray = await showTray(electron, parts, engine, tray, act);
  electron.nativeTheme.on('updated', () => tray.refresh());
  if (!hasTray || isStartedByPerson(electron, parts)) windows.open();
  return { host: held.host, windows };
}

/** Starts the app again as if a person had, which shows its window, and ends this one. An AppImage is at its place only while it runs. */
function startAnew(app: App, { args, environment: { APPIMAGE } }: Surroundings): void {
  app.relaunch({ args: args.filter((arg) => arg !== atLoginArgument), ...(APPIMAGE ? { execPath: APPIMAGE } : {}) });
  app.exit(0);
}

/** Somebody wants to quit, and something is under way. */
function sayWhatFor(view: EngineView, notifier: Notifier, tray: TrayKeeper): void {
  tray.refresh();
  const [run] = view.live();
  if (run === undefined) return;
  notifier.show('Nightjar quits at a safe point', `${run.job} is under way; quit again to end it at once`, routes.overview);
}

/** Where a window was is worth no trouble. */
function keepState(engine: Engine, change: Partial<AppState>): void {
  try {
    changeAppState(engine, change);
  } catch (error) {
    engine.log.warn(`the window's place was not kept: ${errorFacts(error).message}`);
  }
}

/** Resolves to whether there is a tray to show it in. */
async function showTray(
  electron: ElectronApi,
  { icons, surroundings }: AppParts,
  engine: Engine,
  tray: TrayKeeper,
  act: (action: TrayAction) => void,
): Promise<boolean> {
  if ((await findTrayHost(surroundings, engine.ports.clock)) === false) {
    engine.log.warn('this desktop shows no icons in a tray, so the window stays');
    return false;
  }
  try {
    tray.showIn(openTray(electron, await tray.look(), { act, icons, surroundings }));
    // What happened meanwhile.
    tray.refresh();
    return true;
  } catch (error) {
    engine.log.warn(`there is no icon in the tray, so the window stays: ${errorFacts(error).message}`);
    return false;
  }
}

/** Whether a person has started it, and not the system at login. */
function isStartedByPerson({ app }: ElectronApi, { surroundings: { args, platform } }: AppParts): boolean {
  if (platform === 'darwin') return !app.getLoginItemSettings().wasOpenedAtLogin;
  return !args.includes(atLoginArgument);
}

function refuseUrl(): never {
  throw new BackupError('usage-invalid', 'the app is at work here, and has a window of its own', {
    hint: 'click its icon, or start the app once more',
  });
}
