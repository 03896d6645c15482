import { type Route, routeTo } from '../../route.ts';

/** What is done with what was picked. */
export const restoreTasks = ['copy', 'replace'] as const;
export type RestoreTask = (typeof restoreTasks)[number];

/** The task that an address names; `null` where it only shows. */
export function taskOf({ query }: Route): RestoreTask | null {
  const name = query.get('do');
  return restoreTasks.find((task) => task === name) ?? null;
}

/** An address of this page that stays in the window it is in: alone, or with the menu. */
export function restoreTo(route: Route, parts: readonly string[], query: Readonly<Record<string, string>> = {}): string {
  return routeTo('restore', parts, { ...query, ...(route.query.has('window') ? { window: '' } : {}) });
}
