import { parseArgs } from 'node:util';

/** What `npm run bench` is asked for. */
export interface Options {
  readonly bytes: number;
  readonly rounds: number;
  /** The ids of the contenders; all that are installed where it is empty. */
  readonly only: readonly string[];
  readonly withWriter: boolean;
  readonly withDays: boolean;
  /** How long to wait for a quiet machine before each measurement. */
  readonly patienceMs: number;
  /** How often a disturbed measurement is made at most. */
  readonly attempts: number;
  readonly out: string;
  /** Whether the results become those of BENCHMARKS.md. */
  readonly publish: boolean;
  readonly command: string;
}

export const usage = `usage: npm run bench -- [--quick] [--size 1g] [--rounds 3] [--only nightjar,restic] [--skip-writer] [--skip-days]
                       [--patience SECONDS] [--attempts N] [--out FOLDER] [--publish]
  --quick         64 MB, one round, no patience: whether it works, not how fast it is
  --publish       write the results into tests/bench/results and BENCHMARKS.md`;

/** Throws a TypeError with the usage for what it does not know. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      size: { type: 'string' },
      rounds: { type: 'string' },
      only: { type: 'string', default: '' },
      'skip-writer': { type: 'boolean', default: false },
      'skip-days': { type: 'boolean', default: false },
      patience: { type: 'string' },
      attempts: { type: 'string' },
      out: { type: 'string', default: 'bench-results' },
      publish: { type: 'boolean', default: false },
    },
  });
  const { quick } = values;
  const size = /^(\d+)([mg])$/.exec(values.size ?? (quick ? '64m' : '1g'));
  const rounds = Number(values.rounds ?? (quick ? 1 : 3));
  const attempts = Number(values.attempts ?? (quick ? 1 : 3));
  const patience = Number(values.patience ?? (quick ? 0 : 30));
  const areCounts = [rounds, attempts].every((count) => Number.isInteger(count) && count > 0);
  if (!size || !areCounts || !(patience >= 0)) throw new TypeError(usage);
  return {
    bytes: Number(size[1]) * 1024 ** (size[2] === 'g' ? 3 : 2),
    rounds,
    only: values.only.split(',').filter((id) => id !== ''),
    withWriter: !values['skip-writer'],
    withDays: !values['skip-days'],
    patienceMs: patience * 1000,
    attempts,
    out: values.publish ? 'tests/bench/results' : values.out,
    publish: values.publish,
    command: ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
  };
}
