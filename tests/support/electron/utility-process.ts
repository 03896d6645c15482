import { type ChildProcess, fork } from 'node:child_process';
import type { UtilityProcess } from '../../../electron/shell/electron-api.ts';
import { Emitter } from './emitter.ts';

/** A utility process that is a child process of Node, with the parent port that Electron would give it. */
export class FakeUtilityProcess extends Emitter implements UtilityProcess {
  readonly #child: ChildProcess;
  readonly stderr: NodeJS.ReadableStream | null;

  constructor(path: string) {
    super();
    this.#child = fork(path, [], {
      serialization: 'advanced',
      execArgv: ['--import', new URL('./parent-port.ts', import.meta.url).href],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.stderr = this.#child.stderr;
    this.#child.on('spawn', () => this.emit('spawn'));
    this.#child.on('message', (message) => this.emit('message', message));
    this.#child.on('close', (code) => this.emit('exit', code ?? 1));
  }
  get pid(): number | undefined {
    return this.#child.pid;
  }
  postMessage(message: unknown): void {
    this.#child.send(message as object, () => {});
  }
  kill(): boolean {
    return this.#child.kill();
  }
}
