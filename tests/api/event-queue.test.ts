import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../electron/api/event-queue.ts';
import type { RunEvent } from '../../electron/domain/run-event.ts';

type Action = { readonly push: RunEvent } | 'read';

const runId = fc.constantFrom('run-a', 'run-b');
const step = fc.constantFrom('send', 'compress') satisfies fc.Arbitrary<string>;
const warning = fc.record({ type: fc.constant('warning'), runId, message: fc.string(), atMs: fc.nat() });
const progress = fc.record({ type: fc.constant('step-progress'), runId, step, atMs: fc.nat(), doneBytes: fc.nat(), totalBytes: fc.nat() });
const action = fc.oneof(
  fc.constant('read' as const),
  fc.oneof(warning, progress).map((event) => ({ push: event as RunEvent })),
);

const isWarning = ({ type }: RunEvent) => type === 'warning';
const stepOf = (event: RunEvent) => (event.type === 'step-progress' ? `${event.runId} ${event.step}` : '');

/** Plays the actions; every read takes one event, where one waits. */
async function play(actions: readonly Action[]): Promise<{ pushed: RunEvent[]; seen: RunEvent[]; mostWaiting: number }> {
  const queue = new EventQueue<RunEvent>();
  const reader = queue.read();
  const pushed: RunEvent[] = [];
  const seen: RunEvent[] = [];
  const reads: Promise<unknown>[] = [];
  for (const each of actions) {
    if (each === 'read') reads.push(reader.next().then(({ value }) => value && seen.push(value)));
    else {
      queue.push(each.push);
      pushed.push(each.push);
    }
  }
  queue.end();
  await Promise.all(reads);
  const rest: RunEvent[] = [];
  for await (const event of reader) rest.push(event);
  return { pushed, seen: [...seen, ...rest], mostWaiting: rest.length };
}

describe('events on their way to a reader', () => {
  it('come in their order and once, whenever they are read; of the progress of a step the last one always does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
        const { pushed, seen } = await play(actions);
        expect(seen.filter(isWarning)).toEqual(pushed.filter(isWarning));
        const places = seen.map((event) => pushed.indexOf(event));
        expect(places).toEqual(places.toSorted((a, b) => a - b));
        expect(new Set(places).size).toBe(places.length);
        for (const key of new Set(pushed.map(stepOf))) {
          if (key !== '') expect(seen.findLast((event) => stepOf(event) === key)).toBe(pushed.findLast((event) => stepOf(event) === key));
        }
      }),
    );
  });

  it('wait in bounded numbers: no more of them are old progress than there are steps', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
        const { mostWaiting, pushed } = await play(actions.filter((each) => each !== 'read'));
        expect(mostWaiting).toBe(pushed.filter(isWarning).length + new Set(pushed.map(stepOf).filter((key) => key !== '')).size);
      }),
    );
  });

  it('are over for good at the end', async () => {
    const queue = new EventQueue<RunEvent>();
    queue.end();
    queue.push({ type: 'warning', runId: 'run-a', message: 'late', atMs: 0 });
    expect(await queue.read().next()).toEqual({ done: true, value: undefined });
  });
});
