import { describe, expect, it } from 'vitest';
import { bandwidthAt, holdByPower, jobRulesSchema } from '../../electron/domain/job-rules.ts';

const rules = (fields: Record<string, unknown> = {}) => jobRulesSchema.parse(fields);

describe('a run by itself', () => {
  it.each([
    [{}, { onBattery: true, percent: 1 }, null],
    [{ onlyOnMains: true }, null, null],
    [{ onlyOnMains: true }, { onBattery: false, percent: 3 }, null],
    [{ onlyOnMains: true }, { onBattery: true, percent: 100 }, 'it waits for mains power'],
    [{ minBatteryPercent: 40 }, { onBattery: true, percent: 40 }, null],
    [{ minBatteryPercent: 40 }, { onBattery: true, percent: null }, null],
    [{ minBatteryPercent: 40 }, { onBattery: false, percent: 5 }, null],
    [{ minBatteryPercent: 40 }, { onBattery: true, percent: 39 }, 'it waits for the battery to have 40 %, or for mains power; it has 39 %'],
  ])('with the rules %j and the power %j is held: %s', (fields, power, hold) => {
    expect(holdByPower(rules(fields), power)).toBe(hold);
  });
});

describe('the bandwidth', () => {
  const day = rules({
    bandwidth: [
      { from: '08:00', to: '18:00', bytesPerSecond: 500_000 },
      { from: '22:00', to: '06:00', bytesPerSecond: 2_000_000 },
      { from: '17:00', to: '19:00', bytesPerSecond: 100_000 },
    ],
  });

  it.each([
    ['07:59', null],
    ['08:00', 500_000],
    ['16:59', 500_000],
    ['17:00', 100_000],
    ['18:59', 100_000],
    ['19:00', null],
    ['22:00', 2_000_000],
    ['00:00', 2_000_000],
    ['05:59', 2_000_000],
    ['06:00', null],
  ])('at %s is %s', (time, bytesPerSecond) => {
    // Berlin is one hour ahead of UTC in winter.
    const nowMs = Date.parse(`2026-01-10T${time}:30Z`) - 3_600_000;
    expect(bandwidthAt(day, nowMs, 'Europe/Berlin')).toBe(bytesPerSecond);
  });

  it('from a time to the same is for the whole day, and no rule is no limit', () => {
    const always = rules({ bandwidth: [{ from: '00:00', to: '00:00', bytesPerSecond: 4096 }] });
    expect([bandwidthAt(always, 0, 'UTC'), bandwidthAt(rules(), 0, 'UTC')]).toEqual([4096, null]);
  });

  it.each(['8:00', '24:00', '08:60', 'noon'])('is refused for "%s"', (from) => {
    expect(jobRulesSchema.safeParse({ bandwidth: [{ from, to: '09:00', bytesPerSecond: 4096 }] }).success).toBe(false);
  });
});
