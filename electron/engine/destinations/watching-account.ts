import { BackupError, type ErrorFacts, errorFacts } from '../../domain/errors.ts';
import type { Destination } from './destination.ts';

/**
 * The same destination; `onChange` is told when a call shows that the account cannot be used, and when one succeeds after that. What it
 * was told last is the state that `status` shows without asking anybody.
 */
export function watchingAccount(
  destination: Destination,
  hadProblem: boolean,
  onChange: (problem: ErrorFacts | null) => void,
): Destination {
  let hasProblem = hadProblem;
  const succeeded = () => {
    if (hasProblem) onChange(null);
    hasProblem = false;
  };
  const failed = (error: unknown) => {
    if (!(error instanceof BackupError) || !error.code.startsWith('sign-in-')) return;
    hasProblem = true;
    onChange(errorFacts(error));
  };
  const watched = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      const result = await work();
      succeeded();
      return result;
    } catch (error) {
      failed(error);
      throw error;
    }
  };
  return {
    kind: destination.kind,
    name: destination.name,
    check: (...args) => watched(() => destination.check(...args)),
    put: (...args) => watched(() => destination.put(...args)),
    get: (...args) => watchedBlocks(destination.get(...args), succeeded, failed),
    stat: (...args) => watched(() => destination.stat(...args)),
    digest: (...args) => watched(() => destination.digest(...args)),
    list: (...args) => watched(() => destination.list(...args)),
    remove: (...args) => watched(() => destination.remove(...args)),
    trash: (...args) => watched(() => destination.trash(...args)),
    emptyTrash: (...args) => watched(() => destination.emptyTrash(...args)),
    sweep: (...args) => watched(() => destination.sweep(...args)),
    freeSpace: () => watched(() => destination.freeSpace()),
    volume: () => watched(() => destination.volume()),
  };
}

async function* watchedBlocks(blocks: AsyncIterable<Buffer>, succeeded: () => void, failed: (error: unknown) => void) {
  try {
    yield* blocks;
    succeeded();
  } catch (error) {
    failed(error);
    throw error;
  }
}
