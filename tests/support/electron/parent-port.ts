import { EventEmitter } from 'node:events';

/** Loaded before a worker: makes a child process of Node look like a utility process of Electron, which has a parent port and no channel. */
class ParentPort extends EventEmitter {
  readonly #send = process.send?.bind(process);

  constructor() {
    super();
    process.on('message', (data) => this.emit('message', { data }));
    process.on('disconnect', () => process.exit(1));
  }
  postMessage(message: unknown): void {
    this.#send?.(message);
  }
}

Object.defineProperty(process, 'parentPort', { value: new ParentPort() });
Object.defineProperty(process, 'send', { value: undefined });
