import type { QueryClient } from '@tanstack/react-query';
import { engine } from './client.ts';
import { sleep } from './clock.ts';

/** What of that which is shown has become old. */
export type Old = 'everything' | 'runs';

/** How often it is read anew at most, in milliseconds, however much happens. */
const everyMs = 1000;

/** Reads what is shown anew when it has become old: at once, then once in a while; in a window that nobody sees, as soon as it is seen again. */
export function startRefreshing(queries: QueryClient): (old: Old) => void {
  let waiting: Old | null = null;
  let isResting = false;
  const refresh = () => {
    if (waiting === null || isResting || document.hidden) return;
    void queries.invalidateQueries(waiting === 'runs' ? { queryKey: engine.runs.key() } : {});
    waiting = null;
    isResting = true;
    void sleep(everyMs).then(() => {
      isResting = false;
      refresh();
    });
  };
  document.addEventListener('visibilitychange', refresh);
  return (old) => {
    if (waiting !== 'everything') waiting = old;
    refresh();
  };
}
