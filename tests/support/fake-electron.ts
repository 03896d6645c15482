import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type {
  App,
  AppNotification,
  AppTray,
  AppWindow,
  BrowserWindowConstructorOptions,
  Contents,
  Dialog,
  ElectronApi,
  Frame,
  LoginItemSettings,
  MainPort,
  MenuItemConstructorOptions,
  PowerMonitor,
  PreloadMessage,
  SafeStorage,
  Session,
  UtilityProcess,
  WindowOpening,
} from '../../electron/shell/electron-api.ts';

type Listener = (...args: never[]) => unknown;

/** Listens as an emitter of Electron does, and is told by a test what happens. */
class Emitter {
  readonly #listeners = new Map<string, Set<Listener>>();

  readonly on = (event: string, listener: Listener): this => {
    this.#listeners.set(event, (this.#listeners.get(event) ?? new Set()).add(listener));
    return this;
  };

  readonly once = (event: string, listener: Listener): this => {
    const heard: Listener = (...args) => {
      this.#listeners.get(event)?.delete(heard);
      return listener(...args);
    };
    return this.on(event, heard);
  };

  /** Tells everybody who listens. */
  emit(event: string, ...args: readonly unknown[]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(...(args as never[]));
  }

  /** Tells of something that may be prevented; true where nobody did. */
  ask(event: string, ...args: readonly unknown[]): boolean {
    let isPrevented = false;
    this.emit(event, { preventDefault: () => (isPrevented = true) }, ...args);
    return !isPrevented;
  }
}

/** The app. What it is asked for is in `calls` of its Electron. */
class FakeApp extends Emitter implements App {
  readonly isPackaged: boolean;
  readonly #electron: FakeElectron;
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
  policy = 'regular';

  constructor(electron: FakeElectron, isPackaged: boolean) {
    super();
    this.#electron = electron;
    this.isPackaged = isPackaged;
  }

  getVersion(): string {
    return this.#electron.version;
  }
  setPath(name: string, path: string): void {
    if (name === 'userData') this.userData = path;
    this.#electron.calls.push(`path ${name}`);
  }
  setAppUserModelId(): void {}
  requestSingleInstanceLock(): boolean {
    this.#electron.calls.push('lock');
    return this.hasLock;
  }
  whenReady(): Promise<void> {
    this.#electron.calls.push('ready');
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
    this.#electron.calls.push('quit');
    if (!this.ask('before-quit')) return;
    if (this.#electron.windows.every((window) => window.isDestroyed() || window.close())) this.ended.resolve(0);
  }
  exit(code = 0): void {
    this.#electron.calls.push(`exit ${code}`);
    this.ended.resolve(code);
  }
}

/** The contents of a window; a test lets the page do what it should not. */
export class FakeContents extends Emitter implements Contents {
  #open: (opening: WindowOpening) => { action: string } = () => ({ action: 'allow' });

  setWindowOpenHandler(handler: (opening: WindowOpening) => { action: 'deny' }): void {
    this.#open = handler;
  }
  /** What the page gets that calls `window.open`. */
  openWindow(url: string): string {
    return this.#open({ url }).action;
  }
}

export class FakeWindow extends Emitter implements AppWindow {
  readonly options: BrowserWindowConstructorOptions;
  readonly contents = new FakeContents();
  readonly urls: string[] = [];
  bounds = { x: 10, y: 20, width: 800, height: 600 };
  isShown = false;
  #isMaximized = false;
  #isMinimized = false;
  #isDestroyed = false;

  constructor(options: BrowserWindowConstructorOptions) {
    super();
    this.options = options;
    const { height = 600, width = 800, x = 10, y = 20 } = options;
    this.bounds = { x, y, width, height };
  }

