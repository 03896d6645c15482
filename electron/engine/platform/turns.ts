/** Runs pieces of work under one key one after the other, in the order in which they were asked for. */
export type Turns = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** New turns; a piece of work that fails does not stop the next one. */
export function makeTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(work);
    const settled = turn
      .catch(() => {})
      .then(() => {
        if (last.get(key) === settled) last.delete(key);
      });
    last.set(key, settled);
    return turn;
  };
}
