import type { Fault, FaultAct, FaultPlan, RequestKind } from '../drive-server.ts';

export type ActOf<Name extends FaultAct['act']> = Extract<FaultAct, { readonly act: Name }>;

const creating: readonly RequestKind[] = ['create', 'multipart', 'upload-start', 'upload-chunk', 'upload-query'];
const all: readonly RequestKind[] = [
  ...creating,
  'auth',
  'token',
  'revoke',
  'about',
  'generateIds',
  'list',
  'get',
  'download',
  'update',
  'delete',
  'upload-cancel',
  'other',
];
const uploads: readonly RequestKind[] = ['multipart', 'upload-start', 'upload-chunk', 'upload-query', 'upload-cancel'];
const session: readonly RequestKind[] = ['upload-chunk', 'upload-query', 'upload-cancel'];

/** The kinds of requests for which an act means something. */
const meantFor: Readonly<Record<FaultAct['act'], readonly RequestKind[]>> = {
  status: all,
  drop: all,
  stall: all,
  'short-ack': ['upload-chunk'],
  'missing-range': ['upload-chunk', 'upload-query'],
  'no-progress': ['upload-chunk'],
  'duplicate-delivery': ['upload-chunk', 'create', 'update', 'delete'],
  'late-listing': creating,
  'incomplete-search': ['list'],
  'flip-byte': ['multipart', 'upload-start', 'upload-chunk'],
  'corrupt-download': ['download'],
  'short-download': ['download'],
  'full-quota': all,
  'expire-token': all,
  revoke: all,
};
/** These leave the request to be answered as usual, or by another fault. */
const quiet = new Set<FaultAct['act']>([
  'late-listing',
  'incomplete-search',
  'flip-byte',
  'corrupt-download',
  'full-quota',
  'expire-token',
  'revoke',
]);

/** True for a session whose bytes a request is about. */
export function isSessionKind(kind: RequestKind): boolean {
  return session.includes(kind);
}

interface Planned {
  readonly fault: Fault;
  skip: number;
  times: number;
}

/** The plan and how far it has come. */
export class Faults implements FaultPlan {
  #planned: Planned[] = [];

  add(...faults: readonly Fault[]): void {
    for (const fault of faults) {
      if (!all.some((kind) => matches(fault, kind, true))) throw new TypeError(`the act ${fault.act} means nothing for ${fault.on}`);
      this.#planned.push({ fault, skip: fault.skip ?? 0, times: fault.times ?? 1 });
    }
  }

  clear(): void {
    this.#planned = [];
  }

  pending(): readonly Fault[] {
    return this.#planned.map(({ fault, skip, times }) => ({ ...fault, skip, times }));
  }

  /** The faults that hit this request. */
  take(kind: RequestKind, hasToken: boolean): FaultAct[] {
    const taken: FaultAct[] = [];
    for (const one of this.#planned.filter(({ fault }) => matches(fault, kind, hasToken))) {
      if (one.skip > 0) {
        one.skip--;
        continue;
      }
      if (!quiet.has(one.fault.act) && taken.some(({ act }) => !quiet.has(act))) continue;
      one.times--;
      taken.push(one.fault);
    }
    this.#planned = this.#planned.filter(({ times }) => times > 0);
    return taken;
  }
}

export function findAct<Name extends FaultAct['act']>(acts: readonly FaultAct[], name: Name): ActOf<Name> | undefined {
  return acts.find((act): act is ActOf<Name> => act.act === name);
}

function matches(fault: Fault, kind: RequestKind, hasToken: boolean): boolean {
  if (!meantFor[fault.act].includes(kind)) return false;
  if (fault.act === 'expire-token' && !hasToken) return false;
  return fault.on === 'any' || fault.on === kind || (fault.on === 'any-upload' && uploads.includes(kind));
}
