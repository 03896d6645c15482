import type { AppNotification, AppTray, MenuItemConstructorOptions } from '../../../electron/shell/electron-api.ts';
import { Emitter, type Listener } from './emitter.ts';

/** A menu is what it was made of. */
export interface FakeMenu {
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
      const item = items.find((candidate) => candidate.enabled !== false && candidate.label?.startsWith(label));
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
  readonly title: string;
  readonly body: string;

  constructor({ body = '', title = '' }: { readonly body?: string; readonly title?: string }) {
    super();
    this.title = title;
    this.body = body;
  }
  show(): void {}
}
