import type { RandomPlanOptions } from '../drive-server.ts';
import { startRandom } from '../sample-content.ts';
import type { Fault, FaultAct } from './fault.ts';

type Chance = (limit: number) => number;

/** Faults after which a right client still completes, each made with its own values. */
const survivable: readonly ((below: Chance) => Fault)[] = [
  (below) => ({ on: 'upload-chunk', act: 'short-ack', blocks: below(4) }),
  () => ({ on: 'upload-chunk', act: 'missing-range' }),
  () => ({ on: 'upload-query', act: 'missing-range' }),
  () => ({ on: 'upload-chunk', act: 'no-progress' }),
  () => ({ on: 'upload-chunk', act: 'duplicate-delivery' }),
  () => ({ on: 'create', act: 'duplicate-delivery' }),
  (below) => ({ on: 'upload-chunk', act: 'drop', afterBytes: below(3 * 1024 * 1024) }),
  (below) => ({ on: pick(below, ['any-upload', 'any-upload', 'any']), act: 'drop', when: pick(below, ['before', 'after']) }),
  (below) => ({
    on: pick(below, ['upload-chunk', 'upload-query', 'upload-start', 'multipart', 'get', 'list', 'generateIds', 'create', 'token']),
    act: 'status',
    code: pick(below, [500, 502, 503, 504]),
    when: pick(below, ['before', 'after']),
  }),
  (below) => ({
    on: pick(below, ['upload-chunk', 'upload-query', 'upload-start', 'get', 'list']),
    act: 'status',
    ...pick<Pick<Extract<FaultAct, { act: 'status' }>, 'code' | 'reason'>>(below, [
      { code: 403, reason: 'rateLimitExceeded' },
      { code: 403, reason: 'userRateLimitExceeded' },
      { code: 429, reason: 'rateLimitExceeded' },
    ]),
  }),
  (below) => ({ on: pick(below, ['upload-chunk', 'upload-query', 'upload-start', 'get']), act: 'status', code: 401, reason: 'authError' }),
  (below) => ({ on: pick(below, ['upload-chunk', 'upload-query']), act: 'status', code: pick(below, [404, 410]) }),
  () => ({ on: 'any', act: 'expire-token' }),
  (below) => ({ on: 'any-upload', act: 'late-listing', listings: 1 + below(3) }),
  () => ({ on: 'list', act: 'incomplete-search' }),
  (below) => ({ on: 'download', act: 'short-download', afterBytes: below(1024 * 1024) }),
];

/** Faults that end what the client was doing, or that it has to find out. */
const fatal: readonly ((below: Chance) => Fault)[] = [
  (below) => ({
    on: pick(below, ['upload-start', 'upload-chunk', 'multipart', 'create', 'get', 'list']),
    act: 'status',
    code: 403,
    reason: pick(below, [
      'storageQuotaExceeded',
      'dailyLimitExceeded',
      'insufficientPermissions',
      'appNotAuthorizedToFile',
      'insufficientFilePermissions',
      'accessNotConfigured',
    ]),
  }),
  (below) => ({ on: pick(below, ['upload-chunk', 'upload-start']), act: 'status', code: 400 }),
  () => ({ on: 'any', act: 'full-quota' }),
  () => ({ on: 'any', act: 'revoke' }),
  () => ({ on: 'any-upload', act: 'flip-byte' }),
  (below) => ({ on: 'download', act: 'corrupt-download', atByte: below(4096) }),
];

/** What the function of this name in `drive-server.ts` promises. */
export function randomFaultPlan(seed: number, count: number, options: RandomPlanOptions = {}): Fault[] {
  const random = startRandom(seed);
  const below: Chance = (limit) => random.below(limit);
  return Array.from({ length: count }, () => {
    const isFatal = options.fatal === true && below(3) === 0;
    const make = pick(below, isFatal ? fatal : survivable);
    return { ...make(below), skip: below(5) };
  });
}

function pick<T>(below: Chance, from: readonly T[]): T {
  const [one] = from.slice(below(from.length));
  if (one === undefined) throw new RangeError('nothing to pick from');
  return one;
}
