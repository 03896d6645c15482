import { expect, it } from 'vitest';
import type { RunStep, StepName } from '../../electron/domain/model.ts';
import { describeFacts, describeStep } from '../../electron/domain/step-words.ts';

function step(name: StepName, facts: RunStep['facts']): Pick<RunStep, 'name' | 'facts'> {
  return { name, facts };
}

it('says what a step was about', () => {
  const facts = {
    ...{ rawBytes: 5_240_000_000, walBytes: 0, 'needs on /': 7_400_000_000, restarts: 0, method: 'online', removed: 1234, other: 'x' },
  };
  expect([
    describeStep(step('send', { destination: 'usb' })),
    describeStep(step('guard', {})),
    describeFacts(step('guard', facts)),
  ]).toEqual([
    'Sending to usb',
    'Looking at source, disks and destinations',
    ['database 5.24 GB', '7.4 GB needed on /', 'no restart', 'while it was in use', '1,234 expired', 'other x'],
  ]);
});

it('says what a delta is on and how much of it has changed, and why a full is one', () => {
  const compared = step('delta', { base: '2026-11-01.db.gz', pages: 1447, changedPages: 40 });
  const full = step('compress', { full: 'there is no full snapshot yet', bytes: 5_000_000 });
  expect([describeStep(compared), describeFacts(compared), describeStep(full), describeFacts(full)]).toEqual([
    'Finding what has changed since 2026-11-01.db.gz',
    ['40 of 1,447 pages changed'],
    'Compressing',
    ['full: there is no full snapshot yet', '5 MB'],
  ]);
  // One that came to nothing has found no pages.
  expect(describeFacts(step('delta', { base: '2026-11-01.db.gz' }))).toEqual([]);
});
