/** Calendar arithmetic in a time zone. Instants are milliseconds since the epoch; a day is `YYYY-MM-DD`. */

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterFor(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-CA-u-ca-gregory-nu-latn', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
  formatters.set(zone, made);
  return made;
}

/** An instant as ISO 8601 in UTC, or `null` for none. */
export function instant(ms: number | null | undefined): string | null {
  return ms === null || ms === undefined ? null : new Date(ms).toISOString();
}

/** True where the runtime knows the IANA zone. */
export function isZone(zone: string): boolean {
  try {
    formatterFor(zone);
    return true;
  } catch {
    return false;
  }
}

/** The local calendar day and the clock time (`HHMMSS`) of an instant in a zone. Throws RangeError for an unknown zone. */
export function localTime(instantMs: number, zone: string): { day: string; time: string } {
  const part: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of formatterFor(zone).formatToParts(instantMs)) part[type] = value;
  return {
    day: `${part.year?.padStart(4, '0')}-${part.month}-${part.day}`,
    time: `${part.hour}${part.minute}${part.second}`,
  };
}

/** True for a day that the calendar has; `2026-02-30` is none. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** The ISO 8601 week of a day, as `2026-W47`; weeks start on Monday and belong to the year of their Thursday. */
export function isoWeek(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  const weekday = (date.getUTCDay() + 6) % 7;
  const thursday = new Date(date.getTime() + (3 - weekday) * 86_400_000);
  const yearStart = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  const week = Math.floor((thursday.getTime() - yearStart) / (7 * 86_400_000)) + 1;
  return `${thursday.getUTCFullYear()}-W${String(week).padStart(2, '0')}`;
}

/** The instant at which a day ends in a zone (the first instant of the next day), right across DST changes. */
export function endOfDay(day: string, zone: string): number {
  const noon = Date.parse(`${day}T12:00:00Z`);
  // A zone is at most 26 h from UTC noon; halve towards the first instant whose local day is later.
  let before = noon - 38 * 3_600_000;
  let after = noon + 38 * 3_600_000;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (localTime(middle, zone).day > day) after = middle;
    else before = middle;
  }
  return after;
}

/** From an instant up to but not including another. */
export interface TimeSpan {
  readonly startMs: number;
  readonly endMs: number;
}

/** A day in a zone. */
export interface DaySpan extends TimeSpan {
  readonly day: string;
}

/** The latest days up to the one of an instant, oldest first; each begins where the one before it ends. A day that a zone leaves out is none. */
export function latestDays(count: number, nowMs: number, zone: string): DaySpan[] {
  const spans: DaySpan[] = [];
  let endMs = endOfDay(localTime(nowMs, zone).day, zone);
  for (let left = count; left > 0; left--) {
    const { day } = localTime(endMs - 1, zone);
    const startMs = startOfDay(day, endMs, zone);
    spans.push({ day, startMs, endMs });
    endMs = startMs;
  }
  return spans.toReversed();
}

/** Most days have 24 hours; only for the others it has to be searched. */
function startOfDay(day: string, endMs: number, zone: string): number {
  const usualMs = endMs - 86_400_000;
  if (localTime(usualMs, zone).day === day && localTime(usualMs - 1, zone).day < day) return usualMs;
  const noon = Date.parse(`${day}T12:00:00Z`);
  return endOfDay(new Date(noon - 86_400_000).toISOString().slice(0, 10), zone);
}
