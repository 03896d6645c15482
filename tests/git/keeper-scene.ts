import { rename } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'vitest';
import type { EngineEvent } from '../../electron/domain/engine-event.ts';
import type { GitJob, Run } from '../../electron/domain/model.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import type { Clock } from '../../electron/engine/ports.ts';
import { type KeeperOptions, keepStores, type StoreKeeper } from '../../electron/engine/schedule/store-keeper.ts';
import { makeStoreScene, type StoreScene } from '../support/store-scene.ts';

/** The machine's clock, but a test may let time pass. */
export interface SkippingClock extends Clock {
  /** Sets the clock forward; whoever sleeps until then wakes. */
  skip(ms: number): void;
  /** For how long each sleep was meant, in their order. */
  readonly sleeps: readonly number[];
}

export function skippingClock(): SkippingClock {
  const sleepers = new Set<() => void>();
  let skippedMs = 0;
  const sleeps: number[] = [];
  const now = () => systemClock.now() + skippedMs;
  return {
    ...systemClock,
    now,
    sleeps,
    skip: (ms) => {
      skippedMs += ms;
      for (const wake of sleepers) wake();
    },
    sleep: async (ms, signal) => {
      sleeps.push(ms);
      signal?.throwIfAborted();
      for (const untilMs = now() + ms; now() < untilMs; ) {
        const woken = new AbortController();
        const wake = () => woken.abort();
        sleepers.add(wake);
        const either = signal === undefined ? woken.signal : AbortSignal.any([signal, woken.signal]);
        await systemClock.sleep(untilMs - now(), either).catch(() => signal?.throwIfAborted());
        sleepers.delete(wake);
      }
    },
  };
}

/** What happens in an engine, each event once and in its order. */
export interface Events {
  /** Resolves to the next event that is of this kind, and drops those before it. Rejects where it does not come for long. */
  next(isMeant: (event: EngineEvent) => boolean, what?: string): Promise<EngineEvent>;
  /** Resolves to the next run that has ended. */
  run(): Promise<Run>;
  /** Resolves when items wait that did not before. */
  queued(): Promise<EngineEvent>;
}

/** Far longer than anything takes on a busy machine. */
const patienceMs = 60_000;

export function listenTo(engine: Engine): Events {
  const heard: EngineEvent[] = [];
  let bell = Promise.withResolvers<void>();
  engine.listen((event) => {
    heard.push(event);
    bell.resolve();
    bell = Promise.withResolvers<void>();
  });
  const next: Events['next'] = async (isMeant, what = 'the event') => {
    const over = AbortSignal.timeout(patienceMs);
    const tooLate = new Promise<never>((_, reject) => over.addEventListener('abort', () => reject(new Error(`${what} did not come`))));
    tooLate.catch(() => {}); // It has come before.
    for (;;) {
      const event = heard.shift();
      if (event === undefined) await Promise.race([bell.promise, tooLate]);
      else if (isMeant(event)) return event;
    }
  };
  return {
    next,
    run: async () => {
      const event = await next(({ type }) => type === 'run-finished', 'the end of a run');
      // Whoever worked in it has seen its end as well by then, and waits.
      await nextTurn();
      return engine.catalog.run(event.type === 'run-finished' ? event.runId : '') as Run;
    },
    queued: () => next(({ type }) => type === 'items-queued', 'a change'),
  };
}

/** Settles soon: a test waits for it. */
const quietMs = 100;

/** Keeps stores until it is disposed of. */
export function keep(engine: Engine, jobs: readonly GitJob[], options: KeeperOptions = {}): StoreKeeper & AsyncDisposable {
  const keeper = keepStores(engine, jobs, { quietMs, ...options });
  return { ...keeper, [Symbol.asyncDispose]: () => keeper.close() };
}

/** A scene whose clock can be set forward, with everything of the store at the remote. */
export async function makeKeptScene(...[options = {}]: Parameters<typeof makeStoreScene>) {
  const clock = skippingClock();
  const scene = await makeStoreScene({ ...options, ports: { clock, ...options.ports } });
  return Object.assign(scene, { clock });
}

/** The person is in the middle of a merge with a conflict outside the store. */
export async function beginMerge({ repository }: StoreScene): Promise<void> {
  await repository.git('switch', '--quiet', '-c', 'topic');
  await repository.write({ 'README.md': 'theirs\n' });
  await repository.git('commit', '--quiet', '-m', 'theirs', '--', 'README.md');
  await repository.git('switch', '--quiet', 'main');
  await repository.write({ 'README.md': 'ours\n' });
  await repository.git('commit', '--quiet', '-m', 'ours', '--', 'README.md');
  await expect(repository.git('merge', 'topic')).rejects.toThrow();
}

/** Every run of the job with what became of it, oldest first. */
export function runsOf({ engine }: StoreScene, job = 'notes'): string[] {
  const runs = engine.catalog.runs({ job }).toReversed();
  return runs.map(({ error, status, trigger }) => [status, trigger, ...(error ? [error.code] : [])].join(' '));
}

export function moveRemote({ repository }: StoreScene, to: 'away' | 'back'): Promise<void> {
  const away = `${repository.remote}.away`;
  return to === 'away' ? rename(repository.remote, away) : rename(away, repository.remote);
}

export async function expectAllSafe(scene: StoreScene): Promise<void> {
  expect(new Set(Object.values(scene.states()))).toEqual(new Set(['success']));
  expect(await scene.remoteHead()).toBe(await scene.head());
  expect(await scene.repository.git('status', '--porcelain', '--', 'notes')).toBe('');
}

/** Writes a file of the store. Resolves when the keeper has asked for its backup. */
export async function writeAsked(scene: StoreScene, events: Events, name: string): Promise<void> {
  await scene.repository.write({ [name]: 'x' });
  while (scene.states()[name] === undefined) await events.queued();
}
