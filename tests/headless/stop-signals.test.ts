import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { echoMs } from '../../electron/engine/platform/ctrl-c.ts';
import { listenForStop } from '../../electron/headless/stop-signals.ts';
import { ManualClock } from '../support/manual-clock.ts';

/** A process that ends in the ordinary way at a signal that nobody takes. */
function standIn() {
  const source = new EventEmitter();
  const clock = new ManualClock(0);
  return { clock, source, stop: listenForStop(source, clock), takes: (signal: string) => source.emit(signal) };
}

it('takes the first signal for a wish to stop, and what npx passes on beside the terminal for the same one', () => {
  const { stop, takes } = standIn();
  const before = stop.signal.aborted;
  expect([before, takes('SIGINT'), stop.signal.aborted, takes('SIGINT'), takes('SIGTERM')]).toEqual([false, true, true, true, true]);
});

it('leaves a later one to end the process', async () => {
  const { clock, takes } = standIn();
  takes('SIGINT');
  await clock.pass(echoMs - 1);
  const soon = takes('SIGINT');
  await clock.pass(1);
  expect([soon, takes('SIGINT'), takes('SIGTERM')]).toEqual([true, false, false]);
});

it('takes none any more when it is closed, before and after a signal', () => {
  const unasked = standIn();
  unasked.stop.close();
  const asked = standIn();
  asked.takes('SIGTERM');
  asked.stop.close();
  expect([unasked, asked].map(({ source }) => source.eventNames())).toEqual([[], []]);
});
