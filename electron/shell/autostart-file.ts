import { mkdir, readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { writeFileAtomically } from '../engine/platform/atomic-file.ts';
import { translateErrno, unlessMissing } from '../engine/platform/errno.ts';
import { randomIds } from '../engine/platform/ids.ts';
import { commandOf } from '../engine/platform/service-command.ts';
import { atLoginArgument, type Surroundings } from './surroundings.ts';

/** What the file says: it starts a command, or nothing, or it is not there. */
export type AutostartEntry = { readonly kind: 'starts'; readonly command: string } | { readonly kind: 'hidden' | 'missing' };

/** The file by which a desktop of Linux starts this app at login (XDG autostart). */
export interface AutostartFile {
  readonly path: string;
  /** The command line that starts this app, as such a file has it. Throws `usage-invalid` for a program that will be gone. */
  command(): string;
  read(): Promise<AutostartEntry>;
  /** After a crash there is the former file or the new one, whole. Throws `usage-invalid`, `home-unusable`, `disk-full`. */
  write(): Promise<void>;
  remove(): Promise<void>;
}

/** The autostart file of this person. */
export function autostartFile({ environment, execPath }: Surroundings): AutostartFile {
  const { APPIMAGE, HOME = homedir(), XDG_CONFIG_HOME } = environment;
  const path = join(XDG_CONFIG_HOME || join(HOME, '.config'), 'autostart', 'nightjar.desktop');
  const command = () =>
    commandOf({ execPath, modulePath: import.meta.filename, isApp: true, appImage: APPIMAGE }, [atLoginArgument])
      .map(quoteArgument)
      .join(' ');
  return {
    path,
    command,
    read: async () => parseEntry(await unlessMissing(readFile(path, 'utf8'))),
    write: async () => {
      const text = entryFor(command());
      try {
        await mkdir(dirname(path), { recursive: true });
        await writeFileAtomically(path, text, randomIds.make('part'));
      } catch (error) {
        throw translateErrno(error, { absent: 'home-unusable', refused: 'home-unusable', place: path });
      }
    },
    remove: () => rm(path, { force: true }),
  };
}

function entryFor(command: string): string {
  const lines = ['Type=Application', 'Name=Nightjar', 'Comment=Backs up while you sleep', `Exec=${command}`, 'Terminal=false'];
  return `[Desktop Entry]\n${lines.join('\n')}\n`;
}

/** Quotes an argument as the Desktop Entry Specification says: within quotes, with the escapes of a string around those of an argument. */
function quoteArgument(text: string): string {
  const quoted = `"${text.replaceAll(/["`$\\]/g, '\\$&')}"`;
  return quoted.replaceAll('\\', '\\\\').replaceAll('%', '%%');
}

function parseEntry(text: string | undefined): AutostartEntry {
  if (text === undefined) return { kind: 'missing' };
  const values = new Map(
    text.split('\n').map((line) => [line.slice(0, line.indexOf('=')).trim(), line.slice(line.indexOf('=') + 1).trim()]),
  );
  // Desktops switch an entry off in either way.
  const isHidden = values.get('Hidden') === 'true' || values.get('X-GNOME-Autostart-enabled') === 'false';
  const command = values.get('Exec');
  return isHidden || command === undefined ? { kind: 'hidden' } : { kind: 'starts', command };
}
