import { posix, win32 } from 'node:path';

/** A folder that is searched, and how far below it. */
export interface Place {
  readonly path: string;
  readonly depth: number;
}

/** Where the programs of a person keep what they write, and where people keep files themselves; the most likely first. */
export function usualPlaces(userHome: string, environment: Readonly<NodeJS.ProcessEnv>, platform: NodeJS.Platform): Place[] {
  const { join } = platform === 'win32' ? win32 : posix;
  const documents = { path: join(userHome, 'Documents'), depth: 4 };
  const home = { path: userHome, depth: 2 };
  if (platform === 'darwin') return [{ path: join(userHome, 'Library', 'Application Support'), depth: 4 }, documents, home];
  if (platform === 'win32') {
    const roaming = environment.APPDATA || join(userHome, 'AppData', 'Roaming');
    const local = environment.LOCALAPPDATA || join(userHome, 'AppData', 'Local');
    return [{ path: roaming, depth: 4 }, { path: local, depth: 3 }, documents, home];
  }
  const data = environment.XDG_DATA_HOME || join(userHome, '.local', 'share');
  const config = environment.XDG_CONFIG_HOME || join(userHome, '.config');
  return [{ path: data, depth: 4 }, { path: config, depth: 3 }, documents, home];
}

/** Where the system puts the disks of a person that are plugged in. Windows has letters for them instead. */
export function mountFolders(environment: Readonly<NodeJS.ProcessEnv>, platform: NodeJS.Platform): string[] {
  if (platform === 'darwin') return ['/Volumes'];
  const { USER } = environment;
  return platform === 'linux' && USER ? [`/run/media/${USER}`, `/media/${USER}`] : [];
}
