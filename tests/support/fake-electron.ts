import { MessageChannel } from 'node:worker_threads';
import type { BrowserWindowConstructorOptions, ElectronApi, PreloadMessage } from '../../electron/shell/electron-api.ts';
import { FakeApp } from './electron/app.ts';
import { Emitter, type Listener } from './electron/emitter.ts';
import { FakePort } from './electron/ports.ts';
import { FakeDialog, FakePower, FakeSafeStorage, FakeSession, FakeTheme } from './electron/system.ts';
import { type FakeMenu, FakeNotification, FakeTray } from './electron/tray.ts';
import { FakeUtilityProcess } from './electron/utility-process.ts';
import { FakeWindow } from './electron/window.ts';

export interface FakeOptions {
  readonly isPackaged?: boolean;
  readonly version?: string;
  /** The system shows no icons of a tray: to make one throws. */
  readonly hasNoTray?: boolean;
}

/** What the shell uses of Electron, played: nothing happens but what a test lets happen, and everything that is asked for can be looked at. */
export class FakeElectron implements ElectronApi {
  /** What was asked of Electron, in its order. */
  readonly calls: string[] = [];
  readonly windows: FakeWindow[] = [];
  readonly trays: FakeTray[] = [];
  readonly notifications: FakeNotification[] = [];
  readonly openedOutside: string[] = [];
  readonly revealed: string[] = [];
  readonly blockers = new Set<number>();
  blockersStarted = 0;
  readonly workers: string[] = [];
  readonly version: string;
  readonly isPackaged: boolean;
  readonly app: FakeApp;
  readonly dialog = new FakeDialog();
  readonly powerMonitor = new FakePower();
  readonly safeStorage = new FakeSafeStorage();
  readonly session = { defaultSession: new FakeSession() };
  readonly nativeTheme = new FakeTheme();
  readonly net = { online: true, isOnline: () => this.net.online };
  readonly screen = {
    displays: [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }],
    getAllDisplays: () => this.screen.displays,
  };
  readonly ipc = new Emitter();
  readonly ipcMain: ElectronApi['ipcMain'] = { on: (channel, listener) => this.ipc.on(channel, listener) };
  readonly BrowserWindow: ElectronApi['BrowserWindow'];
  readonly Menu: ElectronApi['Menu'] = {
    buildFromTemplate: (template) => ({ template }) satisfies FakeMenu,
    setApplicationMenu: () => {},
  };
  readonly MessageChannelMain: ElectronApi['MessageChannelMain'];
  readonly Notification: ElectronApi['Notification'];
  readonly powerSaveBlocker: ElectronApi['powerSaveBlocker'] = {
    start: () => {
      this.blockersStarted += 1;
      this.blockers.add(this.blockersStarted);
      return this.blockersStarted;
    },
    stop: (id) => this.blockers.delete(id),
  };
  readonly protocol: ElectronApi['protocol'] = {
    registerSchemesAsPrivileged: (schemes) => {
      this.calls.push(`scheme ${schemes.map(({ scheme }) => scheme).join()}`);
    },
    handle: (scheme, handler) => {
      this.calls.push(`handle ${scheme}`);
      this.#handlers.set(scheme, handler);
    },
  };
  readonly shell: ElectronApi['shell'] = {
    showItemInFolder: (path) => void this.revealed.push(path),
    openExternal: async (url) => void this.openedOutside.push(url),
  };
  readonly Tray: ElectronApi['Tray'];
  readonly utilityProcess: ElectronApi['utilityProcess'] = {
    fork: (path) => {
      this.workers.push(path);
      return new FakeUtilityProcess(path);
    },
  };
  readonly #handlers = new Map<string, (request: Request) => Promise<Response>>();
  readonly #happened = new Emitter();

  constructor({ hasNoTray = false, isPackaged = false, version = '0.1.0' }: FakeOptions = {}) {
    const electron = this;
    this.version = version;
    this.isPackaged = isPackaged;
    this.app = new FakeApp(this);
    this.BrowserWindow = class extends FakeWindow {
      constructor(options: BrowserWindowConstructorOptions) {
        super(options);
        electron.calls.push('window');
        electron.windows.push(this);
        electron.app.emit('web-contents-created', {}, this.webContents);
        this.on('closed', () => {
          // Where nobody listens, Electron quits.
          const isLast = electron.windows.every((window) => window.isDestroyed());
          if (isLast && !electron.app.emit('window-all-closed')) electron.app.quit();
        });
      }
    };
    this.Tray = class extends FakeTray {
      constructor(image: string) {
        if (hasNoTray) throw new Error('there is no tray here');
        super(image);
        electron.calls.push('tray');
        electron.trays.push(this);
      }
    };
    this.Notification = class extends FakeNotification {
      static isSupported(): boolean {
        return true;
      }
      constructor(options: { readonly body?: string; readonly title?: string }) {
        super(options);
        electron.notifications.push(this);
        electron.#happened.emit('notification');
      }
    };
    this.MessageChannelMain = class {
      readonly port1: FakePort;
      readonly port2: FakePort;
      constructor() {
        const { port1, port2 } = new MessageChannel();
        this.port1 = new FakePort(port1);
        this.port2 = new FakePort(port2);
      }
    };
  }

  /** What the handler of the scheme answers. */
  async fetch(url: string, init?: RequestInit): Promise<Response> {
    const handler = this.#handlers.get(new URL(url).protocol.slice(0, -1));
    if (handler === undefined) throw new Error(`nothing handles ${url}`);
    // A Request of Node takes any scheme.
    return handler(new Request(url, init));
  }

  /** A preload script sends a message. */
  sendFromPreload(channel: string, senderFrame: PreloadMessage['senderFrame']): void {
    this.ipc.emit(channel, { senderFrame });
  }

  /** The tray that is there. Throws where none is. */
  get tray(): FakeTray {
    const tray = this.trays.at(-1);
    if (tray === undefined) throw new Error('there is no tray');
    return tray;
  }

  /** Resolves to the first notification of this title. */
  async notified(title: string): Promise<FakeNotification> {
    for (;;) {
      const found = this.notifications.find((notification) => notification.title === title);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#happened.once('notification', resolve as Listener));
    }
  }
}
