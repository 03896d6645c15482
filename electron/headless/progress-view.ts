import { SingleBar } from 'cli-progress';
import type { EngineEvent } from '../domain/engine-event.ts';
import { paceOf } from '../domain/progress.ts';
import { formatBytes, formatDuration } from '../domain/units.ts';
import type { Streams } from './output.ts';

type ProgressEvent = Extract<EngineEvent, { type: 'step-progress' }>;

interface StartedStep {
  readonly label: string;
  readonly atMs: number;
}

/** Shows a run's events on stderr: one bar that moves on a terminal, and a line for each step that is done. */
export function progressView({ stderr }: Streams): (event: EngineEvent) => void {
  const started = new Map<string, StartedStep>();
  const bar = stderr.isTTY ? stepBar(stderr) : null;

  const line = (text: string) => {
    bar?.clear();
    stderr.write(`  ${text}\n`);
  };

  return (event) => {
    switch (event.type) {
      case 'step-started':
        started.set(event.step, { label: event.label, atMs: event.atMs });
        return;
      case 'step-progress':
        bar?.show(event, started.get(event.step));
        return;
      case 'step-failed':
        bar?.clear();
        return;
      case 'step-finished': {
        const step = started.get(event.step);
        if (step) line(`${step.label} (${formatDuration(event.atMs - step.atMs)})`);
        return;
      }
      case 'warning':
        line(`warning: ${event.message}`);
        return;
      case 'settings-refused':
        line(`warning: ${event.reason}`);
        return;
      case 'run-started':
      case 'run-finished':
      case 'settings-changed':
      case 'items-queued':
      case 'notification':
        return;
    }
  };
}

/** A bar for one step at a time; a step that overlaps it waits for its turn. */
function stepBar(stream: NodeJS.WriteStream) {
  const format = '  {label} {bar} {percentage}% {note}';
  const bar = new SingleBar({ stream, format, hideCursor: true, clearOnComplete: true, barsize: 10 });
  let shown: string | null = null;
  return {
    show: (event: ProgressEvent, step: StartedStep | undefined) => {
      if (shown !== null && shown !== event.step) return;
      const note = noteOf(event, step);
      const payload = { label: shorten(step?.label ?? event.step, stream.columns - note.length - 22), note };
      if (shown === null) bar.start(event.totalBytes, event.doneBytes, payload);
      else bar.update(event.doneBytes, payload);
      shown = event.step;
    },
    /** Takes the bar away, for a line or for good; the next progress shows it again. */
    clear: () => {
      if (shown !== null) bar.stop();
      shown = null;
    },
  };
}

function noteOf(event: ProgressEvent, step: StartedStep | undefined): string {
  const { bytesPerSecond, secondsLeft } = paceOf(event, event.atMs - (step?.atMs ?? event.atMs));
  const left = secondsLeft === undefined || secondsLeft === 0 ? '' : `, ${formatDuration(secondsLeft * 1000)} left`;
  return `${formatBytes(event.doneBytes)} of ${formatBytes(event.totalBytes)}, ${formatBytes(bytesPerSecond)}/s${left}`;
}

/** Cuts a text that is too long for its place; the end of a path says more than its beginning. */
function shorten(text: string, columns: number): string {
  const room = Math.max(8, columns);
  return text.length <= room ? text : `${text.slice(0, Math.ceil(room / 2) - 1)}…${text.slice(-Math.floor(room / 2))}`;
}
