import { Cron } from 'croner';
import { BackupError } from './errors.ts';
import { isZone } from './zoned-time.ts';

/** When a job is due: a five-field cron expression read in an IANA time zone. */
export interface Schedule {
  readonly cron: string;
  readonly zone: string;
}

/** 03:17 every night, as the field expects (S1-82). */
export const defaultCron = '17 3 * * *';

/** Throws `usage-invalid` for an expression or zone that cannot be read, or one that never comes. */
export function checkSchedule(schedule: Schedule, nowMs: number): void {
  if (!isZone(schedule.zone)) {
    throw new BackupError('usage-invalid', `the time zone "${schedule.zone}" is not known`, {
      hint: 'use an IANA name such as Europe/Berlin or America/New_York',
    });
  }
  const hint = 'use five fields: minute hour day month weekday, such as "17 3 * * *" for 03:17 every night';
  if (schedule.cron.trim().split(/\s+/).length !== 5) {
    throw new BackupError('usage-invalid', `the schedule "${schedule.cron}" does not have five fields`, { hint });
  }
  try {
    if (nextSlot(schedule, nowMs) !== null) return;
  } catch (cause) {
    throw new BackupError('usage-invalid', `the schedule "${schedule.cron}" cannot be read`, { cause, hint });
  }
  throw new BackupError('usage-invalid', `the schedule "${schedule.cron}" never comes`, { hint });
}

/** The first instant after `afterMs` at which the job is due, or `null` where there is none. */
export function nextSlot(schedule: Schedule, afterMs: number): number | null {
  return slotAfter(patternOf(schedule), afterMs);
}

/** Every slot after `fromMs` up to and including `toMs`, oldest first. */
export function slotsBetween(schedule: Schedule, fromMs: number, toMs: number): number[] {
  const pattern = patternOf(schedule);
  const slots: number[] = [];
  for (let at = slotAfter(pattern, fromMs); at !== null && at <= toMs; at = slotAfter(pattern, at)) slots.push(at);
  return slots;
}

function patternOf({ cron, zone }: Schedule): Cron {
  return new Cron(cron, { timezone: zone, paused: true });
}

function slotAfter(pattern: Cron, afterMs: number): number | null {
  return pattern.nextRun(new Date(afterMs))?.getTime() ?? null;
}
