/** How often a job is due, in the words that people use; what they have no words for stays a cron expression. */
export type Rhythm =
  | { readonly every: 'minutes'; readonly minutes: number }
  | { readonly every: 'hour'; readonly minute: number }
  | { readonly every: 'day' | 'weekday'; readonly time: string }
  /** From 0, a Sunday, to 6. */
  | { readonly every: 'week'; readonly time: string; readonly weekday: number }
  /** A month without that day is left out. */
  | { readonly every: 'month'; readonly time: string; readonly day: number }
  | { readonly every: 'cron'; readonly cron: string };

/** The days of a week as cron counts them. */
export const weekdayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

/** Reads a cron expression; one that is not simple, or no expression at all, is a rhythm of its own. Pure. */
export function readRhythm(cron: string): Rhythm {
  const [minute = '', hour = '', day = '', month = '', weekday = '', ...more] = cron.trim().split(/\s+/);
  const other: Rhythm = { every: 'cron', cron };
  if (more.length > 0 || month !== '*') return other;
  const rest = `${hour} ${day} ${weekday}`;
  const step = /^\*\/(\d{1,2})$/.exec(minute);
  if (rest === '* * *' && step !== null && isPart(Number(step[1]), 60)) return { every: 'minutes', minutes: Number(step[1]) };
  if (!isNumber(minute, 59)) return other;
  if (rest === '* * *') return { every: 'hour', minute: Number(minute) };
  if (!isNumber(hour, 23)) return other;
  return readDays({ time: `${twoDigits(hour)}:${twoDigits(minute)}`, day, weekday }) ?? other;
}

function readDays({ day, time, weekday }: { readonly time: string; readonly day: string; readonly weekday: string }): Rhythm | null {
  if (day === '*' && weekday === '*') return { every: 'day', time };
  if (day === '*' && weekday === '1-5') return { every: 'weekday', time };
  if (day === '*' && isNumber(weekday, 7)) return { every: 'week', time, weekday: Number(weekday) % 7 };
  if (weekday === '*' && isNumber(day, 31) && Number(day) > 0) return { every: 'month', time, day: Number(day) };
  return null;
}

/** The cron expression of a rhythm. Pure. */
export function cronOf(rhythm: Rhythm): string {
  switch (rhythm.every) {
    case 'minutes':
      return `*/${rhythm.minutes} * * * *`;
    case 'hour':
      return `${rhythm.minute} * * * *`;
    case 'day':
      return `${clockFields(rhythm.time)} * * *`;
    case 'weekday':
      return `${clockFields(rhythm.time)} * * 1-5`;
    case 'week':
      return `${clockFields(rhythm.time)} * * ${rhythm.weekday}`;
    case 'month':
      return `${clockFields(rhythm.time)} ${rhythm.day} * *`;
    case 'cron':
      return rhythm.cron;
  }
}

/** `every day at 03:17`: when a job is due, for people. Pure. */
export function describeSchedule(cron: string): string {
  const rhythm = readRhythm(cron);
  switch (rhythm.every) {
    case 'minutes':
      return rhythm.minutes === 1 ? 'every minute' : `every ${rhythm.minutes} minutes`;
    case 'hour':
      return rhythm.minute === 0 ? 'every hour' : `every hour at ${rhythm.minute} past`;
    case 'day':
      return `every day at ${rhythm.time}`;
    case 'weekday':
      return `Monday to Friday at ${rhythm.time}`;
    case 'week':
      return `every ${weekdayNames[rhythm.weekday]} at ${rhythm.time}`;
    case 'month':
      return `on day ${rhythm.day} of every month at ${rhythm.time}`;
    case 'cron':
      return `by the cron expression ${rhythm.cron}`;
  }
}

/** `03:07` as `7 3`. From what is no time of day comes an expression that cannot be read. */
function clockFields(time: string): string {
  const [hour, minute] = time.split(':').map(Number);
  return `${minute} ${hour}`;
}

function isNumber(text: string, max: number): boolean {
  return /^\d{1,2}$/.test(text) && Number(text) <= max;
}

/** Steps that do not go up in an hour would be uneven at its end. */
function isPart(step: number, whole: number): boolean {
  return step > 0 && whole % step === 0;
}

function twoDigits(text: string): string {
  return text.padStart(2, '0');
}
