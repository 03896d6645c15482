import { routeTo } from '../../route.ts';

/** Where on the page of the jobs one is. */
export type JobsPlace =
  | { readonly kind: 'list' | 'new-job' | 'new-destination' }
  | { readonly kind: 'job' | 'destination'; readonly name: string };

/** Reads the parts of an address. A job or destination that is called as a part is reached through `named`. */
export function parseJobsPlace([first, second, third]: readonly string[]): JobsPlace {
  if (first === undefined) return { kind: 'list' };
  if (first === 'named' && second !== undefined) return { kind: 'job', name: second };
  if (first === 'new') return { kind: 'new-job' };
  if (first !== 'destinations') return { kind: 'job', name: first };
  if (second === undefined) return { kind: 'list' };
  if (second === 'named' && third !== undefined) return { kind: 'destination', name: third };
  return second === 'new' ? { kind: 'new-destination' } : { kind: 'destination', name: second };
}

/** The address of a job. */
export function routeToJob(name: string): string {
  return routeTo('jobs', ['new', 'destinations'].includes(name) ? ['named', name] : [name]);
}

/** The address of a destination. */
export function routeToDestination(name: string): string {
  return routeTo('jobs', ['destinations', ...(name === 'new' ? ['named'] : []), name]);
}
