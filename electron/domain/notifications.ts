import type { FindingKind, HealthFinding } from './finding.ts';
import type { JobHealth } from './health.ts';

/** What a person is told without asking; success is silent. */
export const notificationKinds = ['drill-failed', 'damaged', 'shrunk', 'sign-in', 'stale', 'failed', 'recovered'] as const;
export type NotificationKind = (typeof notificationKinds)[number];

/** What is told once. */
export interface Notification {
  readonly kind: NotificationKind;
  readonly job: string;
  /** One sentence. */
  readonly message: string;
  /** The run that it came of; missing where it came of none. */
  readonly runId?: string;
}

/** What was told of a job and is not over yet. */
export interface Told {
  readonly kind: Exclude<NotificationKind, 'recovered'>;
  /** What it was about: the same again is not told again. */
  readonly about: readonly string[];
}

const kindOf: Readonly<Record<FindingKind, Told['kind'] | null>> = {
  'drill-failed': 'drill-failed',
  'verify-failed': 'damaged',
  shrunk: 'shrunk',
  'sign-in': 'sign-in',
  stale: 'stale',
  'run-failed': 'failed',
  // It stands in the status; nobody is disturbed by it.
  warning: null,
};

/**
 * What is to be told of a job now, and what is then told and not over: each trouble once until it changes, staleness apart from failures,
 * and once that everything is well again. Nothing is well again because a run is under way, was cancelled, or the job is paused. Pure.
 */
export function foldNotifications(
  told: readonly Told[],
  health: JobHealth,
): { readonly notifications: readonly Notification[]; readonly told: readonly Told[] } {
  const current = Map.groupBy(tellable(health), ({ kind }) => kindOf[kind]);
  const now: Told[] = [];
  const notifications: Notification[] = [];
  for (const [kind, findings] of current) {
    if (kind === null) continue;
    const about = findings.map((each) => each.about);
    now.push({ kind, about });
    const before = told.find((each) => each.kind === kind)?.about ?? null;
    const news = findings.filter((each) => before === null || !before.includes(each.about));
    if (news.length > 0) notifications.push(notify(kind, health, news));
  }
  const over = told.filter(({ kind }) => !current.has(kind));
  const kept = over.filter((each) => !isOver(each, health));
  if (over.length > 0 && now.length === 0 && kept.length === 0 && isWorthTelling(over, health)) {
    notifications.push({ kind: 'recovered', job: health.job, message: 'everything is well again', ...runOf(health) });
  }
  return { notifications, told: [...now, ...kept] };
}

/** A job that has not succeeded yet is not late: its failure says enough. */
function tellable({ findings, lastRun, places }: JobHealth): readonly HealthFinding[] {
  const hasSucceeded = lastRun?.status === 'succeeded' || lastRun?.status === 'warning';
  const isNew = ({ about }: HealthFinding) => (places.find(({ place }) => place === about) ?? places[0])?.lastVerifiedMs === null;
  return findings.filter((finding) => finding.kind !== 'stale' || (lastRun !== null && (hasSucceeded || !isNew(finding))));
}

function notify(kind: Told['kind'], health: JobHealth, [first, ...others]: readonly HealthFinding[]): Notification {
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  const isOfRun = kind === 'failed' || kind === 'shrunk';
  return { kind, job: health.job, message: `${first?.message ?? ''}${more}`, ...(isOfRun ? runOf(health) : {}) };
}

function runOf({ lastRun }: JobHealth): { readonly runId?: string } {
  return lastRun === null ? {} : { runId: lastRun.id };
}

/** A failure is over when a run has succeeded since, and not because the next one is still under way. */
function isOver({ kind }: Told, { lastRun, nextMs }: JobHealth): boolean {
  if (kind === 'failed') return lastRun === null || lastRun.status === 'succeeded' || lastRun.status === 'warning';
  return kind !== 'stale' || nextMs !== null || lastRun === null;
}

/** Whoever has said that a loss is meant to be so need not be told. */
function isWorthTelling(over: readonly Told[], { nextMs }: JobHealth): boolean {
  return nextMs !== null && over.some(({ kind }) => kind !== 'shrunk');
}
