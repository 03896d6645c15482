/** Every way a Nightjar operation can fail, as data that a program can switch on. */
export const errorCodes = [
  // what was asked for does not make sense
  'usage-invalid',
  'job-unknown',
  'job-exists',
  'destination-unknown',
  'destination-exists',
  'destination-in-use',
  'snapshot-unknown',
  'restore-unknown',
  // the source
  'source-missing',
  'source-not-database',
  'source-encrypted',
  'source-empty',
  'source-locked',
  'source-unreadable',
  'source-corrupt',
  'sentinel-failed',
  // space
  'disk-space-low',
  'disk-full',
  // the destination
  'destination-absent',
  'destination-foreign',
  'destination-refused',
  'destination-busy',
  'destination-full',
  'destination-ambiguous',
  'quota-low',
  'object-exists',
  'object-missing',
  'digest-mismatch',
  'manifest-invalid',
  'series-foreign',
  // the account of a destination
  'sign-in-missing',
  'sign-in-expired',
  'sign-in-revoked',
  'sign-in-clock',
  'sign-in-scope',
  'sign-in-api-disabled',
  'sign-in-account',
  'sign-in-client',
  // git stores
  'git-missing',
  'git-not-root',
  'git-detached',
  'git-branch',
  'git-remote-changed',
  'git-remote-missing',
  'git-in-progress',
  'git-locked',
  'git-path-refused',
  'git-diverged',
  'git-auth',
  'git-rejected',
  'git-unreachable',
  'git-failed',
  // the restore
  'target-exists',
  'target-in-use',
  'target-refused',
  'confirmation-missing',
  'undo-impossible',
  // the data folder
  'home-busy',
  'home-unusable',
  'engine-lost',
  'settings-invalid',
  'catalog-newer',
  // the run
  'job-paused',
  'run-unknown',
  'cancelled',
  'timed-out',
  'worker-crashed',
  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export interface ErrorOptions {
  readonly cause?: unknown;
  /** One sentence that a person can act on. */
  readonly hint?: string;
  /** True where the same call may succeed later without anybody's doing. */
  readonly retryable?: boolean;
  readonly details?: ErrorDetails;
}

export type ErrorDetails = Readonly<Record<string, string | number | boolean>>;

/** What is sent of an error beside its code and message. */
export interface FailureData {
  readonly hint?: string;
  readonly retryable: boolean;
  readonly details: ErrorDetails;
}

/** An error as it is stored, sent and printed. */
export interface ErrorFacts {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}

/** The only error class that crosses a module boundary of Nightjar; foreign errors are translated where they enter. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly retryable: boolean;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.retryable = options.retryable ?? false;
    this.details = options.details ?? {};
  }
}

/** The facts of any thrown value; what is not ours is reported as `internal` with its own message. */
export function errorFacts(error: unknown): ErrorFacts {
  if (error instanceof BackupError) {
    return { code: error.code, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
  }
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}

/** The same error with the step it happened in named in front: "send to usb: no space left". */
export function inStep(step: string, error: unknown): BackupError {
  const facts = errorFacts(error);
  const known = error instanceof BackupError ? error : undefined;
  return new BackupError(facts.code, `${step}: ${facts.message}`, {
    cause: error,
    ...(facts.hint === undefined ? {} : { hint: facts.hint }),
    retryable: known?.retryable ?? false,
    details: known?.details ?? {},
  });
}
