import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ErrorFacts } from '../../electron/domain/errors.ts';
import type { GitItem, ItemIntent } from '../../electron/domain/git-item.ts';
import { openQueue } from '../support/git-queue.ts';

const names = ['a', 'b', 'c'] as const;
type Name = (typeof names)[number];

/** One call of the queue, or what happens around it. */
type Command =
  | { readonly call: 'intend' | 'enqueue' | 'disable'; readonly item: Name; readonly paths: readonly string[]; readonly reason: string }
  | { readonly call: 'requeue'; readonly scope: 'everything' | 'due' }
  | { readonly call: 'take'; readonly limit: number }
  | { readonly call: 'setCommitted'; readonly items: readonly Name[] }
  | { readonly call: 'succeed'; readonly items: readonly Name[]; readonly pushed: boolean }
  | { readonly call: 'fail'; readonly items: readonly Name[]; readonly waitMs: number | null }
  | { readonly call: 'block'; readonly states: 'running' | 'waiting'; readonly waitMs: number }
  | { readonly call: 'release' | 'restart' | 'wait' };

const some = fc.subarray([...names], { minLength: 1 });
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    arbitrary: fc.record({
      call: fc.constantFrom('intend' as const, 'enqueue' as const, 'enqueue' as const, 'disable' as const),
      item: fc.constantFrom(...names),
      paths: fc.subarray(['x', 'y', 'z'], { minLength: 1 }).chain((paths) => fc.shuffledSubarray(paths, { minLength: paths.length })),
      reason: fc.constantFrom('created', 'changed'),
    }),
    weight: 5,
  },
  { arbitrary: fc.record({ call: fc.constant('take' as const), limit: fc.integer({ min: 1, max: 3 }) }), weight: 4 },
  { arbitrary: fc.record({ call: fc.constant('succeed' as const), items: some, pushed: fc.boolean() }), weight: 4 },
  fc.record({ call: fc.constant('requeue' as const), scope: fc.constantFrom('everything' as const, 'due' as const) }),
  fc.record({ call: fc.constant('setCommitted' as const), items: some }),
  { arbitrary: fc.record({ call: fc.constant('fail' as const), items: some, waitMs: fc.constantFrom(null, 0, 2, 5) }), weight: 2 },
  fc.record({
    call: fc.constant('block' as const),
    states: fc.constantFrom('running' as const, 'waiting' as const),
    waitMs: fc.constantFrom(0, 2, 5),
  }),
  fc.record({ call: fc.constantFrom('release' as const, 'restart' as const, 'wait' as const) }),
);

/** What the rules say of an item. */
interface Known extends Omit<GitItem, 'committed'> {
  /** Enqueued since it was taken. */
  readonly asked: boolean;
  /** Announced, and neither enqueued nor looked at as a whole since. */
  readonly announced: boolean;
  readonly failures: number;
  readonly retryAtMs: number | null;
}

const errorOf = (atMs: number): ErrorFacts => ({ code: 'git-failed', message: `failed at ${atMs}` });

/** The rules once more, for plain objects. */
class Model {
  readonly items = new Map<string, Known>();
  storeRetryAtMs: number | null = null;

  ask(call: 'intend' | 'enqueue' | 'disable', { item, paths, reason }: ItemIntent, atMs: number): void {
    const before = this.items.get(item);
    const isRunning = before?.state === 'running';
    const kept = before === undefined || before.state === 'success' ? [] : before.paths;
    const states = {
      intend: isRunning || before?.state === 'queued' ? before.state : 'pending',
      enqueue: isRunning ? before.state : 'queued',
      disable: 'disabled',
    } as const;
    this.items.set(item, {
      ...{ item, reason, state: states[call], paths: [...kept, ...paths.filter((path) => !kept.includes(path))] },
      ...{ lastBackupAtMs: before?.lastBackupAtMs ?? null, lastError: before?.lastError ?? null, pushed: false, updatedAtMs: atMs },
      asked: call === 'enqueue' || (call === 'intend' && (before?.asked ?? false)),
      announced: call === 'intend',
      found: false,
      failures: before?.failures ?? 0,
      retryAtMs: null,
    });
  }

  isDue({ retryAtMs, state }: Known, nowMs: number): boolean {
    return state === 'failed' && (retryAtMs ?? this.storeRetryAtMs ?? 0) <= nowMs;
  }

  take(limit: number): string[] {
    const queued = [...this.items.values()].filter(({ state }) => state === 'queued');
    const byAge = (a: Known, b: Known) => a.updatedAtMs - b.updatedAtMs || a.item.localeCompare(b.item);
    const taken = queued.toSorted((a, b) => a.failures - b.failures || byAge(a, b)).slice(0, limit);
    for (const { item } of taken) this.change(item, { state: 'running', asked: false });
    return taken.toSorted(byAge).map(({ item }) => item);
  }

  change(item: string, change: Partial<Known>): void {
    const before = this.items.get(item);
    if (before !== undefined) this.items.set(item, { ...before, ...change });
  }

  running(items: readonly string[] = names): Known[] {
    return items.flatMap((name) => this.items.get(name) ?? []).filter(({ state }) => state === 'running');
  }
}

