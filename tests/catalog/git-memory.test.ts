import { beforeEach, describe, expect, it } from 'vitest';
import type { GitItem, ItemState } from '../../electron/domain/git-item.ts';
import type { Catalog } from '../../electron/engine/catalog/catalog.ts';
import type { GitMemory } from '../../electron/engine/catalog/git-memory.ts';
import { asking, itemError, openQueue, repositoryError, waysTo } from '../support/git-queue.ts';

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

describe('an item that is asked for', () => {
  it('begins as it is asked for, with nothing done', () => {
    const fresh = { lastBackupAtMs: null, lastError: null, found: false, committed: false, pushed: false, updatedAtMs: 1 };
    waysTo.queued(queue);
    expect(item()).toEqual({ ...asking('x'), ...fresh, state: 'queued' });
    queue.intend(asking('x', 'created', 'b'), 1);
    queue.disable([asking('x', 'created', 'c')], 1);
    expect(states()).toEqual(['a queued', 'b pending', 'c disabled']);
  });

  it.each<[from: ItemState, intended: ItemState, enqueued: ItemState, disabled: ItemState]>([
    ['pending', 'pending', 'queued', 'disabled'],
    ['queued', 'queued', 'queued', 'disabled'],
    ['running', 'running', 'running', 'disabled'],
    ['success', 'pending', 'queued', 'disabled'],
    ['failed', 'pending', 'queued', 'disabled'],
    ['disabled', 'pending', 'queued', 'disabled'],
  ])('from %s becomes %s by an intent, %s by an enqueue, %s where the job is off', (from, intended, enqueued, disabled) => {
    const found = (['intend', 'enqueue', 'disable'] as const).map((how) => {
      queue.forget();
      waysTo[from](queue);
      if (how === 'intend') queue.intend(asking('y', 'changed'), 20);
      else queue[how]([asking('y', 'changed')], 20);
      expect(item()).toMatchObject({ reason: 'changed', updatedAtMs: 20, pushed: false });
      return state();
    });
    expect(found).toEqual([intended, enqueued, disabled]);
  });

  it.each<[from: ItemState, before: string, asked: string, after: string]>([
    ['queued', 'zb', 'ab', 'zba'],
    ['queued', 'zb', 'zb', 'zb'],
    ['queued', 'ab', 'b', 'ab'],
    ['pending', 'zb', 'ab', 'zba'],
    ['running', 'zb', 'ab', 'zba'],
    ['failed', 'zb', 'ab', 'zba'],
    ['disabled', 'zb', 'ab', 'zba'],
    // What was backed up is over.
    ['success', 'zb', 'ab', 'ab'],
  ])('from %s with the paths %s and then %s has %s, in the order of the asking (S2-20)', (from, before, asked, after) => {
    queue.enqueue([asking(before)], 0);
    if (from === 'pending') {
      queue.forget();
      queue.intend(asking(before), 0);
    }
    if (from === 'disabled') queue.disable([asking(before)], 0);
    if (from === 'running' || from === 'failed' || from === 'success') queue.take(1);
    if (from === 'failed') queue.fail(['a'], { error: itemError, retryAtMs: null });
    if (from === 'success') queue.succeed(['a'], false, 5);
    expect(state()).toBe(from);
    queue.enqueue([asking(asked, 'newest')], 20);
    expect(item()).toMatchObject({ paths: [...after], reason: 'newest' });
  });

  it('has its time and error until there is a newer one, whatever is asked for (S2-10)', () => {
    waysTo.success(queue);
    for (const ask of [
      () => queue.enqueue([asking('y')], 20),
      () => queue.intend(asking('y'), 21),
      () => queue.disable([asking('y')], 22),
    ]) {
      ask();
      expect(item().lastBackupAtMs).toBe(10);
    }
    queue.enqueue([asking('y')], 23);
    queue.take(1);
    queue.fail(['a'], { error: itemError, retryAtMs: 99 });
    expect(item()).toMatchObject({ lastBackupAtMs: 10, lastError: itemError });
    queue.enqueue([asking('y')], 24);
    expect(item()).toMatchObject({ lastBackupAtMs: 10, lastError: itemError });
    expect(queue.nextRetryMs()).toBeNull();
  });

  it('is asked for together with others, or not at all', () => {
    const bad = { item: null as unknown as string, paths: ['x'], reason: 'why' };
    expect(() => queue.enqueue([asking('x'), bad], 1)).toThrow();
    expect(states()).toEqual([]);
  });
});

