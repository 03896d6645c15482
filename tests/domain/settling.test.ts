import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultSettling, type Look, notice, settle, type Unsettled, type UnsettledPaths } from '../../electron/domain/settling.ts';

const limits = { quietMs: 100, longestMs: 1000 };
const file = { size: 3, mtimeMs: 7 };
const none: UnsettledPaths = new Map();

/** An entry that was noticed, moved and looked at when it says so. */
function entry(firstMs: number, sinceMs: number, seenMs: number, look: Look = file): Unsettled {
  return { firstMs, sinceMs, seenMs, look };
}

it('waits two seconds of quiet, and a minute at most', () => {
  expect(defaultSettling).toEqual({ quietMs: 2000, longestMs: 60_000 });
});

describe('notice', () => {
  it.each<[string, Look, Look, number]>([
    ['is quiet since the first of two looks that are the same', file, { ...file }, 0],
    ['is quiet since the second where the size has moved', file, { ...file, size: 4 }, 50],
    ['is quiet since the second where the time has moved, even backwards', file, { ...file, mtimeMs: 6 }, 50],
    ['is quiet since it is gone', file, null, 50],
    ['is quiet since it is there', null, file, 50],
    ['is quiet since the first look that found it gone', null, null, 0],
  ])('%s', (_, first, second, sinceMs) => {
    const unsettled = notice(notice(none, [['a', first]], 0), [['a', second]], 50);
    expect([...unsettled]).toEqual([['a', entry(0, sinceMs, 50, second)]]);
  });

  it('leaves the others, and what it was given, as they are', () => {
    const before = notice(none, [['a', file]], 0);
    const after = notice(
      before,
      [
        ['b', null],
        ['c', file],
      ],
      10,
    );
    expect([...before.keys()]).toEqual(['a']);
    expect(Object.fromEntries(after)).toEqual({ a: entry(0, 0, 0), b: entry(10, 10, 10, null), c: entry(10, 10, 10) });
  });
});

describe('settle', () => {
  const left = (one: Unsettled): UnsettledPaths => new Map([['a', one]]);

  it.each<[string, Unsettled, number, Partial<ReturnType<typeof settle>>]>([
    ['waits for the quiet time', entry(0, 0, 0), 99, { unsettled: left(entry(0, 0, 0)), nextMs: 100 }],
    ['wants another look when it is over', entry(0, 0, 0), 100, { unsettled: left(entry(0, 0, 0)), unsure: ['a'] }],
    ['does not take a look before it for that one', entry(0, 0, 99), 150, { unsettled: left(entry(0, 0, 99)), unsure: ['a'] }],
    ['is ready after that look', entry(0, 0, 100), 100, { ready: ['a'] }],
    ['is ready when it is gone for the quiet time', entry(0, 0, 100, null), 100, { ready: ['a'] }],
    ['waits anew for what has moved', entry(0, 100, 100), 100, { unsettled: left(entry(0, 100, 100)), nextMs: 200 }],
    ['waits no longer than the longest time', entry(0, 950, 950), 960, { unsettled: left(entry(0, 950, 950)), nextMs: 1000 }],
    ['wants another look then, too', entry(0, 950, 950), 1000, { unsettled: left(entry(0, 950, 950)), unsure: ['a'] }],
    [
      'tells what still moves then as it is, and waits for it anew',
      entry(0, 950, 1000),
      1000,
      { ready: ['a'], unsettled: left(entry(1000, 950, 1000)), nextMs: 1050 },
    ],
    ['is done with what is quiet then', entry(0, 900, 1000), 1000, { ready: ['a'] }],
    ['waits the quiet time where the clock was set back', entry(5000, 5050, 5060), 10, { unsettled: left(entry(10, 10, 10)), nextMs: 110 }],
    ['asks for a look where it was set forward', entry(0, 0, 0), 9_000_000, { unsettled: left(entry(0, 0, 0)), unsure: ['a'] }],
    [
      'waits anew for what was found moving after that',
      entry(0, 9_000_000, 9_000_000),
      9_000_000,
      { ready: ['a'], unsettled: left(entry(9_000_000, 9_000_000, 9_000_000)), nextMs: 9_000_100 },
    ],
  ])('%s', (_, one, nowMs, expected) => {
    const given = left(one);
    expect(settle(given, nowMs, limits)).toEqual({ ready: [], unsure: [], unsettled: none, nextMs: null, ...expected });
    expect(given).toEqual(left(one));
  });

  it('decides for each path by itself, and waits for the first', () => {
    const unsettled = new Map([
      ['late', entry(0, 60, 60)],
      ['ready', entry(0, 0, 100)],
      ['unsure', entry(0, 0, 0)],
      ['soon', entry(0, 30, 30)],
    ]);
    expect(settle(unsettled, 110, limits)).toEqual({
      ready: ['ready'],
      unsure: ['unsure'],
      unsettled: new Map([
        ['late', entry(0, 60, 60)],
        ['unsure', entry(0, 0, 0)],
        ['soon', entry(0, 30, 30)],
      ]),
      nextMs: 130,
    });
  });
});

/** A disk, its watch as it should work, and what a reader of the rules knows about it. */
class World {
  nowMs = 1_000_000;
  readonly told: string[] = [];
  readonly #disk = new Map<string, number | null>();
  readonly #movedMs = new Map<string, number>();
  readonly #firstMs = new Map<string, number>();
  /** Moved since it was told last. */
  readonly untold = new Set<string>();
  #unsettled: UnsettledPaths = new Map();
  #writes = 0;

