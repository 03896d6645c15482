/** Electron's program: its path, or that it was not fetched yet, or why it cannot be. */
export type ElectronProgram =
  | { readonly state: 'present'; readonly path: string }
  | { readonly state: 'absent' }
  | { readonly state: 'unobtainable'; readonly why: string };

/** What decides where the window opens. */
export interface Machine {
  /** As Node names it. */
  readonly platform: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `null` where users have no number. */
  readonly userId: number | null;
}

/** What `npm start` does next; `notice` is the one sentence that says why it is not the app. */
export type StartPlan =
  | { readonly next: 'open-app'; readonly program: string }
  | { readonly next: 'fetch-electron' }
  | { readonly next: 'open-browser'; readonly notice: string };

/** Where the window opens: in the app where that can be, else in a browser. Electron is fetched only where it could open one. Pure. */
export function planStart(machine: Machine, electron: ElectronProgram): StartPlan {
  const obstacle = obstacleOf(machine);
  if (obstacle !== null) return openBrowser(obstacle);
  switch (electron.state) {
    case 'present':
      return { next: 'open-app', program: electron.path };
    case 'absent':
      return { next: 'fetch-electron' };
    case 'unobtainable':
      return openBrowser(`Electron's program could not be fetched (${electron.why})`);
  }
}

/** What becomes of an app that has ended: a program whose libraries are missing never was one. `null` where all is said. Pure. */
export function planAfterApp(exitCode: number | null): StartPlan | null {
  // What a loader on Linux exits with.
  return exitCode === 127 ? openBrowser('a library that Electron needs is not installed') : null;
}

/** Why the app cannot open on this machine, whatever Electron is; `null` where nothing is in its way. Pure. */
export function obstacleOf({ environment, platform, userId }: Machine): string | null {
  if (platform !== 'linux') return null;
  if (!environment['DISPLAY'] && !environment['WAYLAND_DISPLAY']) return 'there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)';
  return userId === 0 ? 'Electron does not run as root' : null;
}

function openBrowser(obstacle: string): StartPlan {
  return { next: 'open-browser', notice: `The app does not open here, since ${obstacle}; the same window opens in a browser instead.` };
}
