import type { AppWindow, BrowserWindowConstructorOptions, Contents, WindowOpening } from '../../../electron/shell/electron-api.ts';
import { Emitter } from './emitter.ts';

/** The contents of a window; a test lets the page do what it should not. */
export class FakeContents extends Emitter implements Contents {
  #open: (opening: WindowOpening) => { action: string } = () => ({ action: 'allow' });

  url = '';

  getURL(): string {
    return this.url;
  }
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
  readonly webContents = new FakeContents();
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
    this.webContents.url = url;
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
    this.destroy();
    return true;
  }
  destroy(): void {
    this.#isDestroyed = true;
    this.isShown = false;
    this.emit('closed');
  }
}
