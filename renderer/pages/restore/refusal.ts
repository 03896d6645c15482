import type { Failure } from '../../failure.ts';

/** A failed restore for people: what it failed with, and what that means for what they have. */
export interface Refusal {
  readonly failure: Failure;
  readonly means: string;
}

const untouched = 'Nothing was changed.';

/** By code: what it means, and what to do in this window where the engine's own hint is for a terminal. */
const meanings: Readonly<Record<string, { readonly means: string; readonly hint?: string }>> = {
  'target-exists': { means: 'Nothing was written over it.', hint: 'Choose another name, or replace it by the button here' },
  'target-in-use': {
    means: `${untouched} A database that another program has open would be damaged if it were replaced under it.`,
    hint: 'Quit the program that uses it, then try again',
  },
  'target-refused': { means: untouched },
  'disk-space-low': { means: `${untouched} The space was looked at before anything was written.` },
  'disk-full': { means: 'What was half-written is gone again, and what was there before is as it was.' },
  'destination-absent': {
    means: `${untouched} The place with the copy cannot be reached now; that says nothing of the copy itself.`,
  },
  'digest-mismatch': {
    means: `${untouched} The copy is not what was stored, so it was not put in place.`,
    hint: 'Choose another snapshot of this job, and check the disk that holds this one',
  },
  'object-missing': { means: `${untouched} The copy is not there any more.`, hint: 'Choose another snapshot of this job' },
  'manifest-invalid': {
    means: `${untouched} What the copy says about itself cannot be read.`,
    hint: 'Choose another snapshot of this job',
  },
  'undo-impossible': { means: untouched },
  'source-unreadable': { means: untouched },
  unreachable: { means: 'The restore ends when this window loses its engine; the database in place is whole, the former or the new one.' },
};

/** What a restore that failed means. */
export function refusalOf(failure: Failure): Refusal {
  const known = meanings[failure.code];
  if (known === undefined) return { failure, means: 'What was there before is still there.' };
  return { failure: known.hint === undefined ? failure : { ...failure, hint: known.hint }, means: known.means };
}
