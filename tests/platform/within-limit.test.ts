import { describe, expect, it } from 'vitest';
import { withinLimit } from '../../electron/engine/platform/within-limit.ts';
import { turnedClock } from '../support/turned-clock.ts';

const limitMs = 15_000;
const never = () => new Promise<never>(() => {});

describe('work within a limit', () => {
  it('resolves or rejects as it does, and leaves no wait behind', async () => {
    const clock = turnedClock();
    const waits: (AbortSignal | undefined)[] = [];
    const sleep = (ms: number, signal?: AbortSignal) => {
      waits.push(signal);
      return clock.sleep(ms, signal);
    };
    const noting = { ...clock, sleep };
    expect(await withinLimit(noting, limitMs, undefined, async () => 'done')).toBe('done');
    const thrown = () => {
      throw new Error('broken');
    };
    await expect(withinLimit(noting, limitMs, undefined, thrown)).rejects.toThrow('broken');
    expect(waits.map((signal) => signal?.aborted)).toEqual([true, true]);
  });

  it('that does not heed its signal is given up at the limit', async () => {
    const clock = turnedClock();
    let given: AbortSignal | undefined;
    const work = withinLimit(clock, limitMs, undefined, (signal) => {
      given = signal;
      return never();
    });
    await clock.waiting(limitMs);
    clock.hurry(limitMs);
    await expect(work).rejects.toMatchObject({ code: 'timed-out', message: 'it took longer than 15 s' });
    expect(given?.aborted).toBe(true);
  });

  it('that does not heed its signal is given up when it is ended from outside, and not begun after that', async () => {
    const clock = turnedClock();
    const end = new AbortController();
    let begun = 0;
    const hang = () => {
      begun++;
      return never();
    };
    const work = withinLimit(clock, limitMs, end.signal, hang);
    end.abort(new Error('enough'));
    await expect(work).rejects.toThrow('enough');
    await expect(withinLimit(clock, limitMs, end.signal, hang)).rejects.toThrow('enough');
    expect(begun).toBe(1);
  });

  it("that fails after it was given up is nobody's unhandled failure", async () => {
    const clock = turnedClock();
    const end = new AbortController();
    const late = Promise.withResolvers<void>();
    const work = withinLimit(clock, limitMs, end.signal, () => late.promise);
    end.abort(new Error('enough'));
    await expect(work).rejects.toThrow('enough');
    // Vitest fails a run in which a rejection is not handled.
    late.reject(new Error('too late'));
    await expect(late.promise).rejects.toThrow('too late');
  });
});
