import { homedir } from 'node:os';
import { runCommand } from '../engine/platform/command.ts';
import type { Clock } from '../engine/ports.ts';
import type { Surroundings } from './surroundings.ts';

const watcher = 'org.kde.StatusNotifierWatcher';
const bus = 'org.freedesktop.DBus';

/**
 * Whether anything on this desktop shows icons of a tray: macOS and Windows do. On Linux it is asked on the session's bus who takes them; where
 * that cannot be asked, `null`.
 */
export async function findTrayHost({ environment, platform }: Surroundings, clock: Clock): Promise<boolean | null> {
  if (platform !== 'linux') return true;
  const args = ['call', '--session', '--dest', bus, '--object-path', '/org/freedesktop/DBus', '--method', `${bus}.NameHasOwner`, watcher];
  const env = Object.fromEntries(Object.entries(environment).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
  try {
    const { code, stdout } = await runCommand({ program: 'gdbus', args, cwd: homedir(), env, limitMs: 2000, maxOutputBytes: 4096 }, clock);
    if (code !== 0) return null;
    return stdout.toString('utf8').includes('true');
  } catch {
    return null; // There is no gdbus, or no answer.
  }
}
