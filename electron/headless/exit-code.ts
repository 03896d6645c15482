import type { ErrorCode } from '../domain/errors.ts';

/** 0 done, 1 failed, 2 usage, 3 refused by a guard, 124 out of time. */
export type ExitCode = 0 | 1 | 2 | 3 | 124;

/** The exit code that a shell script can act on. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  switch (code) {
    case 'usage-invalid':
    case 'job-unknown':
    case 'job-exists':
    case 'destination-unknown':
    case 'destination-exists':
    case 'destination-in-use':
    case 'snapshot-unknown':
    case 'restore-unknown':
    case 'run-unknown':
      return 2;
    case 'disk-space-low':
    case 'quota-low':
    case 'target-exists':
    case 'target-in-use':
    case 'target-refused':
    case 'confirmation-missing':
    case 'undo-impossible':
    case 'series-foreign':
    case 'home-busy':
    case 'job-paused':
    case 'git-not-root':
    case 'git-detached':
    case 'git-branch':
    case 'git-remote-changed':
    case 'git-in-progress':
    case 'git-path-refused':
      return 3;
    case 'timed-out':
      return 124;
    default:
      return 1;
  }
}
