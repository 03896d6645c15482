import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  beginSchedule,
  decideSlots,
  type LedgerRules,
  type Look,
  nextLookMs,
  readySlot,
  retrySlot,
  type ScheduleState,
  type SlotEntry,
  type WaitingSlot,
} from '../../electron/domain/ledger.ts';
import { untilResumed } from '../../electron/domain/pause.ts';
import { type Schedule, slotsBetween } from '../../electron/domain/schedule.ts';

const minuteMs = 60_000;
const rules: LedgerRules = { settleMs: 2 * minuteMs, nearMs: 15 * minuteMs };
const at = (text: string) => Date.parse(`2026-${text}Z`);
const daily: Schedule = { cron: '17 3 * * *', zone: 'UTC' };
const often: Schedule = { cron: '5 */4 * * *', zone: 'UTC' };

const lookAt = (nowMs: number, changes: Partial<Look> = {}): Look => ({
  nowMs,
  awakeSinceMs: Number.NEGATIVE_INFINITY,
  isRunning: false,
  pausedUntilMs: null,
  known: new Set(),
  ...changes,
});

/** One look at the clock: what is decided, and what starts. */
function decide(schedule: Schedule, before: ScheduleState, look: Look) {
  const { entries, state, voidAfterMs } = decideSlots(schedule, before, look, rules);
  const start = readySlot(state, look);
  return { entries, voidAfterMs, start, state: start === null ? state : { ...state, waiting: null } };
}

