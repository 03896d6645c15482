import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { WorkerHost } from '../ports.ts';

/** Workers as child processes of Node. They end with their parent: a lost channel makes them exit. */
export const forkedWorkers: WorkerHost = {
  start: (entry) => {
    const child = fork(fileURLToPath(entry), {
      serialization: 'advanced',
      // The parent's own flags (a debugger, a test's preload) are not the worker's business.
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-2000);
    });
    let startFailure: string | undefined;
    child.on('error', (error) => {
      startFailure = error.message;
    });
    return {
      // A message to a process that has just died is lost; its exit is reported all the same.
      post: (message) => void child.send(message as object, () => {}),
      onMessage: (listener) => void child.on('message', listener),
      onExit: (listener) =>
        void child.on('close', (code, signal) => {
          const how = startFailure ?? (signal === null ? `exit code ${code}` : `signal ${signal}`);
          listener(stderr.trim() === '' ? how : `${how}: ${stderr.trim()}`);
        }),
      kill: () => void child.kill('SIGKILL'),
    };
  },
};

/** The URL of a worker's entry beside the calling module, with the ending that module itself has: source or built. */
export function workerEntry(name: string, importMetaUrl: string): URL {
  return new URL(`./${name}${importMetaUrl.endsWith('.ts') ? '.ts' : '.js'}`, importMetaUrl);
}
