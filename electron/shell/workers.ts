import { fileURLToPath } from 'node:url';
import { overMessage } from '../engine/platform/worker-channel.ts';
import type { WorkerHost } from '../engine/ports.ts';
import type { ElectronApi, UtilityProcess } from './electron-api.ts';

/**
 * Workers as utility processes: the app cannot be run as Node (its fuse is off), so it cannot be forked either. Chromium ends them with the
 * app. They are not disclaimed: what a person has let the app read, they may read.
 */
export function utilityWorkers({ utilityProcess }: Pick<ElectronApi, 'utilityProcess'>): WorkerHost {
  return {
    start: (entry) => {
      const child = utilityProcess.fork(fileURLToPath(entry), [], {
        serviceName: 'Nightjar worker',
        stdio: ['ignore', 'ignore', 'pipe'],
        execArgv: [],
      });
      let stderr = '';
      let isUnwanted = false;
      // Before it is there, nothing ends it.
      child.once('spawn', () => {
        if (isUnwanted) end(child);
      });
      child.stderr?.on('data', (bytes: Buffer) => {
        stderr = (stderr + bytes.toString('utf8')).slice(-2000);
      });
      // V8 has given up there, mostly for want of memory; unheard, this would be an error that nobody caught here.
      child.on('error', (type, location) => {
        stderr = `${type} in ${location} ${stderr}`;
      });
      return {
        post: (message) => child.postMessage(message),
        onMessage: (listener) =>
          void child.on('message', (message) => {
            // It has said everything, and all of it is here.
            if (message === overMessage) end(child);
            else listener(message);
          }),
        onExit: (listener) =>
          void child.once('exit', (code) => listener(stderr.trim() === '' ? `exit code ${code}` : `exit code ${code}: ${stderr.trim()}`)),
        kill: () => {
          isUnwanted = true;
          end(child);
        },
      };
    },
  };
}

/** At once, also inside a blocking call: what Electron itself sends can be waited out. */
function end(child: UtilityProcess): void {
  if (child.pid === undefined || process.platform === 'win32') {
    child.kill();
    return;
  }
  try {
    process.kill(child.pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
