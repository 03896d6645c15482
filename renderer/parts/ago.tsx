import { now, useNow } from '../clock.ts';
import { formatAgo, formatInstant } from '../format.ts';

/** An instant as one says it, with the exact one on hover and for whoever copies it. */
export function Ago({ atMs }: { readonly atMs: number }) {
  const drawnMs = useNow(30_000);
  // What is drawn may be half a minute late, and what has just happened does not lie ahead.
  const nowMs = atMs > drawnMs && atMs <= now() ? atMs : drawnMs;
  return (
    <time dateTime={new Date(atMs).toISOString()} title={formatInstant(atMs)}>
      {formatAgo(atMs, nowMs)}
    </time>
  );
}
