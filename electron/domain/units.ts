import prettyBytes from 'pretty-bytes';
import prettyMilliseconds from 'pretty-ms';

/** `5.24 GB`: decimal units, as file managers show them. */
export function formatBytes(bytes: number): string {
  return prettyBytes(bytes, { locale: 'en' });
}

/** `1m 5s`, `820ms`. */
export function formatDuration(ms: number): string {
  return prettyMilliseconds(ms, { secondsDecimalDigits: 1, unitCount: 2 });
}

/** `361,029`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en');
}