describe('a slot', () => {
  const before = beginSchedule(at('11-22T03:00'));

  it('is not due before its time, and starts when it is', () => {
    const early = decide(daily, before, lookAt(at('11-22T03:16')));
    expect(early).toEqual({ state: { ...before, decidedUntilMs: at('11-22T03:16') }, entries: [], voidAfterMs: null, start: null });
    expect(nextLookMs(daily, early.state, at('11-22T03:16'))).toBe(at('11-22T03:17'));
    const due = decide(daily, before, lookAt(at('11-22T03:17')));
    expect(due.start).toEqual({ atMs: at('11-22T03:17'), trigger: 'schedule', notBeforeMs: at('11-22T03:17') });
    expect(due.entries).toEqual([{ atMs: at('11-22T03:17'), state: 'planned', reason: null }]);
    expect(decide(daily, due.state, lookAt(at('11-22T03:17'))).start).toBeNull();
  });

  it('that was missed is made up for once, by the newest, after the machine has been awake for a moment', () => {
    const awakeSinceMs = at('11-25T08:00');
    const woken = decide(daily, before, lookAt(awakeSinceMs, { awakeSinceMs }));
    expect(woken.start).toBeNull();
    expect(woken.entries.map(({ atMs, state }) => [atMs, state])).toEqual([
      [at('11-22T03:17'), 'missed'],
      [at('11-23T03:17'), 'missed'],
      [at('11-24T03:17'), 'missed'],
      [at('11-25T03:17'), 'planned'],
    ]);
    expect(nextLookMs(daily, woken.state, awakeSinceMs)).toBe(at('11-25T08:02'));
    const settled = decide(daily, woken.state, lookAt(at('11-25T08:02'), { awakeSinceMs }));
    expect(settled.start).toMatchObject({ atMs: at('11-25T03:17'), trigger: 'missed' });
    expect(decide(daily, settled.state, lookAt(at('11-25T09:00'), { awakeSinceMs })).start).toBeNull();
  });

  it('that was missed is not made up for where the next one is near', () => {
    const awakeSinceMs = at('11-23T03:05');
    const woken = decide(daily, before, lookAt(awakeSinceMs, { awakeSinceMs }));
    expect([woken.state.waiting, woken.entries]).toEqual([
      null,
      [{ atMs: at('11-22T03:17'), state: 'missed', reason: expect.stringContaining('the next one is near') }],
    ]);
  });

  it.each<[string, Partial<ScheduleState>, Partial<Look>, string]>([
    ['while it is paused', {}, { pausedUntilMs: untilResumed }, 'it was paused'],
    ['before the end of a pause that is over', {}, { pausedUntilMs: at('11-22T03:18'), nowMs: at('11-22T09:00') }, 'it was paused'],
    ['that somebody leaves out', { skipsAtMs: at('11-22T03:17') }, {}, 'somebody asked to leave it out'],
    ['while the run before it goes on', {}, { isRunning: true }, 'the run before it was still going'],
  ])('%s is skipped, with its reason', (_, change, look, reason) => {
    const decision = decide(daily, { ...before, ...change }, lookAt(at('11-22T03:17'), look));
    expect([decision.start, decision.entries]).toEqual([null, [{ atMs: at('11-22T03:17'), state: 'skipped', reason }]]);
    expect(decide(daily, decision.state, lookAt(at('11-23T03:17'))).start).toMatchObject({ atMs: at('11-23T03:17'), trigger: 'schedule' });
  });

  it('that waits does not start during a pause, and does after it', () => {
    const waiting = decideSlots(daily, before, lookAt(at('11-22T03:17')), rules).state;
    const pausedUntilMs = at('11-22T05:00');
    expect(decide(daily, waiting, lookAt(at('11-22T04:00'), { pausedUntilMs })).start).toBeNull();
    expect(decide(daily, waiting, lookAt(pausedUntilMs, { pausedUntilMs })).start).toMatchObject({ atMs: at('11-22T03:17') });
  });

  it('that is held up waits, and gives way to the next one', () => {
    const { state } = decideSlots(daily, before, lookAt(at('11-22T03:17')), rules);
    expect(decide(daily, state, lookAt(at('11-22T05:00'))).start).toMatchObject({ atMs: at('11-22T03:17') });
    const next = decide(daily, state, lookAt(at('11-23T03:17')));
    expect(next.start).toMatchObject({ atMs: at('11-23T03:17') });
    expect(next.entries[0]).toMatchObject({ atMs: at('11-22T03:17'), state: 'missed' });
  });

  it('whose run failed is tried again after a wait that doubles up to an hour, and not where the next one comes before', () => {
    const waits: number[] = [];
    let state: ScheduleState = { ...before, decidedUntilMs: at('11-22T03:17') };
    for (let nowMs = at('11-22T03:20'); ; ) {
      state = retrySlot(daily, state, at('11-22T03:17'), nowMs);
      if (state.waiting === null) break;
      expect(state.waiting).toMatchObject({ atMs: at('11-22T03:17'), trigger: 'retry' });
      waits.push((state.waiting.notBeforeMs - nowMs) / minuteMs);
      nowMs = state.waiting.notBeforeMs;
      state = { ...state, waiting: null };
    }
    expect(waits.slice(0, 6)).toEqual([5, 10, 20, 40, 60, 60]);
    expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeLessThan(24 * 60);
    expect(waits.length).toBeGreaterThan(20);
  });

  it('that ran while the clock was ahead does not run again; what was only decided then is decided anew', () => {
    const ahead = decide(daily, before, lookAt(at('11-30T03:17'), { awakeSinceMs: at('11-30T03:17') - 1 }));
    expect(ahead.start).toMatchObject({ atMs: at('11-30T03:17') });
    const known = new Set([at('11-30T03:17')]);
    const back = decide(daily, ahead.state, lookAt(at('11-22T03:10'), { known }));
    expect([back.voidAfterMs, back.start]).toEqual([at('11-22T03:10'), null]);
    expect(decide(daily, back.state, lookAt(at('11-22T03:17'))).start).toMatchObject({ atMs: at('11-22T03:17') });
    const week = decide(daily, back.state, lookAt(at('11-30T12:00'), { known }));
    expect(week.entries.map(({ atMs }) => atMs)).not.toContain(at('11-30T03:17'));
  });

  it('of a year that nobody was there for costs a moment, also where the job is due every minute', () => {
    const decision = decide({ cron: '* * * * *', zone: 'UTC' }, beginSchedule(at('01-01T00:00')), lookAt(at('12-31T00:00')));
    expect(decision.start).toMatchObject({ atMs: at('12-31T00:00') });
    expect(decision.entries.length).toBeLessThan(20_000);
    const yearly = decide({ cron: '* 3 1 1 *', zone: 'UTC' }, beginSchedule(at('01-01T00:00')), lookAt(at('12-31T00:00')));
    expect(yearly.entries).toHaveLength(60);
  });
});

/** A stretch of time in which every slot of a schedule has to be in the ledger. */
interface Stretch {
  readonly schedule: Schedule;
  readonly fromMs: number;
  toMs: number;
}

/** A machine with one job, as the scheduler drives it: a ledger, and looks at a clock that may do anything. */
class Machine {
  readonly ledger = new Map<number, SlotEntry>();
  readonly starts: { readonly slot: WaitingSlot; readonly nowMs: number }[] = [];
  gaps = 1;
  #stretches: Stretch[];
  #schedule: Schedule;
  #state: ScheduleState;
  #awakeSinceMs: number;
  #run: { readonly slotMs: number; readonly untilMs: number; readonly fails: boolean } | null = null;
  #nextLookMs = Number.NEGATIVE_INFINITY;
  pausedUntilMs: number | null = null;