  async loadURL(url: string): Promise<void> {
    this.urls.push(url);
    if (this.urls.length === 1) queueMicrotask(() => this.emit('ready-to-show'));
  }
  show(): void {
    this.isShown = true;
  }
  hide(): void {
    this.isShown = false;
  }
  focus(): void {}
  maximize(): void {
    this.#isMaximized = true;
  }
  minimize(): void {
    this.#isMinimized = true;
  }
  restore(): void {
    this.#isMinimized = false;
  }
  isMinimized(): boolean {
    return this.#isMinimized;
  }
  isMaximized(): boolean {
    return this.#isMaximized;
  }
  isVisible(): boolean {
    return this.isShown && !this.#isMinimized;
  }
  isDestroyed(): boolean {
    return this.#isDestroyed;
  }
  getNormalBounds() {
    return this.bounds;
  }
  /** A person closes it; true where it is gone then. */
  close(): boolean {
    if (!this.ask('close')) return false;
    this.#isDestroyed = true;
    this.isShown = false;
    this.emit('closed');
    return true;
  }
}

interface FakeMenu {
  readonly template: readonly MenuItemConstructorOptions[];
}

export class FakeTray extends Emitter implements AppTray {
  readonly images: string[] = [];
  readonly menus: (readonly MenuItemConstructorOptions[])[] = [];
  toolTip = '';
  readonly toolTips: string[] = [];
  title = '';

  constructor(image: string) {
    super();
    this.images.push(image);
  }
  setImage(image: string): void {
    this.images.push(image);
  }
  setToolTip(text: string): void {
    this.toolTip = text;
    this.toolTips.push(text);
    this.emit('told');
  }
  setTitle(title: string): void {
    this.title = title;
  }
  setContextMenu(menu: object | null): void {
    this.menus.push((menu as FakeMenu | null)?.template ?? []);
    this.emit('told');
  }
  destroy(): void {}

  /** The labels of the menu as it is now. */
  labels(): string[] {
    return (this.menus.at(-1) ?? []).map(({ label, type }) => label ?? type ?? '');
  }
  /** Chooses an item by the labels that lead to it; a label may be given by its beginning. Throws where there is none that can be chosen. */
  choose(...path: readonly string[]): void {
    let items = this.menus.at(-1) ?? [];
    for (const [depth, label] of path.entries()) {
      const item = items.find((candidate) => candidate.label?.startsWith(label));
      if (item === undefined) throw new Error(`the menu has no "${label}": ${items.map((each) => each.label).join(', ')}`);
      if (depth === path.length - 1) (item.click as (() => void) | undefined)?.();
      else items = (item.submenu ?? []) as readonly MenuItemConstructorOptions[];
    }
  }
  /** Resolves when the tray shows what is looked for. */
  async shows(isShown: (tray: FakeTray) => boolean): Promise<void> {
    while (!isShown(this)) await new Promise<void>((resolve) => this.once('told', resolve as Listener));
  }
}

export class FakeNotification extends Emitter implements AppNotification {
  static readonly all: FakeNotification[] = [];
  readonly title: string;
  readonly body: string;

  constructor({ body = '', title = '' }: { readonly body?: string; readonly title?: string }) {
    super();
    this.title = title;
    this.body = body;
  }
  show(): void {}
}

/** Node's ports as those of Electron's main process. */
class FakePort extends Emitter implements MainPort {
  readonly node: MessagePort;

  constructor(node: MessagePort) {
    super();
    this.node = node;
  }
  start(): void {
    this.node.on('message', (data: unknown) => this.emit('message', { data }));
    this.node.on('close', () => this.emit('close'));
  }
  postMessage(message: unknown): void {
    this.node.postMessage(message);
  }
  close(): void {
    this.node.close();
  }
}

/** A frame that a message can come from, with what it was sent. */
export class FakeFrame implements Frame {
  readonly origin: string;
  readonly url: string;
  readonly parent: unknown;
  readonly received: { readonly channel: string; readonly ports: readonly MessagePort[] }[] = [];

  constructor(url: string, parent: unknown = null) {
    this.url = url;
    const { host, protocol } = new URL(url);
    this.origin = `${protocol}//${host}`;
    this.parent = parent;
  }
  postMessage(channel: string, _message: unknown, transfer: MainPort[] = []): void {
    this.received.push({ channel, ports: transfer.map((port) => (port as FakePort).node) });
  }
}

class FakePower extends Emitter implements PowerMonitor {
  onBattery = false;
  isOnBatteryPower(): boolean {
    return this.onBattery;
  }
}

/** A keychain whose seal is no secret, but is not the value either. */
class FakeSafeStorage implements SafeStorage {
  isAvailable = true;
  isLocked = false;
  backend = 'gnome_libsecret';

