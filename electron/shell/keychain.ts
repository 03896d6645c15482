import { BackupError, errorFacts } from '../domain/errors.ts';
import type { Keychain } from '../engine/platform/secret-file.ts';
import type { ElectronApi } from './electron-api.ts';

/** Asks a person once whether sign-ins may be kept in a file, where the system has nothing better; keeps that they said yes. */
export interface FileConsent {
  isGiven(): boolean;
  /** Resolves to whether the person agrees. */
  ask(): Promise<boolean>;
}

/** Backends of Linux that only scramble: their key is the same on every machine, or is not known yet. */
const weakBackends: ReadonlySet<string> = new Set(['basic_text', 'unknown']);

/** What Chromium on Linux begins with where it has sealed with that key, for want of the keychain that the desktop should have. */
const scrambledMark = 'v10';

/**
 * The system's keychain: Keychain on macOS, DPAPI on Windows, the Secret Service or KWallet on Linux. Where there is none, nothing is sealed
 * by pretence: a person is asked whether the file that only they can read will do, when there is something to keep for the first time.
 */
export function systemKeychain(
  { safeStorage }: Pick<ElectronApi, 'safeStorage'>,
  platform: NodeJS.Platform,
  consent: FileConsent,
): Keychain {
  const isSafe = async () => {
    if (!(await safeStorage.isAsyncEncryptionAvailable())) return false;
    if (platform !== 'linux') return true;
    if (weakBackends.has(safeStorage.getSelectedStorageBackend())) return false;
    return (await safeStorage.encryptStringAsync('nightjar')).toString('latin1', 0, 3) !== scrambledMark;
  };
  return {
    isSafe,
    permitPlain: async () => {
      if (consent.isGiven() || (await consent.ask())) return;
      throw new BackupError('home-unusable', 'this system has no keychain, and sign-ins may not be kept in a file', {
        hint: 'do it again and allow the file, or install a keychain such as gnome-keyring or KWallet',
      });
    },
    seal: (value) => safeStorage.encryptStringAsync(value),
    open: async (sealed) => {
      try {
        return (await safeStorage.decryptStringAsync(sealed)).result;
      } catch (cause) {
        throw new BackupError('sign-in-missing', `the keychain does not open what Nightjar has kept in it: ${errorFacts(cause).message}`, {
          cause,
          hint: 'unlock the keychain and allow Nightjar to use it, or sign in again',
        });
      }
    },
  };
}
