import { nodePorts } from '../engine/platform/node-ports.ts';
import { type SecretFile, secretFile } from '../engine/platform/secret-file.ts';
import type { Ports } from '../engine/ports.ts';
import type { AppParts } from './app-parts.ts';
import type { ElectronApi } from './electron-api.ts';
import { type FileConsent, systemKeychain } from './keychain.ts';
import type { Surroundings } from './surroundings.ts';
import { utilityWorkers } from './workers.ts';

/** The ports of the app, with the one store of its secrets. */
export interface AppPorts {
  readonly ports: Ports;
  readonly secrets: SecretFile;
}

/** What an engine takes from outside, as Electron has it; everything else is as in plain Node. */
export function appPorts(electron: ElectronApi, { Store, home, ports, surroundings }: AppParts, consent: FileConsent): AppPorts {
  const node = nodePorts(`nightjar ${electron.app.getVersion()}`);
  const secrets = secretFile(home.path, systemKeychain(electron, surroundings.platform, consent));
  return {
    secrets,
    ports: {
      ...node,
      workers: utilityWorkers(electron),
      secrets: () => secrets,
      settingsFile: ({ configName, ...options }) => new Store({ ...options, name: configName }),
      openUrl: (url) => openOutside(electron, url),
      // Node knows nothing of power on Windows.
      power: async () =>
        (await node.power()) ??
        (surroundings.platform === 'win32' ? { onBattery: electron.powerMonitor.isOnBatteryPower(), percent: null } : null),
      environment: withUsualPrograms(surroundings),
      ...ports,
    },
  };
}

/** An app that the Finder starts has the system's own programs in its PATH alone; helpers of git are where Homebrew puts them. */
function withUsualPrograms({ environment, platform }: Surroundings): NodeJS.ProcessEnv {
  if (platform !== 'darwin') return { ...environment };
  const { PATH = '/usr/bin:/bin' } = environment;
  const missing = ['/opt/homebrew/bin', '/usr/local/bin'].filter((folder) => !PATH.split(':').includes(folder));
  return { ...environment, PATH: [PATH, ...missing].join(':') };
}

async function openOutside({ shell }: Pick<ElectronApi, 'shell'>, url: string): Promise<boolean> {
  const protocol = URL.parse(url)?.protocol;
  if (protocol !== 'https:' && protocol !== 'http:') return false;
  try {
    await shell.openExternal(url);
    return true;
  } catch {
    return false; // There is no browser; whoever asks tells the address as well.
  }
}
