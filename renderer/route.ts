import { useSyncExternalStore } from 'react';

/** The pages of the window, in the order of their menu. */
export const pages = ['overview', 'restore', 'history', 'jobs', 'settings'] as const;
export type Page = (typeof pages)[number];

/** Where the window is: `#/history/run-8f3k2m9qxa?job=notes` is the page `history` with one part and one query. */
export interface Route {
  readonly page: Page;
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
}

/** Reads an address; one that is not known is the overview. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [name, ...parts] = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodePart);
  return { page: pages.find((page) => page === name) ?? 'overview', parts, query: new URLSearchParams(query) };
}

/** As it is written where it was typed by hand: `100%` is no address, and no reason to show nothing. */
function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The address of a page: for links. */
export function routeTo(page: Page, parts: readonly string[] = [], query: Readonly<Record<string, string>> = {}): string {
  const path = [page === 'overview' ? '' : page, ...parts.map(encodeURIComponent)].join('/');
  const text = new URLSearchParams(query).toString();
  return `#/${path}${text === '' ? '' : `?${text}`}`;
}

/** Goes to a page; the former one stays in the history. */
export function go(page: Page, parts?: readonly string[], query?: Readonly<Record<string, string>>): void {
  location.hash = routeTo(page, parts, query);
}

let latest = { hash: '\0', route: parseRoute('') };

function read(): Route {
  if (latest.hash !== location.hash) latest = { hash: location.hash, route: parseRoute(location.hash) };
  return latest.route;
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}

/** Where the window is now. */
export function useRoute(): Route {
  return useSyncExternalStore(subscribe, read);
}
