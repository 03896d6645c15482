import type { RestoreState } from '../electron/domain/model.ts';
import type { Mark } from './parts/status-mark.tsx';

interface RestoreWords {
  readonly mark: Mark;
  /** For a column. */
  readonly word: string;
  /** For a sentence, with what became of the data. */
  readonly said: string;
}

/** The mark and the words of each state of a restore. */
export const restoreWords: Readonly<Record<RestoreState, RestoreWords>> = {
  running: { mark: 'running', word: 'Running', said: 'under way' },
  swapping: { mark: 'running', word: 'Replacing', said: 'under way' },
  done: { mark: 'good', word: 'Done', said: 'done' },
  failed: { mark: 'failed', word: 'Failed', said: 'did not happen' },
  interrupted: { mark: 'failed', word: 'Interrupted', said: 'was interrupted; nothing was changed' },
  undone: { mark: 'paused', word: 'Undone', said: 'was undone' },
  discarded: { mark: 'good', word: 'Done', said: 'done; what it had kept was deleted' },
};
