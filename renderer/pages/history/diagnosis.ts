import { describeLogLine, type LogLine } from '../../../electron/domain/log-line.ts';
import type { Job, Run } from '../../../electron/domain/model.ts';
import { redact } from '../../../electron/domain/redact.ts';
import { describeFacts, describeStep } from '../../../electron/domain/step-words.ts';
import { formatDuration } from '../../../electron/domain/units.ts';
import { instant } from '../../../electron/domain/zoned-time.ts';

/** What is known of a run, and of what was around it. */
export interface RunEvidence {
  readonly run: Run;
  /** As it is set up now; `null` where it was removed. */
  readonly job: Job | null;
  /** What was said of the run; oldest first. */
  readonly log: readonly LogLine[];
  /** `nightjar 1.2.3`. */
  readonly program: string;
  readonly platform: string;
}

/** Everything that one would ask of a run, as a text for an issue or a colleague. What looks like a secret is not in it. */
export function describeRun({ job, log, platform, program, run }: RunEvidence): string {
  const took = run.endedAtMs === undefined ? 'under way' : formatDuration(run.endedAtMs - run.startedAtMs);
  const lines = [
    `${program}, ${platform}`,
    `run ${run.id} of ${run.job}: ${run.status}, started by ${run.trigger}`,
    `started ${instant(run.startedAtMs)}, ended ${instant(run.endedAtMs) ?? '-'}, took ${took}`,
    ...(run.snapshotId === undefined ? [] : [`snapshot ${run.snapshotId}`]),
    ...(run.error === undefined ? [] : ['', `error ${run.error.code}: ${run.error.message}`]),
    ...(run.error?.hint === undefined ? [] : [`hint: ${run.error.hint}`]),
    ...(run.warnings.length === 0 ? [] : ['', ...run.warnings.map((warning) => `warning: ${warning}`)]),
    ...section(
      'steps',
      run.steps.map((step) => stepLine(run, step)),
    ),
    ...section('job', job === null ? [] : [describeJob(job)]),
    ...section(
      'log',
      log.map((line) => `${instant(Number.isNaN(line.atMs) ? null : line.atMs) ?? '-'} ${line.level} ${describeLogLine(line)}`),
    ),
  ];
  return `${redact(lines.join('\n'), Number.MAX_SAFE_INTEGER)}\n`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines];
}

function stepLine(run: Run, step: Run['steps'][number]): string {
  const offset = `+${formatDuration(step.startedAtMs - run.startedAtMs)}`;
  const took = step.endedAtMs === undefined ? 'not ended' : formatDuration(step.endedAtMs - step.startedAtMs);
  return [`${offset} ${describeStep(step)}: ${step.status}, ${took}`, ...describeFacts(step)].join('; ');
}

/** Without the address of its health check, which is a secret. */
function describeJob(job: Job): string {
  return JSON.stringify({ ...job, healthCheckUrl: job.healthCheckUrl === null ? null : 'set' });
}
