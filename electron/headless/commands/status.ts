import type { Command } from 'commander';
import { formatDuration } from '../../domain/units.ts';
import { assessHome } from '../../engine/operations/assess.ts';
import { instant } from '../documents.ts';
import { common } from '../options.ts';
import { type CommonOptions, inSession, withView } from '../session.ts';
import { formatInstant, localZone } from '../text.ts';

export function addStatusCommand(program: Command): void {
  const command = program.command('status').description('is everything safe? exit code 1 when something is not');
  common(command, 'nightjar status').action(async (options: CommonOptions) => {
    process.exitCode = await inSession(options, ({ output, ...session }) =>
      withView({ output, ...session }, async ({ settings, catalog }) => {
        const nowMs = session.ports.clock.now();
        const jobs = assessHome(settings, catalog, nowMs);
        const healthy = jobs.every((job) => job.healthy);
        output.document({
          healthy,
          jobs: jobs.map(({ job, lastGoodMs, nextMs, healthy: isHealthy, problems }) => ({
            job,
            lastGood: instant(lastGoodMs),
            next: instant(nextMs),
            healthy: isHealthy,
            problems,
          })),
        });
        if (jobs.length === 0) output.line('nothing is backed up yet: nightjar job add --help');
        for (const { job, lastGoodMs, nextMs, healthy: isHealthy, problems } of jobs) {
          const mark = isHealthy ? output.style('green', '✓') : output.style('red', '✗');
          const last = lastGoodMs === null ? 'no verified snapshot yet' : `verified ${formatDuration(nowMs - lastGoodMs)} ago`;
          output.line(`${mark} ${job}: ${last}, next ${nextMs === null ? 'paused' : formatInstant(nextMs, localZone())}`);
          for (const problem of problems) output.line(`    ${problem}`);
        }
        return healthy ? 0 : 1;
      }),
    );
  });
}
