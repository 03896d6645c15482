export type Listener = (...args: never[]) => unknown;

/** Listens as an emitter of Electron does, and is told by a test what happens. */
export class Emitter {
  readonly #listeners = new Map<string, Set<Listener>>();

  readonly on = (event: string, listener: Listener): this => {
    this.#listeners.set(event, (this.#listeners.get(event) ?? new Set()).add(listener));
    return this;
  };

  readonly once = (event: string, listener: Listener): this => {
    const heard: Listener = (...args) => {
      this.#listeners.get(event)?.delete(heard);
      return listener(...args);
    };
    return this.on(event, heard);
  };

  /** Tells everybody who listens. An error that nobody listens to is thrown, as by every emitter of Node. */
  emit(event: string, ...args: readonly unknown[]): void {
    if (event === 'error' && !this.#listeners.get(event)?.size) throw new Error(`nobody has heard an error: ${args.join(' ')}`);
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(...(args as never[]));
  }

  /** Tells of something that may be prevented; true where nobody did. */
  ask(event: string, ...args: readonly unknown[]): boolean {
    let isPrevented = false;
    this.emit(event, { preventDefault: () => (isPrevented = true) }, ...args);
    return !isPrevented;
  }
}
