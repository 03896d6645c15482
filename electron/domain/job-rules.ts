import { z } from 'zod';
import { localTime } from './zoned-time.ts';

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write a time of day as 08:00');

/** When a job's runs may start by themselves, and how much of the line they may take. */
export const jobRulesSchema = z.strictObject({
  /** Runs start by themselves only on mains power. */
  onlyOnMains: z.boolean().default(false),
  /** On battery, runs start by themselves only where this much of it is left. */
  minBatteryPercent: z.int().min(0).max(100).default(0),
  /** From one time of day to another, in the job's zone, at most so many bytes a second; the lowest that applies is kept to. */
  bandwidth: z
    .array(z.strictObject({ from: timeOfDay, to: timeOfDay, bytesPerSecond: z.int().min(1024) }))
    .max(24)
    .default([]),
});
export type JobRules = z.infer<typeof jobRulesSchema>;

/** Where the machine's power comes from. */
export interface Power {
  readonly onBattery: boolean;
  /** What is left of the battery, 0 to 100; `null` where that is not known. */
  readonly percent: number | null;
}

/** Why no run may start by itself now; `null` where it may. A machine that cannot tell is taken to be on mains power. */
export function holdByPower({ minBatteryPercent, onlyOnMains }: JobRules, power: Power | null): string | null {
  if (power === null || !power.onBattery) return null;
  if (onlyOnMains) return 'it waits for mains power';
  if (power.percent === null || power.percent >= minBatteryPercent) return null;
  return `it waits for the battery to have ${minBatteryPercent} %, or for mains power; it has ${power.percent} %`;
}

/** The bytes a second that a job's transfers may use now; `null` has no limit. */
export function bandwidthAt({ bandwidth }: JobRules, nowMs: number, zone: string): number | null {
  if (bandwidth.length === 0) return null;
  const { time } = localTime(nowMs, zone);
  const now = `${time.slice(0, 2)}:${time.slice(2, 4)}`;
  const limits = bandwidth.filter(({ from, to }) => isWithin(now, from, to)).map(({ bytesPerSecond }) => bytesPerSecond);
  return limits.length === 0 ? null : Math.min(...limits);
}

/** From `from` up to but not including `to`, over midnight where that is earlier; the whole day where both are the same. */
function isWithin(now: string, from: string, to: string): boolean {
  if (from === to) return true;
  return from < to ? from <= now && now < to : from <= now || now < to;
}
