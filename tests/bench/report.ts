import { megabytes, seconds, times } from './figures.ts';
import { type BenchResult, type Measured, median, ratio, type Series, type StepName } from './results.ts';
import type { Target } from './targets.ts';

/** What ratios of full backups are to. */
const referenceId = 'gzip';

type Cell = string | number;

/** The whole report as Markdown. */
export function formatReport(result: BenchResult, targets: readonly Target[]): string {
  return [
    `${result.machine}; ${result.versions.join(', ')}.`,
    `\`${result.command}\`, ${result.date}: a database of ${megabytes(result.databaseBytes)}, ${result.rounds === 1 ? 'one round' : `${result.rounds} alternating rounds`}, medians.`,
    '',
    '### Targets',
    '',
    ...table(
      ['', 'found', ''],
      targets.map(({ name, found, met }) => [name, found, describeMet(met)]),
    ),
    '',
    '### First backup',
    '',
    ...formatFirst(result),
    '',
    ...formatDay(result, 'mixed', 'Day 2: 1 % of the rows edited, 1.5 % appended, 0.5 % deleted'),
    '',
    ...formatDay(result, 'appends', 'Another day 2, of nothing but appends: 1.5 %'),
    '',
    '### Restore',
    '',
    ...formatRestores(result),
    '',
    ...formatUnderWriter(result),
    '',
    ...formatThirtyDays(result),
    '',
    ...formatSchedules(result),
    ...formatRemarks(result),
  ].join('\n');
}

function formatFirst({ series }: BenchResult): string[] {
  const reference = series.find(({ id }) => id === referenceId)?.steps.first;
  const head = ['', 'time', 'slowest', `ratio to ${referenceId}`, 'CPU', 'ratio', 'peak memory', 'extra disk', 'sent'];
  const rows = withRounds(series, 'first').map(({ name, rounds }) => {
    const of = (read: (round: Measured) => number | null) => median(rounds, read);
    const against = (read: (round: Measured) => number | null) => times(ratio(of(read), median(reference, read)));
    return [name, seconds(of(wall)), seconds(slowest(rounds)), against(wall), seconds(of(cpu)), against(cpu), ...footprint(rounds)];
  });
  return table(head, rows);
}

function formatDay({ series, changes }: BenchResult, step: 'mixed' | 'appends', title: string): string[] {
  const { pages, changedPages, limitBytes } = changes[step];
  const ours = median(series.find(({ id }) => id === 'nightjar')?.steps[step], moved);
  const rows = withRounds(series, step).map(({ name, rounds }) => {
    const sent = median(rounds, moved);
    const wallMs = median(rounds, wall);
    return [
      name,
      seconds(wallMs),
      seconds(slowest(rounds)),
      seconds(median(rounds, cpu)),
      ...footprint(rounds),
      times(ratio(sent, limitBytes)),
      times(ratio(sent, ours)),
    ];
  });
  return [
    `### ${title}`,
    '',
    `${((changedPages / pages) * 100).toFixed(1)} % of the pages changed; \`gzip -6\` of exactly these: ${megabytes(limitBytes)}, the limit.`,
    '',
    ...table(['', 'time', 'slowest', 'CPU', 'peak memory', 'extra disk', 'sent', 'x limit', 'x Nightjar'], rows),
  ];
}

function formatRestores({ series }: BenchResult): string[] {
  const cells = (rounds: readonly Measured[]) => [
    seconds(median(rounds, wall)),
    seconds(median(rounds, cpu)),
    megabytes(median(rounds, moved)),
  ];
  const rows = series
    .filter(({ steps }) => steps['restore-first'].length > 0)
    .map(({ name, steps }) => {
      const reference = series.find(({ id }) => id === referenceId)?.steps['restore-first'];
      const against = times(ratio(median(steps['restore-first'], wall), median(reference, wall)));
      return [name, ...cells(steps['restore-first']), against, ...cells(steps['restore-mixed'])];
    });
  return table(['', 'of day 1', 'CPU', 'fetched', `ratio to ${referenceId}`, 'of day 2', 'CPU', 'fetched'], rows);
}

