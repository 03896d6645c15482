import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sqliteJobSchema } from '../../electron/domain/model.ts';
import { RunQueue } from '../../electron/engine/schedule/run-queue.ts';

const job = (name: string, path: string, ...destinations: string[]) =>
  sqliteJobSchema.parse({
    name,
    source: { kind: 'sqlite', path },
    destinations,
    schedule: { cron: '17 3 * * *', zone: 'UTC' },
    retention: {},
  });

/** Runs jobs whose work ends when the test says so; `running` has those that have begun. */
class Bench {
  readonly queue = new RunQueue();
  readonly running: string[] = [];
  readonly #ends = new Map<string, (error?: Error) => void>();

  start(label: string, of: ReturnType<typeof job>, signal?: AbortSignal): Promise<void> {
    return this.queue.run(
      of,
      async () => {
        const { promise, reject, resolve } = Promise.withResolvers<void>();
        this.running.push(label);
        this.#ends.set(label, (error) => (error ? reject(error) : resolve()));
        await promise.finally(() => this.running.splice(this.running.indexOf(label), 1));
      },
      signal,
    );
  }

  async end(label: string, error?: Error): Promise<void> {
    this.#ends.get(label)?.(error);
    await settled();
  }
}

const settled = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

describe('runs', () => {
  const notes = job('notes', '/n.db', 'usb');

  it('go on at the same time where they share nothing', async () => {
    const bench = new Bench();
    const all = [bench.start('a', notes), bench.start('b', job('mail', '/m.db', 'drive'))];
    await settled();
    expect(bench.running).toEqual(['a', 'b']);
    await bench.end('a');
    await bench.end('b');
    await Promise.all(all);
  });

  it.each([
    ['their job', job('notes', '/other.db', 'drive')],
    ['their job, in other letters', job('NOTES', '/other.db', 'drive')],
    ['their source', job('mail', '/n.db', 'drive')],
    ['a destination', job('mail', '/m.db', 'drive', 'usb')],
  ])('wait for one another where they share %s', async (_, other) => {
    const bench = new Bench();
    const all = [bench.start('a', notes), bench.start('b', other)];
    await settled();
    expect([bench.running, bench.queue.isBusy('notes'), bench.queue.isBusy(other.name)]).toEqual([['a'], true, true]);
    await bench.end('a');
    expect(bench.running).toEqual(['b']);
    await bench.end('b');
    await Promise.all(all);
    expect([bench.queue.isBusy('notes'), bench.queue.isBusy(other.name)]).toEqual([false, false]);
  });

  it('are not overtaken by later ones that would take what they wait for', async () => {
    const bench = new Bench();
    const all = [
      bench.start('a', job('a', '/a', 'x')),
      bench.start('b', job('b', '/b', 'x', 'y')),
      bench.start('c', job('c', '/c', 'y')),
      bench.start('d', job('d', '/d', 'z')),
    ];
    await settled();
    expect(bench.running).toEqual(['a', 'd']);
    await bench.end('a');
    expect(bench.running).toEqual(['d', 'b']);
    await bench.end('b');
    expect(bench.running).toEqual(['d', 'c']);
    for (const label of ['c', 'd']) await bench.end(label);
    await Promise.all(all);
  });

  it('that fail let the next one begin', async () => {
    const bench = new Bench();
    const first = bench.start('a', notes);
    const second = bench.start('b', notes);
    await settled();
    await bench.end('a', new Error('no'));
    await expect(first).rejects.toThrow('no');
    expect(bench.running).toEqual(['b']);
    await bench.end('b');
    await second;
  });

  it('that are cancelled while they wait never begin, and what waits behind them does', async () => {
    const bench = new Bench();
    const cancel = new AbortController();
    const first = bench.start('a', job('a', '/a', 'x'));
    const second = bench.start('b', job('b', '/b', 'x', 'y'), cancel.signal);
    const third = bench.start('c', job('c', '/c', 'y'));
    await settled();
    cancel.abort(new Error('changed my mind'));
    await expect(second).rejects.toThrow('changed my mind');
    expect([bench.running, bench.queue.isBusy('b')]).toEqual([['a', 'c'], false]);
    await expect(bench.start('d', notes, cancel.signal)).rejects.toThrow('changed my mind');
    for (const label of ['a', 'c']) await bench.end(label);
    await Promise.all([first, third]);
  });

  it('never share anything, all end, and none is forgotten', async () => {
    const arbitraryJobs = fc.array(
      fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), places: fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { minLength: 1 }) }),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(arbitraryJobs, fc.infiniteStream(fc.nat()), async (specs, order) => {
        const bench = new Bench();
        const jobs = specs.map(({ name, places }) => job(name, `/${name}`, ...places));
        const all = jobs.map((each, at) => bench.start(`${at}`, each));
        await settled();
        for (let left = jobs.length; left > 0; left--) {
          const uses = bench.running.flatMap((label) => [jobs[Number(label)]?.name, ...(specs[Number(label)]?.places ?? [])]);
          expect(new Set(uses).size).toBe(uses.length);
          expect(bench.running.length).toBeGreaterThan(0);
          await bench.end(bench.running[(order.next().value ?? 0) % bench.running.length] as string);
        }
        await Promise.all(all);
      }),
    );
  });
});
