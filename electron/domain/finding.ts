/** What can be wrong with a job, the loudest first: red beats green, and a proof that failed beats whatever went well since. */
export const findingKinds = ['drill-failed', 'verify-failed', 'shrunk', 'sign-in', 'stale', 'run-failed', 'warning'] as const;
export type FindingKind = (typeof findingKinds)[number];

/** One thing that is wrong with a job, in one sentence. */
export interface HealthFinding {
  readonly kind: FindingKind;
  readonly message: string;
  /** What stays the same while it is the same trouble: an error's code, a place, a snapshot. */
  readonly about: string;
}

/** What a job, or all of them together, is shown as: by an icon, a word or a colour. */
export const healthStates = ['failed', 'sign-in', 'running', 'warning', 'good', 'paused'] as const;
export type HealthState = (typeof healthStates)[number];

/** Findings with the loudest first; those of one kind stay in their order. Pure. */
export function loudestFirst(findings: readonly HealthFinding[]): HealthFinding[] {
  return findings.toSorted((a, b) => findingKinds.indexOf(a.kind) - findingKinds.indexOf(b.kind));
}

/** The state of a job with these findings, the loudest first. Pure. */
export function stateOf(
  findings: readonly HealthFinding[],
  { isRunning, isPaused }: { readonly isRunning: boolean; readonly isPaused: boolean },
): HealthState {
  const [worst] = findings;
  if (worst?.kind === 'sign-in') return 'sign-in';
  if (worst !== undefined && worst.kind !== 'warning') return 'failed';
  if (isRunning) return 'running';
  if (worst !== undefined) return 'warning';
  return isPaused ? 'paused' : 'good';
}

/** The state of all jobs together: the loudest; paused only where nothing else is on. Pure. */
export function overallState(states: readonly HealthState[]): HealthState {
  return healthStates.find((state) => states.includes(state)) ?? 'good';
}