  async isAsyncEncryptionAvailable(): Promise<boolean> {
    return this.isAvailable;
  }
  async encryptStringAsync(text: string): Promise<Buffer> {
    return Buffer.from(Buffer.from(text, 'utf8').map((byte) => byte ^ 0x5a));
  }
  async decryptStringAsync(encrypted: Buffer): Promise<{ result: string; shouldReEncrypt: boolean }> {
    if (this.isLocked) throw new Error('the keychain is locked');
    return { result: Buffer.from(encrypted.map((byte) => byte ^ 0x5a)).toString('utf8'), shouldReEncrypt: false };
  }
  getSelectedStorageBackend(): string {
    return this.backend;
  }
}

/** Dialogs that a test has answered before they are asked. */
class FakeDialog implements Dialog {
  readonly asked: { readonly message: string; readonly detail: string; readonly buttons: readonly string[] }[] = [];
  /** The buttons that are pressed, in turn; then the first one. */
  readonly presses: number[] = [];
  /** The path that a person chooses; `null` where they choose none. */
  chosen: string | null = null;
  readonly questions: object[] = [];

  async showMessageBox({ buttons = [], detail = '', message }: { buttons?: string[]; detail?: string; message: string }) {
    this.asked.push({ message, detail, buttons });
    return { response: this.presses.shift() ?? 0 };
  }
  async showOpenDialog(options: object) {
    this.questions.push(options);
    return { canceled: this.chosen === null, filePaths: this.chosen === null ? [] : [this.chosen] };
  }
  async showSaveDialog(options: object) {
    this.questions.push(options);
    return { canceled: this.chosen === null, filePath: this.chosen ?? '' };
  }
}

class FakeSession implements Session {
  #request: Parameters<Session['setPermissionRequestHandler']>[0] = (_, __, answer) => answer(true);
  #check: Parameters<Session['setPermissionCheckHandler']>[0] = () => true;

  setPermissionRequestHandler(handler: Parameters<Session['setPermissionRequestHandler']>[0]): void {
    this.#request = handler;
  }
  setPermissionCheckHandler(handler: Parameters<Session['setPermissionCheckHandler']>[0]): void {
    this.#check = handler;
  }
  /** Whether a page at the address is let do something, by both ways of asking. */
  async permits(permission: string, url: string): Promise<boolean[]> {
    const { host, protocol } = new URL(url);
    const asked = new Promise<boolean>((resolve) => this.#request({}, permission, resolve, { requestingUrl: url }));
    return [await asked, this.#check(null, permission, `${protocol}//${host}/`)];
  }
}

/** A utility process that is a child process of Node, with the parent port that Electron would give it. */
class FakeUtilityProcess extends Emitter implements UtilityProcess {
  readonly #child: ChildProcess;
  readonly stderr: NodeJS.ReadableStream | null;

  constructor(path: string) {
    super();
    this.#child = fork(path, [], {
      serialization: 'advanced',
      execArgv: ['--import', new URL('./parent-port.ts', import.meta.url).href],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.stderr = this.#child.stderr;
    this.#child.on('message', (message) => this.emit('message', message));
    this.#child.on('close', (code) => this.emit('exit', code ?? 1));
  }
  get pid(): number | undefined {
    return this.#child.pid;
  }
  postMessage(message: unknown): void {
    this.#child.send(message as object, () => {});
  }
  kill(): boolean {
    return this.#child.kill();
  }
}

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
  readonly app: FakeApp;
  readonly dialog = new FakeDialog();
  readonly powerMonitor = new FakePower();
  readonly safeStorage = new FakeSafeStorage();
  readonly session = { defaultSession: new FakeSession() };
  readonly nativeTheme = { shouldUseDarkColors: false };
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
    this.app = new FakeApp(this, isPackaged);
    this.BrowserWindow = class extends FakeWindow {
      constructor(options: BrowserWindowConstructorOptions) {
        super(options);
        electron.calls.push('window');
        electron.windows.push(this);
        electron.app.emit('web-contents-created', {}, this.contents);
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

/** The folder of the checkout. */
export const checkout = fileURLToPath(new URL('../..', import.meta.url));
