import type { Command } from 'commander';
import type { Run, RunStatus } from '../../domain/model.ts';
import { formatDuration } from '../../domain/units.ts';
import { runDocument } from '../documents.ts';
import { common, wholeNumber } from '../options.ts';
import type { Output } from '../output.ts';
import { type CommonOptions, onLook } from '../session.ts';
import { formatInstant } from '../text.ts';

interface HistoryOptions extends CommonOptions {
  readonly limit: number;
}

export function addHistoryCommand(program: Command): void {
  const command = program.command('history [job]').description('runs, newest first').option('--limit <n>', 'how many', wholeNumber, 50);
  common(command, 'nightjar history notes --limit 10');
  onLook(command, async ({ client, output }, { limit }: HistoryOptions, job?: string) => {
    const runs = await client.runs.list({ limit, ...(job === undefined ? {} : { job }) });
    output.document(runs.map(runDocument));
    output.table(
      ['RUN', 'JOB', 'STARTED', 'TOOK', 'TRIGGER', 'STATUS', ''],
      runs.map((run) => [
        run.id,
        run.job,
        formatInstant(run.startedAtMs),
        run.endedAtMs === undefined ? '-' : formatDuration(run.endedAtMs - run.startedAtMs),
        run.trigger,
        statusText(output, run.status),
        remark(run),
      ]),
    );
    if (runs.length === 0) output.line(job === undefined ? 'no runs yet' : `no runs of ${job} yet`);
    return 0;
  });
}

function statusText(output: Output, status: RunStatus): string {
  if (status === 'succeeded') return output.style('green', status);
  if (status === 'failed' || status === 'interrupted') return output.style('red', status);
  return status === 'warning' ? output.style('yellow', status) : status;
}

function remark(run: Run): string {
  return run.error?.message ?? run.warnings[0] ?? '';
}
