import { useNow } from '../clock.ts';
import { formatAgo, formatInstant } from '../format.ts';

const stepMs = 30_000;

/** An instant as one says it, with the exact one on hover and for whoever copies it. */
export function Ago({ atMs }: { readonly atMs: number }) {
  const nowMs = useNow(stepMs);
  // What has just happened is after the present as it was at the beginning of the step.
  const isNow = Math.abs(atMs - nowMs) < stepMs;
  return (
    <time dateTime={new Date(atMs).toISOString()} title={formatInstant(atMs)}>
      {formatAgo(isNow ? nowMs : atMs, nowMs)}
    </time>
  );
}
