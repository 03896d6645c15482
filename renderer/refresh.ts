import { matchQuery, type Query, type QueryClient } from '@tanstack/react-query';
import { engine } from './client.ts';
import { sleep } from './clock.ts';

/** What of that which is shown has become old: each of them has the one before it in it. */
const steps = ['runs', 'what costs nothing', 'everything'] as const;
export type Old = (typeof steps)[number];

/** For these the engine asks disks, databases and Google; nothing of that is another before a run has ended. */
const dear = [engine.engine.diskGuard.key(), engine.destinations.inspect.key()];

const isOld: Readonly<Record<Old, (query: Query) => boolean>> = {
  runs: (query) => matchQuery({ queryKey: engine.runs.key() }, query),
  'what costs nothing': (query) => !dear.some((queryKey) => matchQuery({ queryKey }, query)),
  everything: () => true,
};

/** How often it is read anew at most, in milliseconds, however much happens. */
const everyMs = 1000;

/** Reads what is shown anew when it has become old: at once, then once in a while; in a window that nobody sees, as soon as it is seen again. */
export function startRefreshing(queries: QueryClient): (old: Old) => void {
  let waiting: Old | null = null;
  let isResting = false;
  const refresh = () => {
    if (waiting === null || isResting || document.hidden) return;
    void queries.invalidateQueries({ predicate: isOld[waiting] });
    waiting = null;
    isResting = true;
    void sleep(everyMs).then(() => {
      isResting = false;
      refresh();
    });
  };
  document.addEventListener('visibilitychange', refresh);
  return (old) => {
    if (waiting === null || steps.indexOf(old) > steps.indexOf(waiting)) waiting = old;
    refresh();
  };
}
