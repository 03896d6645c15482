import { SingleBar } from 'cli-progress';
import { paceOf } from '../domain/progress.ts';
import type { RunEvent } from '../domain/run-event.ts';
import { formatBytes, formatDuration } from '../domain/units.ts';
import type { Streams } from './output.ts';

/** Shows a run's events on stderr: one bar that moves on a terminal, one line a step elsewhere. */
export function progressView({ stderr }: Streams): (event: RunEvent) => void {
  const started = new Map<string, { label: string; atMs: number }>();
  const bar = stderr.isTTY ? new SingleBar({ stream: stderr, format: '{label} {bar} {percentage}% {note}', hideCursor: true, clearOnComplete: true, barsize: 24 }) : null;
  let shown: string | null = null;

  const endBar = (step: string) => {
    if (bar === null || shown !== step) return;
    bar.stop();
    shown = null;
  };

  return (event) => {
    switch (event.type) {
      case 'step-started':
        started.set(event.step, { label: event.label, atMs: event.atMs });
        return;
      case 'step-progress': {
        const { label, atMs } = started.get(event.step) ?? { label: event.step, atMs: event.atMs };
        if (bar === null || (shown !== null && shown !== event.step)) return;
        const pace = paceOf(event, event.atMs - atMs);
        const left = pace.secondsLeft === undefined ? '' : `, ${formatDuration(pace.secondsLeft * 1000)} left`;
        const note = `${formatBytes(event.doneBytes)} of ${formatBytes(event.totalBytes)}, ${formatBytes(pace.bytesPerSecond)}/s${left}`;
        if (shown === null) bar.start(event.totalBytes, event.doneBytes, { label, note });
        else bar.update(event.doneBytes, { label, note });
        shown = event.step;
        return;
      }
      case 'step-finished': {
        endBar(event.step);
        const { label, atMs } = started.get(event.step) ?? { label: event.step, atMs: event.atMs };
        stderr.write(`  ${label} (${formatDuration(event.atMs - atMs)})\n`);
        return;
      }
      case 'step-failed':
        endBar(event.step);
        return;
      case 'warning':
        stderr.write(`  warning: ${event.message}\n`);
        return;
      case 'run-started':
      case 'run-finished':
        return;
    }
  };
}
