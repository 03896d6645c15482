import type { Command } from 'commander';
import type { EngineClient } from '../../api/client.ts';
import { type Run, type RunStatus, type RunStep, sameName } from '../../domain/model.ts';
import { describeFacts, describeStep } from '../../domain/step-words.ts';
import { formatDuration } from '../../domain/units.ts';
import { runDocument } from '../documents.ts';
import type { ExitCode } from '../exit-code.ts';
import { common, wholeNumber } from '../options.ts';
import type { Output } from '../output.ts';
import { type CommonOptions, onLook } from '../session.ts';
import { formatInstant } from '../text.ts';

interface HistoryOptions extends CommonOptions {
  readonly limit: number;
}

export function addHistoryCommand(program: Command): void {
  const command = program
    .command('history [what]')
    .description('runs, newest first, of all jobs or of JOB; or RUN with its steps')
    .option('--limit <n>', 'how many', wholeNumber, 50);
  common(command, 'nightjar history notes --limit 10', 'nightjar history run-4f7k2m9qxb');
  onLook(command, async ({ client, output }, { limit }: HistoryOptions, what?: string) => {
    if (what !== undefined && (await isRun(client, what))) return printRun(output, await client.runs.get({ run: what }));
    const runs = await client.runs.list({ limit, ...(what === undefined ? {} : { job: what }) });
    output.document(runs.map(runDocument));
    output.table(
      ['RUN', 'JOB', 'STARTED', 'TOOK', 'TRIGGER', 'STATUS', ''],
      runs.map((run) => [
        run.id,
        run.job,
        formatInstant(run.startedAtMs),
        tookText(run),
        run.trigger,
        statusText(output, run.status),
        remark(run),
      ]),
    );
    if (runs.length === 0) output.line(what === undefined ? 'no runs yet' : `no runs of ${what} yet`);
    return 0;
  });
}

/** A name of a job may look as an id does. */
async function isRun(client: EngineClient, what: string): Promise<boolean> {
  return what.startsWith('run-') && !(await client.jobs.list()).some(({ name }) => sameName(name, what));
}

function printRun(output: Output, run: Run): ExitCode {
  output.document(runDocument(run));
  const name = output.style('bold', `${run.id} of ${run.job}`);
  output.line(`${name}: ${statusText(output, run.status)}, ${formatInstant(run.startedAtMs)} (${run.trigger}), took ${tookText(run)}`);
  output.table(
    ['STEP', 'STATUS', 'TOOK', ''],
    run.steps.map((step) => [describeStep(step), step.status, tookText(step), describeFacts(step).join(', ')]),
  );
  for (const warning of run.warnings) output.line(`${output.style('yellow', '!')} ${warning}`);
  if (run.error)
    output.line(`${output.style('red', '✗')} ${run.error.message}${run.error.hint === undefined ? '' : ` (${run.error.hint})`}`);
  if (run.snapshotId !== undefined) output.line(`snapshot ${run.snapshotId}`);
  return 0;
}

function tookText({ endedAtMs, startedAtMs }: Pick<RunStep, 'startedAtMs' | 'endedAtMs'>): string {
  return endedAtMs === undefined ? '-' : formatDuration(endedAtMs - startedAtMs);
}

function statusText(output: Output, status: RunStatus): string {
  if (status === 'succeeded') return output.style('green', status);
  if (status === 'failed' || status === 'interrupted') return output.style('red', status);
  return status === 'warning' ? output.style('yellow', status) : status;
}

function remark(run: Run): string {
  return run.error?.message ?? run.warnings[0] ?? '';
}
