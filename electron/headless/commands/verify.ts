import type { Command } from 'commander';
import type { VerifyOutcome } from '../../domain/outcomes.ts';
import { countRows } from '../../domain/table-rows.ts';
import { formatCount } from '../../domain/units.ts';
import { snapshotDocument } from '../documents.ts';
import { common } from '../options.ts';
import type { Output } from '../output.ts';
import { type CommonOptions, follow, onClient } from '../session.ts';

interface VerifyOptions extends CommonOptions {
  readonly full?: boolean;
}

export function addVerifyCommand(program: Command): void {
  const command = program
    .command('verify <what>')
    .description('prove every copy of a snapshot: SNAPSHOT, JOB (its latest) or JOB@YYYY-MM-DD')
    .option('--full', 'bring the bytes back, rebuild the database and count its rows (default: compare digests)');
  common(command, 'nightjar verify notes --full');
  onClient(command, async (session, options: VerifyOptions, what: string) => {
    const { client, output, signal } = session;
    const level = options.full ? 'full' : 'quick';
    const outcome = await follow(session, await client.snapshots.verify({ snapshot: what, level }, { signal }));
    print(output, outcome);
    return outcome.ok ? 0 : 1;
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
  const base = snapshot.manifest.delta?.base;
  const name = `${snapshot.job}/${snapshot.manifest.object.name}`;
  if (proofs.length === 0) output.line(`${output.style('red', '✗')} ${name} has no copy left that could be verified`);
  for (const proof of proofs) {
    const mark = proof.ok ? output.style('green', '✓') : output.style('red', '✗');
    const rows = found === null ? '' : `, ${formatCount(countRows(found))} of ${formatCount(expected)} rows`;
    const passed = `${level} verification passed${base === undefined ? '' : `, together with its base ${base.name}`}${rows}`;
    output.line(`${mark} ${name} at ${proof.destination}: ${proof.ok ? passed : proof.message}`);
  }
}
