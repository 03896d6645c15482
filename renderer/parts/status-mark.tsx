import type { HealthState } from '../../electron/domain/finding.ts';
import type { RunStatus } from '../../electron/domain/model.ts';
import styles from './status-mark.module.css';

/** What is shown by its own shape, word and colour everywhere in the window. */
export type Mark = HealthState | 'unknown';

/** The word of each state. */
export const markWords: Readonly<Record<Mark, string>> = {
  good: 'Good',
  running: 'Running',
  warning: 'Warning',
  failed: 'Failed',
  paused: 'Paused',
  'sign-in': 'Sign-in needed',
  unknown: 'Not known yet',
};

const marks: Readonly<Record<RunStatus, Mark>> = {
  queued: 'unknown',
  running: 'running',
  succeeded: 'good',
  warning: 'warning',
  failed: 'failed',
  cancelled: 'paused',
  interrupted: 'failed',
  skipped: 'paused',
};

/** The mark of a run. */
export function markOfRun(status: RunStatus): Mark {
  return marks[status];
}

interface StatusMarkProps {
  readonly mark: Mark;
  /** What is said where nothing beside it says it; without, the mark is only seen. */
  readonly label?: string;
  readonly size?: number;
  /** From 0 to 1, for a ring that fills. */
  readonly part?: number;
}

/** The shape of a state. */
export function StatusMark({ label, mark, part = 0.25, size = 16 }: StatusMarkProps) {
  const drawn = { className: styles.mark, 'data-mark': mark, width: size, height: size, viewBox: '0 0 16 16', fill: 'none' };
  const shape = shapeOf(mark, part);
  if (label === undefined)
    return (
      <svg aria-hidden="true" {...drawn}>
        {shape}
      </svg>
    );
  return (
    <svg role="img" aria-label={label} {...drawn}>
      {shape}
    </svg>
  );
}

function shapeOf(mark: Mark, part: number) {
  switch (mark) {
    case 'good':
      return (
        <>
          <circle cx="8" cy="8" r="7" fill="currentColor" />
          <path d="M4.8 8.2 7.1 10.5 11.3 5.8" stroke="var(--mantine-color-body)" strokeWidth="1.7" strokeLinecap="round" />
        </>
      );
    case 'running':
      return (
        <>
          <circle cx="8" cy="8" r="6.2" stroke="currentColor" strokeOpacity="0.28" strokeWidth="2.4" />
          <circle
            cx="8"
            cy="8"
            r="6.2"
            stroke="currentColor"
            strokeWidth="2.4"
            pathLength="100"
            strokeDasharray={`${Math.max(3, Math.round(part * 100))} 100`}
            transform="rotate(-90 8 8)"
          />
        </>
      );
    case 'warning':
      return (
        <>
          <path d="M8 1.2 15.4 14.4H.6Z" fill="currentColor" />
          <path d="M8 6v4M8 11.8v.6" stroke="var(--mantine-color-body)" strokeWidth="1.6" strokeLinecap="round" />
        </>
      );
    case 'failed':
      return (
        <>
          <path d="M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5Z" fill="currentColor" />
          <path d="m5.6 5.6 4.8 4.8m0-4.8-4.8 4.8" stroke="var(--mantine-color-body)" strokeWidth="1.6" strokeLinecap="round" />
        </>
      );
    case 'paused':
      return <path d="M4 2.5h3v11H4Zm5 0h3v11H9Z" fill="currentColor" />;
    case 'sign-in':
      return (
        <path
          d="M5 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6Zm2.8 2.8H15m-2.2 0v3.2"
          stroke="currentColor"
          strokeWidth="1.8"
          strokeLinecap="round"
        />
      );
    case 'unknown':
      return <circle cx="8" cy="8" r="6.3" stroke="currentColor" strokeWidth="1.4" />;
  }
}
