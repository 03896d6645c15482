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

  /** Tells everybody who listens; false where nobody does. An error that nobody listens to is thrown, as by every emitter of Node. */
  emit(event: string, ...args: readonly unknown[]): boolean {
    const listeners = [...(this.#listeners.get(event) ?? [])];
    if (event === 'error' && listeners.length === 0) throw new Error(`nobody has heard an error: ${args.join(' ')}`);
    for (const listener of listeners) listener(...(args as never[]));
    return listeners.length > 0;
  }

  /** Tells of something that may be prevented; true where nobody did. */
  ask(event: string, ...args: readonly unknown[]): boolean {
    let isPrevented = false;
    this.emit(event, { preventDefault: () => (isPrevented = true) }, ...args);
    return !isPrevented;
  }
}