  /** Somebody writes or deletes a file. The system may keep to itself that one moves on which has been noticed. */
  write(path: string, isDeletion: boolean, isSilent: boolean): void {
    const size = isDeletion ? null : ++this.#writes;
    const isKnown = this.#unsettled.has(path);
    const isMissed = isSilent && isKnown && !isDeletion && this.#disk.get(path) !== null;
    if (this.#disk.get(path) !== size || !isKnown) this.#movedMs.set(path, this.nowMs);
    this.#disk.set(path, size);
    this.untold.add(path);
    if (isMissed) return;
    this.#firstMs.set(path, this.#firstMs.get(path) ?? this.nowMs);
    this.#look([path]);
  }

  /** Decides, with the looks that are asked for, and returns when to come again. */
  settle(check: (path: string, quietMs: number, waitedMs: number) => void): number | null {
    for (let round = 0; ; round += 1) {
      // One look is enough.
      expect(round).toBeLessThanOrEqual(1);
      const { ready, unsure, unsettled, nextMs } = settle(this.#unsettled, this.nowMs, limits);
      this.#unsettled = unsettled;
      for (const path of ready) {
        check(path, this.nowMs - (this.#movedMs.get(path) ?? 0), this.nowMs - (this.#firstMs.get(path) ?? 0));
        this.told.push(path);
        this.untold.delete(path);
        if (unsettled.has(path)) this.#firstMs.set(path, this.nowMs);
        else this.#firstMs.delete(path);
      }
      for (const path of unsettled.keys()) if (!unsure.includes(path)) expect(nextMs).not.toBeNull();
      if (nextMs !== null) expect(nextMs).toBeGreaterThan(this.nowMs);
      if (unsure.length === 0) return nextMs;
      this.#look(unsure);
    }
  }

  #look(paths: readonly string[]): void {
    const looks = paths.map((path): [string, Look] => {
      const size = this.#disk.get(path) ?? null;
      return [path, size === null ? null : { size, mtimeMs: 0 }];
    });
    this.#unsettled = notice(this.#unsettled, looks, this.nowMs);
  }
}

const write = fc.record({ path: fc.constantFrom('a', 'b', 'c'), isDeletion: fc.boolean(), isSilent: fc.boolean() });
const anyStep = (advanceMs: fc.Arbitrary<number>) => fc.record({ advanceMs, write: fc.option(write) });

/** Goes on without any write until nothing is left to wait for. */
function finish(world: World, check: Parameters<World['settle']>[0]): void {
  const lastMs = world.nowMs;
  for (let nextMs = world.settle(check); nextMs !== null; nextMs = world.settle(check)) {
    world.nowMs = nextMs;
    // Two quiet times: a write that the system kept to itself is found after the first.
    expect(nextMs).toBeLessThanOrEqual(lastMs + 2 * limits.quietMs);
  }
  expect([...world.untold]).toEqual([]);
}

describe('what is noticed and settled', () => {
  it('is ready after its quiet time or its longest wait, never before, and always at last', () => {
    fc.assert(
      fc.property(fc.array(anyStep(fc.integer({ min: 0, max: 120 })), { maxLength: 60 }), (steps) => {
        const world = new World();
        const check = (_: string, quietMs: number, waitedMs: number) => {
          if (waitedMs < limits.longestMs) expect(quietMs).toBeGreaterThanOrEqual(limits.quietMs);
        };
        for (const step of steps) {
          // The watch wakes up whenever it asked to, and not only when something is written.
          const untilMs = world.nowMs + step.advanceMs;
          for (let nextMs = world.settle(check); nextMs !== null && nextMs <= untilMs; nextMs = world.settle(check)) world.nowMs = nextMs;
          world.nowMs = untilMs;
          if (step.write) world.write(step.write.path, step.write.isDeletion, step.write.isSilent);
        }
        finish(world, check);
      }),
      { numRuns: 1000 },
    );
  });

  it('is ready in the longest time however much it moves', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 60, maxLength: 60 }), (advances) => {
        const world = new World();
        const startMs = world.nowMs;
        const toldMs: number[] = [];
        const settleAndRecord = () => world.settle(() => toldMs.push(world.nowMs));
        for (const advanceMs of advances) {
          const untilMs = world.nowMs + advanceMs;
          for (let nextMs = settleAndRecord(); nextMs !== null && nextMs <= untilMs; nextMs = settleAndRecord()) world.nowMs = nextMs;
          world.nowMs = untilMs;
          world.write('a', false, false);
        }
        const lasted = world.nowMs - startMs - (advances[0] ?? 0);
        expect(toldMs.length).toBe(Math.floor(lasted / limits.longestMs));
      }),
    );
  });

  it('is ready at last however the clock is set', () => {
    fc.assert(
      fc.property(fc.array(anyStep(fc.integer({ min: -5000, max: 5000 })), { maxLength: 60 }), (steps) => {
        const world = new World();
        for (const step of steps) {
          world.nowMs += step.advanceMs;
          if (step.write) world.write(step.write.path, step.write.isDeletion, step.write.isSilent);
          world.settle(() => {});
        }
        finish(world, () => {});
      }),
      { numRuns: 1000 },
    );
  });
});
