import { homedir, hostname } from 'node:os';
import Conf from 'conf';
import type { Ports } from '../ports.ts';
import { systemClock } from './clock.ts';
import { systemDiskSpace } from './disk-space.ts';
import { randomIds } from './ids.ts';
import { systemOpenHandles } from './open-handles.ts';
import { openInBrowser } from './open-url.ts';
import { readPower } from './power.ts';
import { reachesHost } from './reach.ts';
import { secretFile } from './secret-file.ts';
import { forkedWorkers } from './workers.ts';

/** The ports of a plain Node process. */
export function nodePorts(program: string): Ports {
  return {
    clock: systemClock,
    ids: randomIds,
    disk: systemDiskSpace,
    workers: forkedWorkers,
    handles: systemOpenHandles,
    secrets: (folder) => secretFile(folder),
    settingsFile: (options) => new Conf(options),
    answerWithinMs: 60_000,
    openUrl: openInBrowser,
    power: () => readPower(systemClock),
    reaches: reachesHost,
    environment: process.env,
    userHome: homedir(),
    host: hostname(),
    program,
  };
}
