import { nextSlot, type Schedule, slotsBetween } from './schedule.ts';

/**
 * What became of a slot, an instant at which a job was due: `planned` waits for its run, `missed` was covered by a later one, `skipped`
 * was left out with a reason.
 */
export const slotStates = ['planned', 'started', 'done', 'failed', 'missed', 'skipped'] as const;
export type SlotState = (typeof slotStates)[number];

/** Why a run of a slot is started: at its time, after a gap, or once more after a failure. */
export type SlotTrigger = 'schedule' | 'missed' | 'retry';

/** A slot whose run has not started yet. */
export interface WaitingSlot {
  readonly atMs: number;
  readonly trigger: SlotTrigger;
  readonly notBeforeMs: number;
}

/** What is remembered of a job's schedule between two looks at the clock. */
export interface ScheduleState {
  /** Every slot up to here has been decided. */
  readonly decidedUntilMs: number;
  readonly waiting: WaitingSlot | null;
  /** Failed runs of the slot that was started last. */
  readonly attempts: number;
  /** The slot that somebody asked to leave out. */
  readonly skipsAtMs: number | null;
}

/** What is written into the ledger. */
export interface SlotEntry {
  readonly atMs: number;
  readonly state: SlotState;
  readonly reason: string | null;
}

/** A slot as the ledger has it. */
export interface SlotRecord extends SlotEntry {
  /** The run that was started for it last. */
  readonly runId: string | null;
}

/** The world at one look at the clock. */
export interface Look {
  readonly nowMs: number;
  /** Since when the machine is awake and somebody looks at the clock without a gap. */
  readonly awakeSinceMs: number;
  readonly isRunning: boolean;
  /** Slots before this are left out; `null` where the job is not paused. */
  readonly pausedUntilMs: number | null;
  /** Slots after the last decided one that have an entry all the same: the clock was ahead when they were decided. */
  readonly known: ReadonlySet<number>;
}

export interface LedgerRules {
  /** How long the machine has to be awake before a missed slot is made up for; jobs are staggered by it. */
  readonly settleMs: number;
  /** A missed slot is not made up for where the next one is nearer than this. */
  readonly nearMs: number;
}

export interface Decision {
  readonly state: ScheduleState;
  readonly entries: readonly SlotEntry[];
  /** Entries later than this that are `planned`, `missed` or `skipped` are void: the clock was set back. */
  readonly voidAfterMs: number | null;
}

/** The state of a job that was just set up, or whose schedule was just changed: nothing before now was ever due. */
export function beginSchedule(nowMs: number): ScheduleState {
  return { decidedUntilMs: nowMs, waiting: null, attempts: 0, skipsAtMs: null };
}

/** Before this program was written no clock was right: nothing is decided by one that says so. */
const firstRightMs = Date.UTC(2026, 0, 1);

/**
 * Decides every slot up to now, exactly once: pure. At most one of them waits for its run afterwards: of the slots of a gap the newest,
 * and a newer one takes the place of what still waits. What does not run has its reason.
 */
export function decideSlots(schedule: Schedule, before: ScheduleState, look: Look, rules: LedgerRules): Decision {
  if (look.nowMs < firstRightMs) return { state: before, entries: [], voidAfterMs: null };
  const { state, voidAfterMs } = rewind(before, look.nowMs);
  const due = slotsOfGap(schedule, state.decidedUntilMs, look.nowMs).filter((atMs) => !look.known.has(atMs));
  return { ...decideDue(schedule, { ...state, decidedUntilMs: look.nowMs }, due, look, rules), voidAfterMs };
}

/** The slot whose run may start now; `null` where none waits, its time has not come, or it is held up by another run or a pause. */
export function readySlot({ waiting }: ScheduleState, { isRunning, nowMs, pausedUntilMs }: Omit<Look, 'known'>): WaitingSlot | null {
  const isPaused = pausedUntilMs !== null && nowMs < pausedUntilMs;
  return waiting === null || isRunning || isPaused || nowMs < waiting.notBeforeMs ? null : waiting;
}

/** When to look again at the latest; `null` where the schedule never comes again. */
export function nextLookMs(schedule: Schedule, { waiting }: ScheduleState, nowMs: number): number | null {
  const next = nextSlot(schedule, nowMs);
  if (waiting === null) return next;
  return Math.min(Math.max(waiting.notBeforeMs, nowMs), next ?? Number.POSITIVE_INFINITY);
}

/** Failures of a slot's run are tried again after this, doubling. */
const firstRetryMs = 5 * 60_000;
const longestRetryMs = 3_600_000;
/** And not any more after a day. */
const retryWithinMs = 86_400_000;

