/** How an app that the system has started at login knows it: its window stays closed then. */
export const atLoginArgument = '--at-login';

/** What the app finds around it, so that a test can play every system. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  /** The program of the app. */
  readonly execPath: string;
  /** What it was started with, behind the program. */
  readonly args: readonly string[];
}

/** The surroundings of this process. */
export function realSurroundings(): Surroundings {
  return { platform: process.platform, environment: process.env, execPath: process.execPath, args: process.argv.slice(1) };
}
