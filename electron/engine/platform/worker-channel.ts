/** What a worker process has to say at last under Electron: whoever started it ends it then, since nothing of what was said is lost so. */
export const overMessage = 'nightjar-worker-over';

/** How a worker process talks with whoever started it: as a child process of Node, or as a utility process of Electron. */
export interface WorkerChannel {
  /** Resolves when the message is on its way for certain. */
  send(message: unknown): Promise<void>;
  onMessage(listener: (message: unknown) => void): void;
  /** Ends this process; what was sent arrives. */
  end(): void;
}

/** The parent of a utility process; Electron puts it into `process`. */
interface ParentPort {
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  postMessage(message: unknown): void;
}

/** Opens the channel of this worker process. It ends with its parent: nobody else wants its answer, and what it writes is swept under it. */
export function openWorkerChannel(): WorkerChannel {
  const { parentPort } = process as { readonly parentPort?: ParentPort };
  return parentPort === undefined ? childChannel() : utilityChannel(parentPort);
}

function childChannel(): WorkerChannel {
  process.on('disconnect', () => process.exit(1));
  return {
    send: (message) => new Promise((resolve) => void process.send?.(message, undefined, {}, () => resolve())),
    onMessage: (listener) => void process.on('message', listener),
    end: () => process.exit(0),
  };
}

/** Electron ends utility processes with their parent. It does not say when a message has left, so the last one asks to be ended. */
function utilityChannel(parentPort: ParentPort): WorkerChannel {
  return {
    send: async (message) => parentPort.postMessage(message),
    onMessage: (listener) => void parentPort.on('message', ({ data }) => listener(data)),
    end: () => parentPort.postMessage(overMessage),
  };
}
