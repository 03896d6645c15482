import type { Command } from 'commander';
import { BackupError } from '../../domain/errors.ts';
import type { SqliteJob } from '../../domain/model.ts';
import { isDay, localTime } from '../../domain/zoned-time.ts';
import type { Engine } from '../../engine/engine.ts';
import { ownSeries, reconcile } from '../../engine/operations/reconcile.ts';
import { lossesOf, planRetain, type RetainOutcome, retainAt } from '../../engine/operations/retain.ts';
import { sqliteJobNamed } from '../../engine/settings-store.ts';
import { instant } from '../documents.ts';
import { common } from '../options.ts';
import type { Output } from '../output.ts';
import { type CommonOptions, onEngine } from '../session.ts';
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
  onEngine(command, async ({ engine, output }, options: RetainOptions, name: string) => {
    const job = sqliteJobNamed(engine.settings.current, name);
    const isDry = (options.dryRun ?? false) || options.asOf !== undefined;
    const outcomes = isDry ? planEverywhere(engine, job, options.asOf) : await applyEverywhere(engine, job);
    output.document({ job: job.name, dryRun: isDry, asOf: options.asOf ?? null, destinations: outcomes.map(document) });
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

function print(output: Output, job: SqliteJob, { destination, frozenBy, verdicts }: RetainOutcome, isDry: boolean): void {
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

function planEverywhere(engine: Engine, job: SqliteJob, asOf: string | undefined): RetainOutcome[] {
  const today = localTime(engine.ports.clock.now(), job.schedule.zone).day;
  if (asOf !== undefined && (!isDay(asOf) || asOf < today)) {
    throw new BackupError('usage-invalid', `"${asOf}" is not a day to come`, { hint: 'give it as YYYY-MM-DD, today or later' });
  }
  const frozenBy = lossesOf(engine, job.name);
  return job.destinations.map((destination) => ({
    ...{ destination, frozenBy, removed: [] },
    verdicts: planRetain(engine, job, destination, asOf),
  }));
}

async function applyEverywhere(engine: Engine, job: SqliteJob): Promise<RetainOutcome[]> {
  const outcomes: RetainOutcome[] = [];
  for (const name of job.destinations) {
    const destination = engine.destination(name);
    // What a removal left that was cut short goes first, and so does what is gone: a policy is applied to what is really there.
    await reconcile(engine, destination, job.name, ownSeries(engine, job));
    outcomes.push(await retainAt(engine, job, destination));
  }
  return outcomes;
}