type Queue = ReturnType<typeof openQueue>;

/** Does the same to both. */
function act(command: Command, { catalog, queue, database }: Queue, model: Model, nowMs: number): void {
  switch (command.call) {
    case 'intend':
    case 'enqueue':
    case 'disable': {
      const { call, ...intent } = command;
      if (call === 'intend') queue.intend(intent, nowMs);
      else queue[call]([intent], nowMs);
      model.ask(call, intent, nowMs);
      return;
    }
    case 'requeue': {
      const isAsked = (known: Known) =>
        command.scope === 'due' ? model.isDue(known, nowMs) : ['pending', 'failed', 'disabled'].includes(known.state);
      const asked = [...model.items.values()].filter(isAsked);
      expect(queue.requeue(command.scope, nowMs)).toBe(asked.length);
      for (const { item } of asked) {
        const flag = database.prepare('SELECT intended FROM git_item WHERE item = ?').pluck().get(item);
        // Whether a retry ends an intent is not decided here.
        model.change(item, { state: 'queued', announced: command.scope === 'due' && flag === 1 });
      }
      return;
    }
    case 'take':
      expect(queue.take(command.limit).map(({ item }) => item)).toEqual(model.take(command.limit));
      return;
    case 'setCommitted':
      queue.setCommitted(command.items);
      return;
    case 'succeed':
      queue.succeed(command.items, command.pushed, nowMs);
      for (const { announced, asked, item } of model.running(command.items)) {
        const state = announced ? 'pending' : 'success';
        const pushed = command.pushed && !asked && !announced;
        model.change(item, {
          state: asked ? 'queued' : state,
          pushed,
          lastBackupAtMs: nowMs,
          lastError: null,
          failures: 0,
          retryAtMs: null,
        });
      }
      return;
    case 'fail': {
      const retryAtMs = command.waitMs === null ? null : nowMs + command.waitMs;
      queue.fail(command.items, { error: errorOf(nowMs), retryAtMs });
      for (const { announced, asked, failures, item } of model.running(command.items)) {
        const state = announced ? 'pending' : 'failed';
        model.change(item, {
          state: asked ? 'queued' : state,
          lastError: errorOf(nowMs),
          failures: failures + 1,
          retryAtMs,
          pushed: false,
        });
      }
      return;
    }
    case 'block': {
      queue.block(errorOf(nowMs), command.states);
      const blocked = [...model.items.values()].filter(
        ({ state }) => state === 'running' || (command.states === 'waiting' && state === 'queued'),
      );
      for (const { asked, item, state } of blocked) {
        const isFollowedUp = asked && state === 'running';
        model.change(item, { state: isFollowedUp ? 'queued' : 'failed', lastError: errorOf(nowMs), retryAtMs: null });
      }
      model.storeRetryAtMs = nowMs + command.waitMs;
      queue.setRecord({ retryAtMs: model.storeRetryAtMs });
      return;
    }
    case 'release':
    case 'restart':
      if (command.call === 'release') queue.release();
      else catalog.requeueRunning();
      for (const { item } of model.running()) model.change(item, { state: 'queued' });
      return;
    case 'wait':
      return;
  }
}

function check({ queue }: Queue, model: Model): void {
  const items = queue.items();
  const visible = [...model.items.values()].map(({ announced, asked, failures, retryAtMs, ...known }) => known);
  expect(items.map(({ committed, ...known }) => known)).toEqual(visible.toSorted((a, b) => a.item.localeCompare(b.item)));
  for (const { committed, item, pushed, state } of items) {
    const known = model.items.get(item);
    // The rule that all of it is for (S2-11, S2-19).
    if (state === 'success') expect({ item, asked: known?.asked, announced: known?.announced, committed }).toMatchObject({ ...calm, item });
    if (pushed) expect({ item, state, committed }).toEqual({ item, state: 'success', committed: true });
  }
}

const calm = { asked: false, announced: false, committed: true };

it('the queue follows its rules, and nothing that was asked for after it was taken is ever a success', () => {
  const timed = fc.tuple(command, fc.integer({ min: 0, max: 2 }));
  const run = fc.property(fc.array(timed, { minLength: 10, maxLength: 60, size: 'max' }), (commands) => {
    const queue = openQueue();
    try {
      const model = new Model();
      let nowMs = 1;
      for (const [each, passedMs] of commands) {
        nowMs += passedMs;
        act(each, queue, model, nowMs);
        check(queue, model);
      }
      // Nothing is ever lost: a dead engine, one look at everything, and all of it is safe.
      queue.catalog.requeueRunning();
      queue.queue.requeue('everything', nowMs);
      for (let round = 0; round < 2; round += 1) {
        queue.queue.succeed(
          queue.queue.take(10).map(({ item }) => item),
          true,
          nowMs,
        );
        queue.queue.requeue('everything', nowMs);
      }
      expect(queue.queue.unfinished()).toEqual([]);
    } finally {
      queue.database.close();
    }
  });
  fc.assert(run, { numRuns: 500 });
});
