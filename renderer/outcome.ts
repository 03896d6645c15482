/** Follows a stream of the engine to its end; its events are told by the engine's own stream too. Resolves to its outcome. */
export async function outcomeOf<T>(started: Promise<AsyncIterator<unknown, T>>): Promise<T> {
  const stream = await started;
  for (;;) {
    const step = await stream.next();
    if (step.done) return step.value;
  }
}
