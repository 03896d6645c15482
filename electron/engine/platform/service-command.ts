import { BackupError } from '../../domain/errors.ts';

/** The program that runs now. */
export interface RunningProgram {
  /** `process.execPath`: Node, or the program of the app. */
  readonly execPath: string;
  /** The path of a module of the command line: in a checkout below `electron/headless/`, in a package below `out/headless/`. */
  readonly modulePath: string;
  /** Whether it is the app, and not Node. */
  readonly isApp: boolean;
  /** `APPIMAGE`: the file that is the app, where it is one that is mounted anew for each start. */
  readonly appImage?: string | undefined;
}

/**
 * The command line that starts the same program with these arguments, now and after the next sign-in: the same Node and the same files, or
 * the same app (S1-85). Throws `usage-invalid` for a program that will not be there any more, with what to do about it.
 */
export function commandOf({ execPath, modulePath, isApp, appImage }: RunningProgram, args: readonly string[]): string[] {
  const program = isApp ? [appImage || execPath] : [execPath, launcherOf(modulePath)];
  for (const path of program) refusePassing(path);
  return [...program, ...args];
}

/** What starts the command line: it chooses sources or build, and looks at Node's version. */
function launcherOf(modulePath: string): string {
  const found = /^(.*[\\/])(?:electron|out)([\\/])headless[\\/]/.exec(modulePath);
  if (found) return `${found[1]}electron${found[2]}headless${found[2]}launcher.cjs`;
  throw new BackupError('usage-invalid', `${modulePath} is not where a module of Nightjar can be`, {
    hint: 'install Nightjar anew, such as with: npm install -g nightjar',
  });
}

function refusePassing(path: string): void {
  if (!/^(?:\/|[a-z]:[\\/]|\\\\)/i.test(path)) {
    throw new BackupError('usage-invalid', `"${path}" is no absolute path, so a service cannot start it`, {
      hint: 'start Nightjar by its whole path',
    });
  }
  if (/[\\/]_npx[\\/]/.test(path)) {
    throw new BackupError('usage-invalid', `${path} is in the cache of npx, which may be emptied at any time`, {
      hint: 'install it first: npm install -g nightjar',
    });
  }
  if (/\/AppTranslocation\//.test(path)) {
    throw new BackupError('usage-invalid', `${path} is where macOS shows an app that was downloaded, and is gone after this start`, {
      hint: 'move Nightjar into the Applications folder, and open it from there',
    });
  }
  if (/^\/tmp\/\.mount_/.test(path)) {
    throw new BackupError('usage-invalid', `${path} is mounted for this start alone`, { hint: 'start the AppImage itself' });
  }
}
