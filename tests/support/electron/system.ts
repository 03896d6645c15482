import type { Dialog, NativeTheme, PowerMonitor, SafeStorage, Session } from '../../../electron/shell/electron-api.ts';
import { Emitter } from './emitter.ts';

export class FakePower extends Emitter implements PowerMonitor {
  onBattery = false;
  isOnBatteryPower(): boolean {
    return this.onBattery;
  }
}

export class FakeTheme extends Emitter implements NativeTheme {
  themeSource: NativeTheme['themeSource'] = 'system';
  shouldUseDarkColors = false;
  shouldUseDarkColorsForSystemIntegratedUI = false;

  /** The person, or the time of the day, changes the looks of the system. */
  turn(isDark: boolean): void {
    this.shouldUseDarkColors = isDark;
    this.shouldUseDarkColorsForSystemIntegratedUI = isDark;
    this.emit('updated');
  }
}

/** A keychain whose seal is no secret, but is not the value either. */
export class FakeSafeStorage implements SafeStorage {
  isAvailable = true;
  isLocked = false;
  backend = 'gnome_libsecret';
  /** The desktop should have a keychain, and has none. */
  isScrambling = false;

  async isAsyncEncryptionAvailable(): Promise<boolean> {
    return this.isAvailable;
  }
  async encryptStringAsync(text: string): Promise<Buffer> {
    const sealed = Buffer.from(Buffer.from(text, 'utf8').map((byte) => byte ^ 0x5a));
    return this.isScrambling ? Buffer.concat([Buffer.from('v10'), sealed]) : sealed;
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
export class FakeDialog implements Dialog {
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

export class FakeSession implements Session {
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
