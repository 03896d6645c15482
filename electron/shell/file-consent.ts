import type { Engine } from '../engine/engine.ts';
import { appStateOf, changeAppState } from './app-state.ts';
import type { Dialog } from './electron-api.ts';
import type { FileConsent } from './keychain.ts';

/** Asks in a dialog, and remembers a yes in the settings. `engine` is the open one; before that nothing is asked or known. */
export function dialogConsent(dialog: Dialog, engine: () => Engine | null): FileConsent {
  return {
    isGiven: () => {
      const open = engine();
      return open !== null && appStateOf(open).keepsSecretsInFile;
    },
    ask: async () => {
      const { response } = await dialog.showMessageBox({
        type: 'warning',
        title: 'Nightjar',
        message: 'This system has no keychain that Nightjar could use',
        detail:
          'Sign-ins can be kept in a file instead, which only you can read, but which is not encrypted: whoever can read your files can use them. ' +
          'With a keychain such as GNOME Keyring or KWallet they would be sealed.',
        buttons: ['Keep sign-ins in a file', 'Do not keep them'],
        defaultId: 1,
        cancelId: 1,
      });
      const open = engine();
      if (response !== 0 || open === null) return false;
      changeAppState(open, { keepsSecretsInFile: true });
      return true;
    },
  };
}
