import { isDay } from './zoned-time.ts';

/** The name of one snapshot within its job's folder, without the ending: a day, and a time for a repeat of the same day. */
export interface SnapshotStamp {
  /** `YYYY-MM-DD` in the job's zone. */
  readonly day: string;
  /** `HHMMSS` in the job's zone, for the second and later snapshots of a day. */
  readonly time?: string;
}

/** What an object in a job's folder is. */
export type ObjectKind = 'snapshot' | 'manifest';

const endings: Readonly<Record<ObjectKind, string>> = { snapshot: '.db.gz', manifest: '.json' };
const exactName = /^(\d{4}-\d{2}-\d{2})(?:_(\d{6}))?(\.db\.gz|\.json)$/;

/** `2026-11-22.db.gz`, `2026-11-22_031700.db.gz`, `2026-11-22.json` (decisions table: file name, date stamp). */
export function formatObjectName(stamp: SnapshotStamp, kind: ObjectKind): string {
  return `${stamp.day}${stamp.time === undefined ? '' : `_${stamp.time}`}${endings[kind]}`;
}

/** The reverse of formatObjectName; `null` for anything that is not exactly such a name (S1-78: look-alikes never parse). */
export function parseObjectName(name: string): { stamp: SnapshotStamp; kind: ObjectKind } | null {
  const match = exactName.exec(name);
  if (!match) return null;
  const [, day = '', time, ending] = match;
  if (!isDay(day) || (time !== undefined && !isClockTime(time))) return null;
  const kind: ObjectKind = ending === endings.manifest ? 'manifest' : 'snapshot';
  return { stamp: time === undefined ? { day } : { day, time }, kind };
}

/** The name for a new snapshot: the plain day where it is free, else the day with the clock time, moved on until it is free. */
export function chooseStamp(day: string, time: string, isTaken: (stamp: SnapshotStamp) => boolean): SnapshotStamp {
  if (!isTaken({ day })) return { day };
  let second = toSeconds(time);
  for (let tries = 0; tries < 86_400; tries++) {
    const stamp = { day, time: fromSeconds(second) };
    if (!isTaken(stamp)) return stamp;
    second = (second + 1) % 86_400;
  }
  throw new RangeError(`every second of ${day} has a snapshot`);
}

function isClockTime(time: string): boolean {
  return time.slice(0, 2) < '24' && time.slice(2, 4) < '60' && time.slice(4) < '60';
}

function toSeconds(time: string): number {
  return Number(time.slice(0, 2)) * 3600 + Number(time.slice(2, 4)) * 60 + Number(time.slice(4));
}

function fromSeconds(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return two(Math.floor(seconds / 3600)) + two(Math.floor(seconds / 60) % 60) + two(seconds % 60);
}
