import type { Command } from 'commander';
import type { JobHealth } from '../../domain/health.ts';
import { formatDuration } from '../../domain/units.ts';
import { assessHome } from '../../engine/operations/assess.ts';
import { instant } from '../documents.ts';
import { common } from '../options.ts';
import type { Output } from '../output.ts';
import { onView } from '../session.ts';
import { formatInstant } from '../text.ts';

export function addStatusCommand(program: Command): void {
  const command = program.command('status').description('is everything safe? exit code 1 when something is not');
  common(command, 'nightjar status');
  onView(command, async ({ output, ports, settings, catalog }) => {
    const nowMs = ports.clock.now();
    const jobs = assessHome(settings, catalog, nowMs);
    const healthy = jobs.every((job) => job.healthy);
    output.document({ healthy, jobs: jobs.map(document) });
    if (jobs.length === 0) output.line('no jobs yet: nightjar job add --help');
    for (const job of jobs) print(output, job, nowMs);
    return healthy ? 0 : 1;
  });
}

function document({ job, lastGoodMs, nextMs, healthy, problems }: JobHealth) {
  return { job, lastGood: instant(lastGoodMs), next: instant(nextMs), healthy, problems };
}

function print(output: Output, { job, lastGoodMs, nextMs, healthy, problems }: JobHealth, nowMs: number): void {
  const mark = healthy ? output.style('green', '✓') : output.style('red', '✗');
  const last = lastGoodMs === null ? 'not verified yet' : `verified ${formatDuration(nowMs - lastGoodMs)} ago`;
  output.line(`${mark} ${job}: ${last}, ${nextMs === null ? 'paused' : `next ${formatInstant(nextMs)}`}`);
  for (const problem of problems) output.line(`    ${problem}`);
}