/** The state after a failed run of a slot: it is tried again within a day, and before the next one. */
export function retrySlot(schedule: Schedule, state: ScheduleState, atMs: number, nowMs: number): ScheduleState {
  // The clock may have been set back before the slot meanwhile.
  const notBeforeMs = Math.max(atMs, nowMs + Math.min(firstRetryMs * 2 ** state.attempts, longestRetryMs));
  const next = nextSlot(schedule, nowMs);
  if (state.waiting !== null || notBeforeMs >= Math.min(next ?? Number.POSITIVE_INFINITY, atMs + retryWithinMs)) return state;
  return { ...state, attempts: state.attempts + 1, waiting: { atMs, trigger: 'retry', notBeforeMs } };
}

/** A clock that was set back makes what was decided of the future void, and what waits for it. */
function rewind(state: ScheduleState, nowMs: number): { readonly state: ScheduleState; readonly voidAfterMs: number | null } {
  if (state.decidedUntilMs <= nowMs) return { state, voidAfterMs: null };
  return { state: { ...state, decidedUntilMs: nowMs, waiting: state.waiting && rewindWaiting(state.waiting, nowMs) }, voidAfterMs: nowMs };
}

/** What has run already is tried again all the same; what was only planned is decided anew. */
function rewindWaiting(waiting: WaitingSlot, nowMs: number): WaitingSlot | null {
  if (waiting.trigger !== 'retry' && waiting.atMs > nowMs) return null;
  return { ...waiting, notBeforeMs: Math.max(waiting.atMs, nowMs) };
}

const recentMs = 8 * 86_400_000;
/** A job that is due so often within that time gets no entry for what is older. */
const manySlots = 1000;

/** What is older than this is nobody's business any more. */
const longestGapMs = 400 * 86_400_000;

/** The slots of a gap; of a long one in a job that is due every few minutes, only the latest. */
function slotsOfGap(schedule: Schedule, beginMs: number, toMs: number): number[] {
  const fromMs = Math.max(beginMs, toMs - longestGapMs);
  const recent = slotsBetween(schedule, Math.max(fromMs, toMs - recentMs), toMs);
  return fromMs >= toMs - recentMs || recent.length > manySlots ? recent : slotsBetween(schedule, fromMs, toMs);
}

type Decided = Pick<Decision, 'state' | 'entries'>;

function decideDue(schedule: Schedule, before: ScheduleState, due: readonly number[], look: Look, rules: LedgerRules): Decided {
  const { nowMs, pausedUntilMs } = look;
  const { skipsAtMs } = before;
  const state = { ...before, skipsAtMs: skipsAtMs !== null && skipsAtMs <= nowMs ? null : skipsAtMs };
  const isPaused = (atMs: number) => pausedUntilMs !== null && atMs < pausedUntilMs;
  const isSkipped = (atMs: number) => !isPaused(atMs) && atMs === skipsAtMs;
  const rest = due.filter((atMs) => !isPaused(atMs) && !isSkipped(atMs));
  const decided = decideRest(schedule, state, rest, look, rules);
  const entries = [
    ...skipped(due.filter(isPaused), 'it was paused'),
    ...skipped(due.filter(isSkipped), 'somebody asked to leave it out'),
    ...decided.entries,
  ];
  return { state: decided.state, entries };
}

function decideRest(schedule: Schedule, state: ScheduleState, due: readonly number[], look: Look, rules: LedgerRules): Decided {
  const newest = due.at(-1);
  if (newest === undefined) return { state, entries: [] };
  if (look.isRunning) return { state, entries: skipped(due, 'the run before it was still going') };
  const isGap = newest < look.awakeSinceMs;
  const next = nextSlot(schedule, look.nowMs);
  if (isGap && next !== null && next - look.nowMs < rules.nearMs) {
    const entries = [...givenUp(state), ...missed(due, 'the machine was off or asleep, and the next one is near')];
    return { state: { ...state, waiting: null }, entries };
  }
  const waiting: WaitingSlot = {
    atMs: newest,
    trigger: isGap ? 'missed' : 'schedule',
    notBeforeMs: isGap ? Math.max(newest, look.awakeSinceMs + rules.settleMs) : newest,
  };
  return {
    state: { ...state, waiting, attempts: 0 },
    entries: [
      ...givenUp(state),
      ...missed(due.slice(0, -1), 'the machine was off or asleep; a later run stands in for it'),
      { atMs: newest, state: 'planned', reason: null },
    ],
  };
}

/** What still waits gives way to a newer slot. A retry has an entry that says more. */
function givenUp({ waiting }: ScheduleState): SlotEntry[] {
  if (waiting === null || waiting.trigger === 'retry') return [];
  return missed([waiting.atMs], 'it could not run before the next one was due');
}

function missed(slots: readonly number[], reason: string): SlotEntry[] {
  return slots.map((atMs) => ({ atMs, state: 'missed', reason }));
}

function skipped(slots: readonly number[], reason: string): SlotEntry[] {
  return slots.map((atMs) => ({ atMs, state: 'skipped', reason }));
}
