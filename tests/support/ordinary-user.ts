import { chownSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { TestContext } from 'vitest';
import { type CliOptions, launcherPath } from './cli.ts';

/** Root may do everything, so what permissions keep others from is tried as nobody. */
const nobody = process.getuid?.() === 0 ? 65_534 : undefined;

/** The folder that keeps nobody from starting the program, where it has to be started as that. */
export function folderClosedToOthers(): string | null {
  if (nobody === undefined) return null;
  for (let folder = dirname(launcherPath); dirname(folder) !== folder; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return folder;
  }
  return null;
}

/** Leaves a test out, and says so, that needs permissions to count where root runs the tests in a folder of its own. */
export function skipWhereClosed(context: TestContext): void {
  const folder = folderClosedToOthers();
  if (folder === null) return;
  const why = `root runs the tests, and no other user can start the program in ${folder}`;
  process.stdout.write(`NOT TRIED, ${context.task.name}: ${why}\n`);
  context.skip(why);
}

/** How a command is run that permissions count for; these paths are its own. */
export function asOrdinaryUser(...paths: readonly string[]): CliOptions {
  if (nobody === undefined) return {};
  for (const path of paths) chownSync(path, nobody, nobody);
  return { uid: nobody };
}
