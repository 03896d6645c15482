import type { Command } from 'commander';
import type { Job } from '../../domain/model.ts';
import type { RetainOutcome } from '../../domain/outcomes.ts';
import { instant } from '../../domain/zoned-time.ts';
import { common } from '../options.ts';
import type { Output } from '../output.ts';
import { type CommonOptions, onClient } from '../session.ts';
import { formatInstant } from '../text.ts';

interface RetainOptions extends CommonOptions {
  readonly dryRun?: boolean;
  readonly asOf?: string;
}

export function addRetainCommand(program: Command): void {
  const command = program
    .command('retain <job>')
    .description('apply the retention policy now; every kept snapshot says why it stays')
    .option('--dry-run', 'only show what would be kept and removed')
    .option('--as-of <day>', 'show what that later day would keep, if every run until then succeeds; removes nothing');
  common(command, 'nightjar retain notes --dry-run', 'nightjar retain notes --as-of 2027-01-31');
  onClient(command, async ({ client, output }, { asOf, dryRun = false }: RetainOptions, name: string) => {
    const job = await client.jobs.get({ job: name });
    const isDry = dryRun || asOf !== undefined;
    const plan = { job: job.name, ...(asOf === undefined ? {} : { asOf }) };
    const outcomes = isDry ? await client.retention.plan(plan) : await client.retention.apply({ job: job.name });
    output.document({ job: job.name, dryRun: isDry, asOf: asOf ?? null, destinations: outcomes.map(document) });
    for (const outcome of outcomes) print(output, job, outcome, isDry);
    return 0;
  });
}

function document({ destination, frozenBy, verdicts, removed }: RetainOutcome) {
  const withInstant = ({ id, objectName, createdAtMs, reasons }: RetainOutcome['verdicts'][number]) => ({
    snapshot: id,
    objectName,
    createdAt: instant(createdAtMs),
    reasons,
  });
  return { destination, verdicts: verdicts.map(withInstant), removed: removed.map(withInstant), frozenBy };
}

function print(output: Output, job: Job, { destination, frozenBy, verdicts }: RetainOutcome, isDry: boolean): void {
  output.line(`${output.style('bold', `${job.name} at ${destination}`)}`);
  output.table(
    ['SNAPSHOT', 'TAKEN', isDry ? 'WOULD STAY BECAUSE' : 'STAYS BECAUSE'],
    verdicts.map(({ objectName, createdAtMs, reasons }) => [
      objectName,
      formatInstant(createdAtMs),
      reasons.length > 0 ? reasons.join(', ') : output.style('yellow', isDry ? 'would be removed' : 'removed'),
    ]),
  );
  if (frozenBy.length > 0) output.line(`  nothing is removed: ${frozenBy.join(', ')} (nightjar job acknowledge ${job.name})`);
}
