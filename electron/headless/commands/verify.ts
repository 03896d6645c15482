import type { Command } from 'commander';
import { BackupError } from '../../domain/errors.ts';
import { isGitJob, type Settings, sameName } from '../../domain/model.ts';
import type { VerifyOutcome } from '../../domain/outcomes.ts';
import { formatCount } from '../../domain/units.ts';
import { findSnapshot } from '../../engine/operations/find-snapshot.ts';
import { verifySnapshot } from '../../engine/operations/verify.ts';
import { countRows, snapshotDocument } from '../documents.ts';
import { common } from '../options.ts';
import type { Output } from '../output.ts';
import { type CommonOptions, onEngine } from '../session.ts';

interface VerifyOptions extends CommonOptions {
  readonly full?: boolean;
}

export function addVerifyCommand(program: Command): void {
  const command = program
    .command('verify <what>')
    .description('prove every copy of a snapshot: SNAPSHOT, JOB (its latest) or JOB@YYYY-MM-DD')
    .option('--full', 'bring the bytes back, rebuild the database and count its rows (default: compare digests)');
  common(command, 'nightjar verify notes --full');
  onEngine(command, async ({ engine, output, signal }, options: VerifyOptions, what: string) => {
    refuseStore(engine.settings.current, what);
    const snapshot = findSnapshot(engine.catalog, what);
    const outcome = await verifySnapshot(engine, snapshot, options.full ? 'full' : 'quick', signal);
    print(output, outcome);
    return outcome.ok ? 0 : 1;
  });
}

/** git proves what it holds by itself; whether the remote has it is another question. */
function refuseStore({ jobs }: Settings, what: string): void {
  const store = jobs.filter(isGitJob).find(({ name }) => sameName(name, what.split('@')[0] ?? what));
  if (!store) return;
  throw new BackupError('usage-invalid', `${store.name} is a git store, and has no snapshots to verify`, {
    hint: `ask its remote what it has: nightjar git status ${store.name} --ask`,
  });
}

function print(output: Output, { ok, level, snapshot, proofs, found }: VerifyOutcome): void {
  const expected = countRows(snapshot.manifest.sqlite.tables);
  output.document({
    ok,
    level,
    rows: { expected, found: found === null ? null : countRows(found) },
    tables: snapshot.manifest.sqlite.tables.map(({ name, rows }) => ({
      name,
      expected: rows,
      found: found?.find((table) => table.name === name)?.rows ?? null,
    })),
    copies: proofs,
    snapshot: snapshotDocument(snapshot),
  });
  const name = `${snapshot.job}/${snapshot.manifest.object.name}`;
  if (proofs.length === 0) output.line(`${output.style('red', '✗')} ${name} has no copy left that could be verified`);
  for (const proof of proofs) {
    const mark = proof.ok ? output.style('green', '✓') : output.style('red', '✗');
    const rows = found === null ? '' : `, ${formatCount(countRows(found))} of ${formatCount(expected)} rows`;
    output.line(`${mark} ${name} at ${proof.destination}: ${proof.ok ? `${level} verification passed${rows}` : proof.message}`);
  }
}
