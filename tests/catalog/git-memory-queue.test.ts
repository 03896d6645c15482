import { beforeEach, describe, expect, it } from 'vitest';
import type { GitItem, ItemState } from '../../electron/domain/git-item.ts';
import type { Catalog } from '../../electron/engine/catalog/catalog.ts';
import type { GitMemory } from '../../electron/engine/catalog/git-memory.ts';
import { asking, countsOf, itemError, openQueue, repositoryError, waysTo } from '../support/git-queue.ts';

let catalog: Catalog;
let queue: GitMemory;

beforeEach(() => {
  const opened = openQueue();
  ({ catalog, queue } = opened);
  return () => opened.database.close();
});

const item = (name = 'a'): GitItem => queue.item(name) as GitItem;
const state = (name = 'a') => item(name).state;
const states = () => queue.items().map((each) => `${each.item} ${each.state}`);
const eachState = Object.keys(waysTo) as ItemState[];

describe('requeue', () => {
  it.each<[from: ItemState, everything: boolean, due: boolean]>([
    ['pending', true, false],
    ['queued', false, false],
    ['running', false, false],
    ['success', false, false],
    ['failed', true, true],
    ['disabled', true, false],
  ])('accepts one that is %s again: everything %s, due %s', (from, everything, due) => {
    for (const [scope, expected] of [['everything', everything] as const, ['due', due] as const]) {
      queue.forget();
      waysTo[from](queue);
      expect(queue.requeue(scope, 1000)).toBe(expected ? 1 : 0);
      expect(state()).toBe(expected ? 'queued' : from);
    }
  });

  it.each<[own: number | null, store: number | null, dueMs: number]>([
    [50, null, 50],
    // What is wrong with an item does not get better with its repository, nor worse.
    [50, 500, 50],
    [50, 5, 50],
    [null, 50, 50],
    [null, null, 0],
  ])('takes what is due at its own time %j, else at that of the repository %j', (own, store, dueMs) => {
    waysTo.running(queue);
    queue.fail(['a'], { error: itemError, retryAtMs: own });
    queue.setRecord({ retryAtMs: store });
    expect(queue.nextRetryMs()).toBe(dueMs);
    if (dueMs > 0) expect([queue.requeue('due', dueMs - 1), state()]).toEqual([0, 'failed']);
    expect([queue.requeue('due', dueMs), state()]).toEqual([1, 'queued']);
    expect(queue.nextRetryMs()).toBeNull();
  });

  it('gives what the repository stopped the time of the repository, whatever it had itself', () => {
    waysTo.failed(queue);
    queue.requeue('everything', 0);
    queue.block(repositoryError, 'waiting');
    queue.setRecord({ retryAtMs: 700 });
    expect(queue.nextRetryMs()).toBe(700);
    expect(queue.requeue('due', 699)).toBe(0);
  });

  it('keeps times and paths, and asks for nothing anew', () => {
    waysTo.failed(queue);
    const before = item();
    queue.requeue('due', 50);
    expect(item()).toEqual({ ...before, state: 'queued' });
  });

  it('ends an intent: what was written is looked at now', () => {
    waysTo.pending(queue);
    queue.requeue('everything', 0);
    queue.take(1);
    queue.succeed(['a'], true, 30);
    expect(state()).toBe('success');
  });
});

describe('take', () => {
  it('takes what has waited longest, by its name where that is the same, and not more than it may (S2-28)', () => {
    queue.enqueue([asking('x', 'why', 'c'), asking('x', 'why', 'b')], 2);
    queue.enqueue([asking('x', 'why', 'd')], 1);
    queue.enqueue([asking('x', 'why', 'a')], 3);
    expect(queue.take(3).map((each) => [each.item, each.state])).toEqual([
      ['d', 'running'],
      ['b', 'running'],
      ['c', 'running'],
    ]);
    expect(states()).toEqual(['a queued', 'b running', 'c running', 'd running']);
    expect([queue.hasQueued(), queue.take(3).map((each) => each.item), queue.hasQueued(), queue.take(3)]).toEqual([true, ['a'], false, []]);
  });

  it.each(eachState.filter((from) => from !== 'queued'))('takes nothing that is %s', (from) => {
    waysTo[from](queue);
    expect([queue.hasQueued(), queue.take(9), state()]).toEqual([false, [], from]);
  });

  it('gives what it took back to the queue where the engine died (S2-29)', () => {
    waysTo.running(queue);
    catalog.git('books').enqueue([asking('x')], 1);
    catalog.git('books').take(1);
    catalog.requeueRunning();
    expect([state(), catalog.git('books').item('a')?.state]).toEqual(['queued', 'queued']);
  });
});

describe('a queue', () => {
  it('is of one job: others are as they were', () => {
    const books = catalog.git('books');
    for (const [at, name] of ['a', 'b', 'c', 'd'].entries()) books.enqueue([asking('x', 'why', name)], at);
    books.take(3);
    books.fail(['b'], { error: itemError, retryAtMs: 1 });
    books.succeed(['c'], true, 1);
    books.setRecord({ failures: 3, retryAtMs: 1, safeAtMs: 2 });
    const before = [books.items(), books.record()];
    for (const way of Object.values(waysTo)) way(queue);
    queue.requeue('everything', 1000);
    queue.requeue('due', 1000);
    queue.take(10);
    queue.setCommitted(['a', 'b', 'c', 'd']);
    queue.succeed(['a', 'b', 'c', 'd'], true, 99);
    queue.fail(['a', 'b', 'c', 'd'], { error: repositoryError, retryAtMs: 99 });
    queue.block(repositoryError, 'waiting');
    queue.release();
    queue.setRecord({ failures: 9 });
    queue.forget();
    expect([books.items(), books.record()]).toEqual(before);
    expect([queue.items(), queue.record().failures]).toEqual([[], 0]);
  });

  it('counts its items, and lists what is not safe and what has failed in the order of the asking', () => {
    for (const [name, atMs] of Object.entries({ a: 4, b: 3, c: 2, d: 2, e: 1 })) queue.enqueue([asking('x', 'why', name)], atMs);
    queue.take(4);
    queue.succeed(['e'], true, 9);
    queue.fail(['b', 'c', 'd'], { error: itemError, retryAtMs: 9 });
    expect(countsOf(queue)).toEqual({ failed: 3, queued: 1, success: 1 });
    expect(queue.unfinished().map((each) => each.item)).toEqual(['c', 'd', 'b', 'a']);
    const failed = queue.unfinished().filter(({ state }) => state === 'failed');
    expect(failed.map((each) => each.item)).toEqual(['c', 'd', 'b']);
  });

  it('keeps what is known of the repository, and changes only what it is told to', () => {
    const nothing = { proof: null, problem: null, failures: 0, retryAtMs: null, safeAtMs: null };
    expect(queue.record()).toEqual(nothing);
    const proof = { commit: 'c1', branch: 'main', remoteHead: 'c2', atMs: 5 };
    const problem = { ...itemError, step: 'push' as const, atMs: 6 };
    queue.setRecord({ proof, safeAtMs: 7 });
    queue.setRecord({ problem, failures: 2, retryAtMs: 8 });
    expect(queue.record()).toEqual({ proof, problem, failures: 2, retryAtMs: 8, safeAtMs: 7 });
    queue.setRecord({ problem: null, failures: 0, retryAtMs: null });
    expect(queue.record()).toEqual({ ...nothing, proof, safeAtMs: 7 });
  });
});
