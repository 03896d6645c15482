import type { LoginItem, LoginItemState } from '../domain/desktop.ts';
import type { HealthState } from '../domain/finding.ts';
import { composeHeadline, formatWhen, type Headline } from '../domain/headline.ts';
import type { JobHealth } from '../domain/health.ts';
import type { Job } from '../domain/model.ts';
import { isPaused } from '../domain/pause.ts';
import type { LiveRun } from '../domain/run-event.ts';
import { routes } from './routes.ts';

/** What choosing an item does. A pause ends as `jobs.pause` takes it; `null` is one that somebody ends. */
export type TrayAction =
  | { readonly kind: 'open'; readonly route?: string }
  | { readonly kind: 'back-up'; readonly job: string }
  | { readonly kind: 'cancel'; readonly run: string }
  | { readonly kind: 'pause'; readonly jobs: readonly string[]; readonly until: string | null }
  | { readonly kind: 'resume'; readonly jobs: readonly string[] }
  | { readonly kind: 'start-at-login'; readonly on: boolean }
  | { readonly kind: 'open-login-items' }
  | { readonly kind: 'quit' };

/** An item of the menu, as plain data. */
export type TrayItem =
  | { readonly kind: 'line' }
  | { readonly kind: 'text'; readonly label: string }
  | { readonly kind: 'action'; readonly label: string; readonly action: TrayAction; readonly isChecked?: boolean }
  | { readonly kind: 'menu'; readonly label: string; readonly items: readonly TrayItem[] };

/** What the tray tells of. */
export interface TrayFacts {
  readonly health: readonly JobHealth[];
  readonly jobs: readonly Pick<Job, 'name' | 'paused' | 'pausedUntil'>[];
  /** Runs and restores that are under way. */
  readonly live: readonly LiveRun[];
  readonly loginItem: LoginItem;
  /** It waits for a safe point, and ends there. */
  readonly isQuitting: boolean;
  readonly nowMs: number;
  /** The zone of the person's own clock. */
  readonly zone: string;
}

/** What the tray shows: a picture, a sentence, a percentage while something is under way, and the menu. */
export interface TrayView {
  readonly state: HealthState;
  readonly percent: number | null;
  readonly sentence: string;
  readonly items: readonly TrayItem[];
}

const line: TrayItem = { kind: 'line' };

/** Menus are not for reading: longer sentences are in the window. */
const longestLabel = 100;

/** Makes the tray of what is known. Pure. */
export function buildTray(facts: TrayFacts): TrayView {
  const headline = composeHeadline(facts.health, facts.nowMs, facts.zone);
  // A restore is no matter of health, but it is under way.
  const state = facts.live.length > 0 && headline.state !== 'failed' && headline.state !== 'sign-in' ? 'running' : headline.state;
  const percent = percentOf(facts.live);
  const [run] = facts.live;
  const sentence = run === undefined ? headline.sentence : `${headline.sentence} (${stepOf(run)}${percent === null ? '' : ` ${percent}%`})`;
  return { state, percent, sentence, items: buildTrayMenu(facts, headline) };
}

/** The menu of the tray: the headline, a line for each job, and what can be done. Pure. */
export function buildTrayMenu(facts: TrayFacts, headline: Headline): readonly TrayItem[] {
  const jobLines = facts.health.map((health) => jobMenu(health, facts));
  return [
    { kind: 'text', label: shorten(headline.sentence) },
    ...(jobLines.length === 0 ? [] : [line, ...jobLines]),
    line,
    { kind: 'action', label: 'Restore…', action: { kind: 'open', route: routes.restore() } },
    { kind: 'action', label: 'Open Nightjar', action: { kind: 'open' } },
    ...pauseEverything(facts),
    line,
    ...loginItems(facts.loginItem),
    ...quitItems(facts),
  ];
}

/** How far the run that is furthest behind is in its present step, in whole per cent; `null` where none tells. Pure. */
export function percentOf(live: readonly LiveRun[]): number | null {
  const percents = live.flatMap(({ steps }) => {
    const progress = steps.findLast((step) => step.endedAtMs === undefined && step.progress !== undefined)?.progress;
    return progress === undefined || progress.totalBytes <= 0 ? [] : Math.floor((progress.doneBytes * 100) / progress.totalBytes);
  });
  return percents.length === 0 ? null : Math.min(100, ...percents);
}

const stateWords: Readonly<Record<HealthState, string | null>> = {
  failed: 'failed',
  'sign-in': 'sign-in needed',
  warning: 'needs a look',
  running: null,
  paused: null,
  good: null,
};

