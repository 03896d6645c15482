import type { Command } from 'commander';
import type { JobHealth } from '../../domain/health.ts';
import { formatDuration } from '../../domain/units.ts';
import { instant } from '../documents.ts';
import { common } from '../options.ts';
import type { Output } from '../output.ts';
import { onLook } from '../session.ts';
import { formatInstant } from '../text.ts';

export function addStatusCommand(program: Command): void {
  const command = program.command('status').description('is everything safe? exit code 1 when something is not');
  common(command, 'nightjar status');
  onLook(command, async ({ client, output, ports }) => {
    const jobs = await client.engine.status();
    const nowMs = ports.clock.now();
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
