import type { Codec } from './compression.ts';
import { isDay } from './zoned-time.ts';

/** The name of one snapshot within its job's folder, without the ending: a day, and a time for a repeat of the same day. */
export interface SnapshotStamp {
  /** `YYYY-MM-DD` in the job's zone. */
  readonly day: string;
  /** `HHMMSS` in the job's zone, for the second and later snapshots of a day. */
  readonly time?: string;
}

/**
 * What an object in a job's folder is: a whole database, the pages in which one differs from a whole one, what either says of itself, or
 * the digests of a whole one's pages.
 */
export type ObjectKind = 'full' | 'delta' | 'manifest' | 'pages';

const endings: readonly { readonly kind: ObjectKind; readonly codec?: Codec; readonly ending: string }[] = [
  { kind: 'full', codec: 'gzip', ending: '.db.gz' },
  { kind: 'full', codec: 'zstd', ending: '.db.zst' },
  { kind: 'delta', codec: 'gzip', ending: '.delta.gz' },
  { kind: 'manifest', ending: '.json' },
  { kind: 'pages', ending: '.pages' },
];
const exactName = /^(\d{4}-\d{2}-\d{2})(?:_(\d{6}))?(\.[a-z.]+)$/;

/** `2026-11-22.db.gz`, `2026-11-22_031700.delta.gz`, `2026-11-22.json` (decisions table: file name, date stamp). Only a full knows zstd. */
export function formatObjectName(stamp: SnapshotStamp, kind: ObjectKind, codec: Codec = 'gzip'): string {
  const found = endings.find((known) => known.kind === kind && (known.codec ?? codec) === codec);
  if (!found) throw new TypeError(`there is no ${kind} in ${codec}`);
  return formatStamp(stamp) + found.ending;
}

/** `2026-11-22`, or `2026-11-22_031700` for a repeat: what the names of all objects of a snapshot begin with. */
export function formatStamp({ day, time }: SnapshotStamp): string {
  return time === undefined ? day : `${day}_${time}`;
}

/** Every name that an object of this stamp can have. */
export function namesOfStamp(stamp: SnapshotStamp): string[] {
  return endings.map(({ ending }) => formatStamp(stamp) + ending);
}

/** The reverse of formatObjectName; `null` for anything that is not exactly such a name (S1-78: look-alikes never parse). */
export function parseObjectName(name: string): { stamp: SnapshotStamp; kind: ObjectKind; codec?: Codec } | null {
  const [, day = '', time, ending] = exactName.exec(name) ?? [];
  const found = endings.find((known) => known.ending === ending);
  if (!found || !isDay(day) || (time !== undefined && !isClockTime(time))) return null;
  const { codec, kind } = found;
  return { stamp: time === undefined ? { day } : { day, time }, kind, ...(codec ? { codec } : {}) };
}

/** The stamp that a text such as `2026-11-22` or `2026-11-22_031700` is; `null` for anything else. */
export function parseStamp(text: string): SnapshotStamp | null {
  return parseObjectName(`${text}${endings[0]?.ending}`)?.stamp ?? null;
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
