import { describe, expect, it } from 'vitest';
import { defaultRetention } from '../../electron/domain/model.ts';
import { planRetention } from '../../electron/domain/retention.ts';
import { describePolicy, forecastRetention } from '../../electron/domain/retention-forecast.ts';
import { slotsBetween } from '../../electron/domain/schedule.ts';

const now = Date.parse('2026-11-25T13:00:00Z');
const yearMs = 365 * 86_400_000;
const policy = (tiers: Partial<typeof defaultRetention>) => ({ ...defaultRetention, daily: 0, monthly: 0, ...tiers });

describe('what stays after a year is as many as a plan of every single run would keep', () => {
  const policies = [
    defaultRetention,
    policy({ daily: 7 }),
    policy({ daily: 3650 }),
    policy({ weekly: 8, yearly: 2 }),
    policy({ monthly: 24 }),
    policy({ daily: 1, minVerified: 10 }),
  ];
  it.each([
    ['every day', '17 3 * * *'],
    ['every two hours', '0 */2 * * *'],
    ['Monday to Friday', '30 8 * * 1-5'],
    ['every Sunday', '0 22 * * 0'],
    ['once a month', '0 4 31 * *'],
  ])('%s', (_name, cron) => {
    const schedule = { cron, zone: 'Europe/Berlin' };
    const runs = slotsBetween(schedule, now, now + yearMs).map((createdAtMs) => ({
      id: `${createdAtMs}`,
      createdAtMs,
      verified: true,
      pinned: false,
    }));
    const counts = policies.map((each) => [
      forecastRetention(schedule, each, [], now).kept.length,
      planRetention(runs, each, schedule.zone, now + yearMs).filter(({ reasons }) => reasons.length > 0).length,
    ]);
    for (const [forecast, plan] of counts) expect(forecast).toBe(plan);
  });
});

it('keeps what is pinned now', () => {
  const pinned = { id: 'old', createdAtMs: now - yearMs, verified: true, pinned: true };
  const { kept } = forecastRetention({ cron: '17 3 * * *', zone: 'UTC' }, defaultRetention, [pinned], now);
  expect(kept.at(-1)).toMatchObject({ id: 'old', reasons: ['pinned'] });
});

it.each([
  [defaultRetention, '30 days and 12 months'],
  [policy({ daily: 1 }), '1 day'],
  [policy({ daily: 7, weekly: 4, monthly: 1, yearly: 10 }), '7 days, 4 weeks, 1 month and 10 years'],
])('says what %o keeps', (each, words) => {
  expect(describePolicy(each)).toBe(words);
});