function formatUnderWriter({ underWriter, writerEveryMs, writerLimitMs }: BenchResult): string[] {
  if (!underWriter) return ['Under a writer: not measured.'];
  const rows = underWriter.map(({ name, finished, wallMs, reason, writer, damage }) => [
    name,
    finished ? seconds(wallMs) : (reason ?? ''),
    writer.commits,
    `${writer.worstCommitMs.toFixed(0)} ms`,
    describeDamage(damage),
  ]);
  return [
    `### A first backup beside a process that commits every ${writerEveryMs} ms`,
    '',
    `Each is stopped after ${writerLimitMs / 1000} s.`,
    '',
    ...table(['', 'time', 'commits', 'slowest commit', 'what it restores'], rows),
  ];
}

function formatThirtyDays({ thirtyDays }: BenchResult): string[] {
  if (!thirtyDays) return ['Thirty days: not measured.'];
  const { databaseBytes, storedBytes, fullBytes, fulls, changedShare, dailyBytes } = thirtyDays;
  return [
    '### Thirty days of edits at scattered places',
    '',
    `A database of ${megabytes(databaseBytes)}, ${(changedShare * 100).toFixed(1)} % of its pages changed on the median day: ` +
      `${dailyBytes.length} snapshots, ${fulls} of them full, take ${megabytes(storedBytes)} in all, ` +
      `${(storedBytes / fullBytes).toFixed(2)} times a full of ${megabytes(fullBytes)}; ${dailyBytes.length} full copies take ${dailyBytes.length} times as much.`,
  ];
}

function formatSchedules({ schedules }: BenchResult): string[] {
  return [
    '### When a new full is made',
    '',
    `"When today's delta is larger than the average cost of a snapshot since the last full", against the best days that one could have chosen knowing all ${schedules[0]?.days} of them; costs in fulls, simulated.`,
    '',
    ...table(
      ['pages rewritten', 'by the rule', 'best', 'ratio'],
      schedules.map(({ name, byRule, best }) => [name, byRule.toFixed(1), best.toFixed(1), (byRule / best).toFixed(3)]),
    ),
  ];
}

function formatRemarks({ series, missing }: BenchResult): string[] {
  const failures = series.flatMap(({ name, failure }) =>
    failure === null ? [] : [`${name} failed and was left out from there on: ${failure}`],
  );
  const methods = series
    .filter(({ steps }) => steps.mixed[0]?.facts['method'] !== undefined)
    .map(({ name, steps }) => {
      const { method, heldMs, object, steps: taken } = steps.mixed[0]?.facts ?? {};
      const held = heldMs === undefined ? '' : ` that held the source for ${heldMs} ms`;
      return `${name} on day 2: snapshot by ${method}${held}, object ${object}; ${taken}`;
    });
  const others = series.flatMap(({ steps }) => Object.values(steps).flat()).map(({ othersShare }) => othersShare);
  const disturbed = `Other programs used up to ${Math.round(Math.max(0, ...others) * 100)} % of the machine during a measurement.`;
  const absent = missing.length > 0 ? [`Not installed, so not measured: ${missing.join(', ')}.`] : [];
  return ['', ...[...absent, ...failures, ...methods, disturbed].map((line) => `- ${line}`)];
}

function describeMet(met: boolean | null): string {
  if (met === null) return 'not judged';
  return met ? 'met' : '**missed**';
}

function describeDamage(damage: readonly string[] | null): string {
  if (damage === null) return 'nothing';
  return damage.length === 0 ? 'sound' : `**damaged**: ${damage[0]}`;
}

function withRounds(series: readonly Series[], step: StepName): { name: string; rounds: readonly Measured[] }[] {
  return series.map(({ name, steps }) => ({ name, rounds: steps[step] })).filter(({ rounds }) => rounds.length > 0);
}

function footprint(rounds: readonly Measured[]): string[] {
  return [
    megabytes(median(rounds, ({ peakMemoryBytes }) => peakMemoryBytes)),
    megabytes(median(rounds, ({ peakDiskBytes }) => peakDiskBytes)),
    megabytes(median(rounds, moved)),
  ];
}

function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  const line = (cells: readonly Cell[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|---|${'--:|'.repeat(head.length - 1)}`, ...rows.map(line)];
}

function slowest(rounds: readonly Measured[]): number {
  return Math.max(...rounds.map(wall));
}

function wall({ wallMs }: Measured): number {
  return wallMs;
}

function cpu({ cpuMs }: Measured): number | null {
  return cpuMs;
}

function moved({ movedBytes }: Measured): number {
  return movedBytes;
}