  constructor(schedule: Schedule, nowMs: number) {
    this.#schedule = schedule;
    this.#state = beginSchedule(nowMs);
    this.#awakeSinceMs = nowMs;
    this.#stretches = [{ schedule, fromMs: nowMs, toMs: nowMs }];
  }

  /** The slot that waits for its run. */
  get waitingMs(): number | null {
    return this.#state.waiting?.atMs ?? null;
  }

  get expected(): number[] {
    return this.#stretches.flatMap(({ fromMs, schedule, toMs }) => slotsBetween(schedule, fromMs, toMs));
  }

  /** The machine was asleep or off, or its clock was set. */
  wake(nowMs: number): void {
    this.gaps += 1;
    this.#awakeSinceMs = nowMs;
    this.#nextLookMs = nowMs;
    this.#stretches = this.#stretches.filter(({ fromMs }) => fromMs <= nowMs);
    for (const stretch of this.#stretches) stretch.toMs = Math.min(stretch.toMs, nowMs);
    // The clock may be before the last change of the schedule now.
    if (this.#stretches.at(-1)?.schedule !== this.#schedule) this.#stretches.push({ schedule: this.#schedule, fromMs: nowMs, toMs: nowMs });
  }

  /** The pause is over, and the run that is under way succeeds now. */
  settle(): void {
    this.pausedUntilMs = null;
    if (this.#run !== null) this.#run = { ...this.#run, untilMs: Number.NEGATIVE_INFINITY, fails: false };
    this.#nextLookMs = Number.NEGATIVE_INFINITY;
  }

  /** The program died with its run. */
  die(nowMs: number): void {
    if (this.#run !== null) this.#end(nowMs, true);
    this.wake(nowMs);
  }

  change(schedule: Schedule, nowMs: number): void {
    this.look(nowMs, minuteMs, false);
    for (const entry of this.ledger.values()) {
      if (entry.state === 'planned') this.ledger.set(entry.atMs, { ...entry, state: 'skipped', reason: 'the schedule was changed' });
    }
    this.#schedule = schedule;
    this.#state = beginSchedule(nowMs);
    this.#stretches.push({ schedule, fromMs: nowMs, toMs: nowMs });
    this.#nextLookMs = nowMs;
  }

  look(nowMs: number, runMs: number, fails: boolean): void {
    if (this.#run !== null && nowMs >= this.#run.untilMs) this.#end(nowMs, this.#run.fails);
    const stretch = this.#stretches.at(-1);
    if (stretch) stretch.toMs = nowMs;
    if (nowMs < this.#nextLookMs) return;
    const ran = ({ state }: SlotEntry) => ['started', 'done', 'failed'].includes(state);
    const after = Math.min(this.#state.decidedUntilMs, nowMs);
    const known = new Set([...this.ledger.values()].filter((entry) => entry.atMs > after && ran(entry)).map(({ atMs }) => atMs));
    const { pausedUntilMs } = this;
    const look: Look = { nowMs, awakeSinceMs: this.#awakeSinceMs, isRunning: this.#run !== null, pausedUntilMs, known };
    const { entries, start, state, voidAfterMs } = decide(this.#schedule, this.#state, look);
    for (const entry of [...this.ledger.values()]) {
      if (voidAfterMs !== null && entry.atMs > voidAfterMs && !ran(entry)) this.ledger.delete(entry.atMs);
    }
    for (const entry of entries) this.ledger.set(entry.atMs, entry);
    this.#state = state;
    const isHeld = this.#run !== null || (pausedUntilMs !== null && nowMs < pausedUntilMs);
    const pauseEndMs = isHeld && this.#run === null ? (pausedUntilMs ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
    const nextMs = nextLookMs(this.#schedule, isHeld ? { ...state, waiting: null } : state, nowMs);
    this.#nextLookMs = Math.min(nextMs ?? Number.POSITIVE_INFINITY, pauseEndMs);
    if (start === null) return;
    this.ledger.set(start.atMs, { atMs: start.atMs, state: 'started', reason: null });
    this.starts.push({ slot: start, nowMs });
    this.#run = { slotMs: start.atMs, untilMs: nowMs + runMs, fails };
  }

  #end(nowMs: number, fails: boolean): void {
    if (this.#run === null) return;
    const { slotMs } = this.#run;
    this.#run = null;
    this.#nextLookMs = Number.NEGATIVE_INFINITY;
    this.ledger.set(slotMs, fails ? { atMs: slotMs, state: 'failed', reason: 'no' } : { atMs: slotMs, state: 'done', reason: null });
    if (fails) this.#state = retrySlot(this.#schedule, this.#state, slotMs, nowMs);
  }
}

const schedules: readonly Schedule[] = [
  daily,
  often,
  { cron: '30 2 * * *', zone: 'Europe/Berlin' },
  { cron: '30 */3 * * *', zone: 'America/New_York' },
  { cron: '0 4 * * 0', zone: 'Australia/Lord_Howe' },
  { cron: '0 0 * * *', zone: 'America/Santiago' },
];

type Happening =
  | { readonly what: 'awake'; readonly minutes: number; readonly runMinutes: number; readonly fails: boolean }
  | { readonly what: 'asleep' | 'dead' | 'clock' | 'pause'; readonly minutes: number }
  | { readonly what: 'zone'; readonly schedule: Schedule };

const minutesUpTo = (max: number, min = 1) => fc.integer({ min, max });
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constant('awake' as const),
      minutes: minutesUpTo(3000),
      runMinutes: minutesUpTo(200),
      fails: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ what: fc.constantFrom('asleep' as const, 'dead' as const), minutes: minutesUpTo(9000) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('clock' as const), minutes: minutesUpTo(20_000, -20_000) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('pause' as const), minutes: minutesUpTo(3000) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('zone' as const), schedule: fc.constantFrom(...schedules) }) },
);

/** Just before the end of summer time in Europe and America, or before its beginning. */
const beginnings = [at('10-24T00:00'), at('10-31T12:00'), at('03-07T00:00'), at('03-28T12:00'), at('04-03T00:00')];

function live(schedule: Schedule, beginMs: number, happenings: readonly Happening[]): { machine: Machine; nowMs: number } {
  const machine = new Machine(schedule, beginMs);
  let nowMs = beginMs;
  for (const happened of happenings) {
    switch (happened.what) {
      case 'awake':
        for (let passed = 0; passed < happened.minutes; passed += 7) {
          nowMs += 7 * minuteMs;
          machine.look(nowMs, happened.runMinutes * minuteMs, happened.fails);
        }
        break;
      case 'zone':
        machine.change(happened.schedule, nowMs);
        break;
      case 'pause':
        machine.pausedUntilMs = nowMs + happened.minutes * minuteMs;
        break;
      default:
        nowMs += happened.minutes * minuteMs;
        if (happened.what === 'dead') machine.die(nowMs);
        else machine.wake(nowMs);
        machine.look(nowMs, minuteMs, false);
    }
  }
  return { machine, nowMs };
}

it('whatever sleep, power, clock and zone do, each slot is decided once, no run is before its time, and a gap is made up for once', () => {
  const property = fc.property(
    fc.constantFrom(...schedules),
    fc.constantFrom(...beginnings),
    fc.array(happening, { minLength: 1, maxLength: 12 }),
    (schedule, beginMs, happenings) => {
      const { machine, nowMs } = live(schedule, beginMs, happenings);
      expect(machine.starts.filter(({ nowMs: startMs, slot }) => startMs < slot.atMs)).toEqual([]);
      const first = machine.starts.filter(({ slot }) => slot.trigger !== 'retry').map(({ slot }) => slot.atMs);
      expect(new Set(first).size).toBe(first.length);
      expect(machine.starts.filter(({ slot }) => slot.trigger === 'retry' && !first.includes(slot.atMs))).toEqual([]);
      expect(machine.starts.filter(({ slot }) => slot.trigger === 'missed').length).toBeLessThanOrEqual(machine.gaps);
      expect(machine.expected.filter((slotMs) => !machine.ledger.has(slotMs))).toEqual([]);
      const silent = [...machine.ledger.values()].filter(
        ({ reason, state }) => reason === null && ['missed', 'skipped', 'failed'].includes(state),
      );
      expect(silent).toEqual([]);
      // What waits runs when the machine stays awake and the runs succeed, unless the next one comes before, or its time is still to come.
      machine.settle();
      for (let passed = 0; passed <= 300; passed += 1) machine.look(nowMs + passed * minuteMs, minuteMs, false);
      expect(machine.waitingMs ?? Number.POSITIVE_INFINITY).toBeGreaterThan(nowMs + 290 * minuteMs);
    },
  );
  const seed = Number(process.env.NIGHTJAR_TEST_SEED ?? Date.now() % 1_000_000);
  process.stdout.write(`2,000 traces of sleep, power, clock, zone and pause with NIGHTJAR_TEST_SEED=${seed}\n`);
  fc.assert(property, { numRuns: 2000, seed });
});
