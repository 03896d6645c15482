import type {
  BrowserWindowConstructorOptions,
  CustomScheme,
  Event,
  FocusOptions,
  ForkOptions,
  LoginItemSettings,
  LoginItemSettingsOptions,
  MenuItemConstructorOptions,
  MessageBoxOptions,
  NotificationConstructorOptions,
  OpenDialogOptions,
  Rectangle,
  RelaunchOptions,
  SaveDialogOptions,
  Settings,
  TitleOptions,
} from 'electron';
import type { EnginePort } from '../api/port-handler.ts';

export type { BrowserWindowConstructorOptions, LoginItemSettings, MenuItemConstructorOptions } from 'electron';

/** Listens to each event of a table with its own listener. */
type On<Events> = { [Name in keyof Events]: (on: (event: Name, listener: Events[Name]) => unknown) => void }[keyof Events] extends (
  on: infer All,
) => void
  ? All
  : never;

type Told = () => void;
type Asked = (event: Preventable) => void;

/** Something that may be prevented. */
export type Preventable = Pick<Event, 'preventDefault'>;

/** A frame that has sent something. */
export interface Frame {
  readonly origin: string;
  readonly url: string;
  /** `null` for the one at the top. */
  readonly parent: unknown;
  postMessage(channel: string, message: unknown, transfer?: EnginePort[]): void;
}

/** A message of a preload script. */
export interface PreloadMessage {
  /** `null` for a frame that is gone by now. */
  readonly senderFrame: Frame | null;
}

export interface WindowOpening {
  readonly url: string;
}

/** The contents of a window. */
export interface Contents {
  readonly on: On<{
    'will-navigate': Asked;
    'will-frame-navigate': Asked;
    'will-redirect': Asked;
    'will-attach-webview': Asked;
    'render-process-gone': Told;
  }>;
  getURL(): string;
  setWindowOpenHandler(handler: (opening: WindowOpening) => { action: 'deny' }): void;
}

/** A window. */
export interface AppWindow {
  readonly webContents: Contents;
  readonly on: On<{ close: Asked; closed: Told }>;
  once(event: 'ready-to-show', listener: () => void): unknown;
  loadURL(url: string): Promise<void>;
  show(): void;
  hide(): void;
  focus(): void;
  maximize(): void;
  minimize(): void;
  restore(): void;
  isMinimized(): boolean;
  isMaximized(): boolean;
  isVisible(): boolean;
  destroy(): void;
  getNormalBounds(): Rectangle;
}

export interface AppTray {
  on(event: 'click', listener: () => void): unknown;
  setImage(image: string): void;
  setToolTip(text: string): void;
  setTitle(title: string, options?: TitleOptions): void;
  setContextMenu(menu: object | null): void;
  destroy(): void;
}

export interface AppNotification {
  readonly on: On<{ click: Told; close: Told }>;
  show(): void;
}

/** A process that Electron runs Node in. */
export interface UtilityProcess {
  readonly pid: number | undefined;
  readonly stderr: NodeJS.ReadableStream | null;
  readonly on: On<{ message: (message: unknown) => void; error: (type: string, location: string) => void }>;
  readonly once: On<{ spawn: Told; exit: (code: number) => void }>;
  postMessage(message: unknown): void;
  kill(): boolean;
}

/** The app itself. */
export interface App {
  readonly on: On<{
    'second-instance': Told;
    activate: Told;
    'before-quit': Asked;
    'window-all-closed': Told;
    'web-contents-created': (event: object, contents: Contents) => void;
  }>;
  readonly isPackaged: boolean;
  getVersion(): string;
  setPath(name: string, path: string): void;
  setAppUserModelId(id: string): void;
  requestSingleInstanceLock(): boolean;
  whenReady(): Promise<void>;
  focus(options?: FocusOptions): void;
  setActivationPolicy(policy: 'regular' | 'accessory'): void;
  getLoginItemSettings(options?: LoginItemSettingsOptions): LoginItemSettings;
  setLoginItemSettings(settings: Settings): void;
  /** Has the app started again when this one has ended. */
  relaunch(options: RelaunchOptions): void;
  quit(): void;
  exit(code?: number): void;
}

/** What tells of the machine's power. */
export interface PowerMonitor {
  readonly on: On<{
    suspend: Told;
    resume: Told;
    'unlock-screen': Told;
    'on-ac': Told;
    'on-battery': Told;
    shutdown: (event?: Preventable) => void;
  }>;
  isOnBatteryPower(): boolean;
}

/** The keychain of the system, as Electron reaches it. */
export interface SafeStorage {
  isAsyncEncryptionAvailable(): Promise<boolean>;
  encryptStringAsync(text: string): Promise<Buffer>;
  decryptStringAsync(encrypted: Buffer): Promise<{ readonly result: string; readonly shouldReEncrypt: boolean }>;
  /** Only on Linux. */
  getSelectedStorageBackend(): string;
}

/** Whether windows, and what the system has beside them, are dark. */
export interface NativeTheme {
  readonly on: On<{ updated: Told }>;
  themeSource: 'system' | 'light' | 'dark';
  readonly shouldUseDarkColors: boolean;
  readonly shouldUseDarkColorsForSystemIntegratedUI: boolean;
}

export interface Dialog {
  showMessageBox(options: MessageBoxOptions): Promise<{ readonly response: number }>;
  showOpenDialog(options: OpenDialogOptions): Promise<{ readonly canceled: boolean; readonly filePaths: readonly string[] }>;
  showSaveDialog(options: SaveDialogOptions): Promise<{ readonly canceled: boolean; readonly filePath: string }>;
}

export interface Session {
  setPermissionRequestHandler(
    handler: (
      contents: object,
      permission: string,
      answer: (isGranted: boolean) => void,
      details: { readonly requestingUrl: string },
    ) => void,
  ): void;
  setPermissionCheckHandler(handler: (contents: object | null, permission: string, origin: string) => boolean): void;
}

/**
 * What the shell uses of Electron: it is passed in, so that this is all that a test has to play. Electron itself fits it, which the
 * compiler proves in `main.ts`.
 */
export interface ElectronApi {
  readonly app: App;
  readonly BrowserWindow: new (options: BrowserWindowConstructorOptions) => AppWindow;
  readonly dialog: Dialog;
  readonly ipcMain: { on(channel: string, listener: (message: PreloadMessage) => void): unknown };
  readonly Menu: { buildFromTemplate(template: MenuItemConstructorOptions[]): object; setApplicationMenu(menu: object | null): void };
  readonly MessageChannelMain: new () => { readonly port1: EnginePort; readonly port2: EnginePort };
  readonly nativeTheme: NativeTheme;
  readonly net: { isOnline(): boolean };
  readonly Notification: (new (options: NotificationConstructorOptions) => AppNotification) & { isSupported(): boolean };
  readonly powerMonitor: PowerMonitor;
  readonly powerSaveBlocker: { start(type: 'prevent-app-suspension'): number; stop(id: number): boolean };
  readonly protocol: {
    registerSchemesAsPrivileged(schemes: CustomScheme[]): void;
    handle(scheme: string, handler: (request: Request) => Promise<Response>): void;
  };
  readonly safeStorage: SafeStorage;
  readonly screen: { getAllDisplays(): readonly { readonly workArea: Rectangle }[] };
  readonly session: { readonly defaultSession: Session };
  readonly shell: { showItemInFolder(path: string): void; openExternal(url: string): Promise<void> };
  readonly Tray: new (image: string, guid?: string) => AppTray;
  readonly utilityProcess: { fork(path: string, args: string[], options: ForkOptions): UtilityProcess };
}
