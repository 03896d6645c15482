import prettyBytes from 'pretty-bytes';
import prettyMilliseconds from 'pretty-ms';

/** `5.24 GB`: decimal units, as file managers show them. */
export function formatBytes(bytes: number): string {
  return prettyBytes(bytes, { locale: 'en' });
}

/** `4 GB free of 15 GB, the trash holds 1 GB`. */
export function describeSpace(space: { readonly freeBytes: number; readonly totalBytes: number; readonly trashBytes?: number }): string {
  const { freeBytes, totalBytes, trashBytes = 0 } = space;
  const trash = trashBytes > 0 ? `, the trash holds ${formatBytes(trashBytes)}` : '';
  return `${formatBytes(freeBytes)} free of ${formatBytes(totalBytes)}${trash}`;
}

/** `1m 5s`, `820ms`. */
export function formatDuration(ms: number): string {
  return prettyMilliseconds(ms, { secondsDecimalDigits: 1, unitCount: 2 });
}

/** `361,029`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en');
}

/** `1 file`, `1,204 files`, `3 copies`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}
