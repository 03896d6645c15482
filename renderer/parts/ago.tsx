import { useNow } from '../clock.ts';
import { formatAgo, formatInstant } from '../format.ts';

/** An instant as one says it, with the exact one on hover and for whoever copies it. */
export function Ago({ atMs }: { readonly atMs: number }) {
  const nowMs = useNow(30_000);
  return (
    <time dateTime={new Date(atMs).toISOString()} title={formatInstant(atMs)}>
      {formatAgo(atMs, nowMs)}
    </time>
  );
}
