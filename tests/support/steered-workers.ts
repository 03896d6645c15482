import { forkedWorkers } from '../../electron/engine/platform/workers.ts';
import type { Worker, WorkerHost } from '../../electron/engine/ports.ts';
import type { WorkerMessage } from '../../electron/engine/sqlite/worker-protocol.ts';

/** What a test does with the processes of a snapshot. */
export interface Steering {
  /** What the process that copies files says, as it is heard; by default as it was said. */
  readonly hear?: (message: WorkerMessage) => WorkerMessage;
  /** Called before the process that copies files is told something; `second` is that process and `first` the one that holds the source. */
  readonly beforePost?: (message: unknown, second: Worker, first: Worker) => void;
}

export interface SteeredWorkers extends WorkerHost {
  /** How many processes run. */
  running(): number;
}

/** Worker processes of Node, of which a test steers the second of each snapshot. */
export function steeredWorkers({ hear = (message) => message, beforePost }: Steering): SteeredWorkers {
  let running = 0;
  let first: Worker | undefined;
  return {
    running: () => running,
    start: (entry) => {
      const worker = forkedWorkers.start(entry);
      running++;
      worker.onExit(() => running--);
      if (first === undefined || running === 1) {
        first = worker;
        return worker;
      }
      const holder = first;
      return {
        ...worker,
        post: (message) => {
          beforePost?.(message, worker, holder);
          worker.post(message);
        },
        onMessage: (listener) => worker.onMessage((message) => listener(hear(message as WorkerMessage))),
      };
    },
  };
}

/** No file system clones here. */
export const withoutCloning = steeredWorkers({
  hear: (message) => (message.type === 'done' ? { type: 'done', result: { mayClone: false } } : message),
});

/** No other process copies files here. */
export const withoutCopier = steeredWorkers({ beforePost: (_, second) => second.kill() });
