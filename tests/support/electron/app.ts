import type { App, LoginItemSettings } from '../../../electron/shell/electron-api.ts';
import { Emitter } from './emitter.ts';
import type { FakeWindow } from './window.ts';

/** Where the app is. */
export interface AppPlace {
  readonly version: string;
  readonly isPackaged: boolean;
  /** What was asked of Electron, in its order. */
  readonly calls: string[];
  readonly windows: readonly FakeWindow[];
}

/** The app. */
export class FakeApp extends Emitter implements App {
  readonly isPackaged: boolean;
  readonly #place: AppPlace;
  /** What the system makes of a login item. */
  loginItem: LoginItemSettings = {
    openAtLogin: false,
    wasOpenedAtLogin: false,
    status: 'not-registered',
    executableWillLaunchAtLogin: false,
    launchItems: [],
  };
  /** How a login item is after it was set; by default as asked for. */
  onLoginItem: (on: boolean) => Partial<LoginItemSettings> = (on) => ({
    openAtLogin: on,
    executableWillLaunchAtLogin: on,
    status: on ? 'enabled' : 'not-registered',
  });
  hasLock = true;
  readonly ready = Promise.withResolvers<void>();
  /** Resolves with the code when the app has ended. */
  readonly ended = Promise.withResolvers<number>();
  userData = '';
  readonly relaunches: { readonly args?: string[]; readonly execPath?: string }[] = [];
  policy = 'regular';

  constructor(place: AppPlace) {
    super();
    this.#place = place;
    this.isPackaged = place.isPackaged;
  }

  getVersion(): string {
    return this.#place.version;
  }
  setPath(name: string, path: string): void {
    if (name === 'userData') this.userData = path;
    this.#place.calls.push(`path ${name}`);
  }
  /** electron-store asks for it. */
  getPath(): string {
    return this.userData;
  }
  setAppUserModelId(): void {}
  requestSingleInstanceLock(): boolean {
    this.#place.calls.push('lock');
    return this.hasLock;
  }
  whenReady(): Promise<void> {
    this.#place.calls.push('ready');
    return this.ready.promise;
  }
  focus(): void {}
  setActivationPolicy(policy: string): void {
    this.policy = policy;
  }
  getLoginItemSettings(): LoginItemSettings {
    return this.loginItem;
  }
  setLoginItemSettings({ openAtLogin = false }: { readonly openAtLogin?: boolean }): void {
    this.loginItem = { ...this.loginItem, ...this.onLoginItem(openAtLogin) };
  }
  /** As Electron: who listens may prevent it, then the windows may. */
  quit(): void {
    this.#place.calls.push('quit');
    this.emit('asked to quit');
    if (!this.ask('before-quit')) return;
    if (this.#place.windows.every((window) => window.isDestroyed() || window.close())) this.ended.resolve(0);
  }
  relaunch(options: { readonly args?: string[]; readonly execPath?: string }): void {
    this.relaunches.push(options);
  }
  exit(code = 0): void {
    this.#place.calls.push(`exit ${code}`);
    this.ended.resolve(code);
  }
}