describe('an item that is asked for while it is running', () => {
  beforeEach(() => {
    queue.enqueue([asking('xy')], 1);
    queue.take(1);
  });

  const ends: readonly [how: string, end: () => void][] = [
    ['succeeds', () => queue.succeed(['a'], true, 30)],
    ['fails', () => queue.fail(['a'], { error: itemError, retryAtMs: 99 })],
    ['is stopped by its repository', () => queue.block(repositoryError, 'running')],
    ['is stopped by its repository with all that waits', () => queue.block(repositoryError, 'waiting')],
    ['is released', () => queue.release()],
    ['is found by the next start', () => catalog.requeueRunning()],
  ];

  it.each(ends.flatMap(([how, end]) => ['xy', 'x', 'z'].map((paths) => [how, paths, end] as const)))(
    'goes back to the queue when it %s, for the paths %s (S2-11, S2-19)',
    (_, paths, end) => {
      queue.enqueue([asking(paths, 'again')], 20);
      end();
      expect(item()).toMatchObject({ state: 'queued', paths: [...new Set(['x', 'y', ...paths])], reason: 'again', pushed: false });
      // Only once: nothing was asked for after it was taken again.
      queue.take(1);
      queue.succeed(['a'], true, 40);
      expect(item()).toMatchObject({ state: 'success', committed: true, pushed: true, lastBackupAtMs: 40 });
    },
  );

  it('by an intent is pending after a success and after a failure (S2-11)', () => {
    queue.intend(asking('x', 'about to change'), 20);
    queue.succeed(['a'], true, 30);
    expect(item()).toMatchObject({ state: 'pending', committed: false, pushed: false, lastBackupAtMs: 30, lastError: null });
    queue.enqueue([asking('x')], 31);
    queue.take(1);
    queue.intend(asking('x'), 32);
    queue.fail(['a'], { error: itemError, retryAtMs: 99 });
    expect(item()).toMatchObject({ state: 'pending', lastBackupAtMs: 30, lastError: itemError });
  });

  it('by an intent is no success by a retry alone: nobody has said yet that it is written (S2-11)', () => {
    queue.intend(asking('x', 'about to change'), 20);
    queue.block(repositoryError, 'running');
    queue.requeue('due', 1000);
    queue.take(1);
    queue.succeed(['a'], true, 1000);
    expect(item()).toMatchObject({ state: 'pending', committed: false, pushed: false });
  });

  it('by an intent and then by its enqueue goes back to the queue, and by both in turn, too', () => {
    queue.intend(asking('x'), 20);
    queue.enqueue([asking('x')], 21);
    queue.succeed(['a'], true, 30);
    expect(state()).toBe('queued');
    queue.take(1);
    queue.enqueue([asking('x')], 31);
    queue.intend(asking('x'), 32);
    queue.succeed(['a'], true, 40);
    expect(state()).toBe('queued');
    queue.take(1);
    queue.succeed(['a'], true, 50);
    // The second intent was never followed by anything.
    expect(state()).toBe('pending');
  });

  it('is disabled where the job was switched off meanwhile, whatever the run says', () => {
    queue.disable([asking('x')], 20);
    queue.succeed(['a'], true, 30);
    queue.fail(['a'], { error: itemError, retryAtMs: 99 });
    queue.block(repositoryError, 'waiting');
    queue.release();
    expect(item()).toMatchObject({ state: 'disabled', lastBackupAtMs: null, lastError: null });
  });
});

describe('what ends an item', () => {
  it.each(eachState.filter((from) => from !== 'running'))('does nothing to one that is %s', (from) => {
    waysTo[from](queue);
    const before = item();
    queue.setCommitted(['a']);
    queue.succeed(['a', 'unknown'], true, 30);
    queue.fail(['a', 'unknown'], { error: repositoryError, retryAtMs: 99 });
    queue.block(repositoryError, 'running');
    queue.release();
    catalog.requeueRunning();
    expect(item()).toEqual(before);
  });

  it('does nothing to a running one that is not named', () => {
    queue.enqueue([asking('x', 'created', 'a'), asking('x', 'created', 'b')], 1);
    queue.take(2);
    queue.setCommitted([]);
    queue.succeed(['a'], false, 30);
    queue.fail([], { error: itemError, retryAtMs: null });
    expect(states()).toEqual(['a success', 'b running']);
    expect([item('a').pushed, item('b').committed]).toEqual([false, false]);
  });

  it('as a success clears the error, and counts failures anew (S2-09)', () => {
    waysTo.failed(queue);
    expect([queue.failuresOf('a'), item().lastError]).toEqual([1, itemError]);
    queue.requeue('everything', 0);
    queue.take(1);
    queue.fail(['a'], { error: repositoryError, retryAtMs: 60 });
    expect([queue.failuresOf('a'), item().lastError, queue.nextRetryMs()]).toEqual([2, repositoryError, 60]);
    queue.requeue('everything', 0);
    queue.take(1);
    queue.succeed(['a'], true, 30);
    expect([queue.failuresOf('a'), item().lastError, queue.nextRetryMs()]).toEqual([0, null, null]);
    expect(queue.failuresOf('unknown')).toBe(0);
  });

  it('as a commit alone is no success', () => {
    waysTo.running(queue);
    queue.setCommitted(['a']);
    expect(item()).toMatchObject({ state: 'running', committed: true, pushed: false, lastBackupAtMs: null });
    queue.block(repositoryError, 'running');
    expect(item()).toMatchObject({ state: 'failed', committed: true, pushed: false, lastError: repositoryError });
    // What is asked for now is not in that commit.
    queue.enqueue([asking('x')], 20);
    expect(item()).toMatchObject({ committed: false, pushed: false });
  });

  it('as a failure says that the item as it was taken last is in no commit, also where it was in one before', () => {
    waysTo.running(queue);
    queue.setCommitted(['a']);
    queue.block(repositoryError, 'running');
    queue.requeue('everything', 0);
    queue.take(1);
    queue.fail(['a'], { error: itemError, retryAtMs: 99 });
    expect(item()).toMatchObject({ state: 'failed', committed: false });
  });

  it('because of the repository ends what is queued only where nothing can be worked on, and counts no failure of the items', () => {
    const all = () => {
      queue.forget();
      queue.enqueue([asking('x', 'created', 'a')], 1);
      queue.take(1);
      queue.enqueue([asking('x', 'created', 'b')], 2);
      queue.intend(asking('x', 'created', 'c'), 3);
      queue.disable([asking('x', 'created', 'd')], 4);
    };
    all();
    queue.block(repositoryError, 'running');
    expect(states()).toEqual(['a failed', 'b queued', 'c pending', 'd disabled']);
    all();
    queue.block(repositoryError, 'waiting');
    expect(states()).toEqual(['a failed', 'b failed', 'c pending', 'd disabled']);
    expect([item('a').lastError, item('b').lastError, item('c').lastError]).toEqual([repositoryError, repositoryError, null]);
    expect([queue.failuresOf('a'), queue.failuresOf('b')]).toEqual([0, 0]);
  });
});
