/**
 * Preloaded into a program with `--import`: for it and the processes that it forks it is so many days later than it is, as
 * NIGHTJAR_BENCH_DAYS_LATER says.
 */
const laterMs = Number(process.env.NIGHTJAR_BENCH_DAYS_LATER ?? '0') * 86_400_000;
const TrueDate = Date;

globalThis.Date = class extends TrueDate {
  constructor(...args: [] | [number | string | Date]) {
    if (args.length === 0) super(TrueDate.now() + laterMs);
    else super(...args);
  }

  static override now(): number {
    return TrueDate.now() + laterMs;
  }
} as DateConstructor;
