import type { GitJob } from '../../domain/model.ts';
import type { StoreOutcome } from '../../domain/outcomes.ts';
import { counted } from '../../domain/units.ts';
import { runDocument } from '../documents.ts';
import type { Output } from '../output.ts';

/** True where everything that was to be done was done. */
export function isWhole({ failed, held }: StoreOutcome): boolean {
  return failed.length === 0 && held === null;
}

/** What became of a git job's backup, for programs. */
export function storeDocument({ run, commits, saved, failed, proof, held }: StoreOutcome) {
  return {
    run: runDocument(run),
    commits,
    saved,
    failed,
    held,
    proof: proof && { commit: proof.commit, branch: proof.branch, remoteHead: proof.remoteHead },
  };
}

/** What became of a git job's backup, for people. */
export function printStore(output: Output, { name, source }: GitJob, outcome: StoreOutcome): void {
  const { commits, saved, failed, proof, held } = outcome;
  const what = commits.length === 0 ? 'nothing to commit' : `${counted(commits.length, 'commit')} of ${counted(saved, 'item')}`;
  const where = proof === null ? 'not pushed' : `${source.remote} has ${proof.commit.slice(0, 7)} on ${proof.branch}`;
  const mark = isWhole(outcome) ? output.style('green', '✓') : output.style('yellow', '!');
  output.line(`${mark} ${name}: ${what}, ${where}`);
  if (held !== null) output.line(`${output.style('red', '✗')} ${held.message}`);
  for (const { error, item } of failed.slice(0, 20)) output.line(`${output.style('red', '✗')} ${item}: ${error.message}`);
  if (failed.length > 20) output.line(`  and ${failed.length - 20} more: nightjar git status ${name}`);
}
