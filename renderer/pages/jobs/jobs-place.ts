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

/** The parts of a job's address. */
export function partsOfJob(name: string): readonly string[] {
  return ['new', 'destinations'].includes(name) ? ['named', name] : [name];
}

/** The parts of a destination's address. */
export function partsOfDestination(name: string): readonly string[] {
  return ['destinations', ...(name === 'new' ? ['named'] : []), name];
}