function jobMenu(health: JobHealth, facts: TrayFacts): TrayItem {
  const { job: name, lastGoodMs, nextMs, problems } = health;
  const when = (atMs: number) => formatWhen(atMs, facts.nowMs, facts.zone);
  const run = facts.live.find(({ job }) => job === name);
  const restore: TrayItem = { kind: 'action', label: 'Restore…', action: { kind: 'open', route: routes.restore(name) } };
  return {
    kind: 'menu',
    label: shorten(jobLabel(health, run, facts)),
    items: [
      { kind: 'text', label: lastGoodMs === null ? 'Never backed up' : `Last good: ${when(lastGoodMs)}` },
      { kind: 'text', label: nextMs === null ? 'Nothing is due' : `Next: ${when(nextMs)}` },
      ...problems.slice(0, 1).map((problem): TrayItem => ({ kind: 'text', label: shorten(problem) })),
      line,
      run === undefined
        ? { kind: 'action', label: 'Back up now', action: { kind: 'back-up', job: name } }
        : { kind: 'action', label: 'Cancel', action: { kind: 'cancel', run: run.runId } },
      ...pauseItems(name, facts),
      restore,
      { kind: 'action', label: 'Open', action: { kind: 'open', route: routes.job(name) } },
    ],
  };
}

/** `notes, 03:19 today`; what is under way, paused or wrong stands behind it. */
function jobLabel({ job: name, lastGoodMs, state }: JobHealth, run: LiveRun | undefined, { jobs, nowMs, zone }: TrayFacts): string {
  if (run !== undefined) {
    const percent = percentOf([run]);
    return `${name}, ${stepOf(run)}${percent === null ? '' : ` ${percent}%`}`;
  }
  const when = lastGoodMs === null ? 'not backed up yet' : formatWhen(lastGoodMs, nowMs, zone);
  const pause = pauseOf(jobs, name, nowMs);
  const word =
    pause === null ? stateWords[state] : `paused${pause.untilMs === null ? '' : ` until ${formatWhen(pause.untilMs, nowMs, zone)}`}`;
  return `${name}, ${when}${word === null ? '' : `: ${word}`}`;
}

/** What a run is just doing. */
function stepOf({ steps }: LiveRun): string {
  return steps.findLast(({ endedAtMs }) => endedAtMs === undefined)?.label ?? 'under way';
}

/** The pause that a job is in, and its end; `null` where it is in none. */
function pauseOf(jobs: TrayFacts['jobs'], name: string, nowMs: number): { readonly untilMs: number | null } | null {
  const job = jobs.find((candidate) => candidate.name === name);
  if (job === undefined || !isPaused(job, nowMs)) return null;
  return { untilMs: job.pausedUntil === null ? null : Date.parse(job.pausedUntil) };
}

const pauses: readonly (readonly [label: string, until: string | null])[] = [
  ['1 hour', '1h'],
  ['until tomorrow', 'tomorrow'],
  ['until resumed', null],
];

function pauseItems(name: string, { jobs, nowMs }: TrayFacts): TrayItem[] {
  if (pauseOf(jobs, name, nowMs) !== null) return [{ kind: 'action', label: 'Resume', action: { kind: 'resume', jobs: [name] } }];
  return pauses.map(([label, until]) => ({
    kind: 'action',
    label: until === '1h' ? `Pause for ${label}` : `Pause ${label}`,
    action: { kind: 'pause', jobs: [name], until },
  }));
}

function pauseEverything({ jobs, nowMs }: TrayFacts): TrayItem[] {
  const active = jobs.filter((job) => !isPaused(job, nowMs)).map(({ name }) => name);
  const paused = jobs.filter((job) => isPaused(job, nowMs)).map(({ name }) => name);
  const items: TrayItem[] = [];
  if (active.length > 0) {
    const choices = pauses.map(
      ([label, until]): TrayItem => ({
        kind: 'action',
        label: label.charAt(0).toUpperCase() + label.slice(1),
        action: { kind: 'pause', jobs: active, until },
      }),
    );
    items.push({ kind: 'menu', label: 'Pause everything for…', items: choices });
  }
  if (paused.length > 0) items.push({ kind: 'action', label: 'Resume everything', action: { kind: 'resume', jobs: paused } });
  return items;
}

const isCheckedIn: Readonly<Record<LoginItemState, boolean>> = { on: true, 'needs-approval': true, off: false, unavailable: false };

/** Ticked as the system says, with what it says about it. */
function loginItems({ message, state }: LoginItem): TrayItem[] {
  if (state === 'unavailable') return [];
  const isChecked = isCheckedIn[state];
  const items: TrayItem[] = [
    { kind: 'action', label: 'Start at login', isChecked, action: { kind: 'start-at-login', on: !isChecked } },
    ...(message === null ? [] : [{ kind: 'text' as const, label: shorten(message) }]),
  ];
  if (state === 'needs-approval') items.push({ kind: 'action', label: 'Allow it in the settings…', action: { kind: 'open-login-items' } });
  return items;
}

function quitItems({ isQuitting, live: [run] }: TrayFacts): TrayItem[] {
  const quit: TrayAction = { kind: 'quit' };
  if (isQuitting) {
    const waits = run === undefined ? 'Nightjar is about to quit' : `Quits when ${run.job} is at a safe point`;
    return [
      { kind: 'text', label: waits },
      { kind: 'action', label: 'Quit at once', action: quit },
    ];
  }
  return [{ kind: 'action', label: run === undefined ? 'Quit Nightjar' : `Quit when ${run.job} is at a safe point…`, action: quit }];
}

function shorten(text: string): string {
  return text.length <= longestLabel ? text : `${text.slice(0, longestLabel - 1)}…`;
}
