import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Job, jobSchema } from '../../electron/domain/model.ts';
import { typedAddress, typedCommand, typedRate, typedSize, typedWhole, writeCommand } from '../../renderer/pages/settings/setting-text.ts';
import { describeRule, limitOf, ruleOf, sharedBy, type TransferLimit } from '../../renderer/pages/settings/shared-rules.ts';

it.each([
  [typedSize('2 GB'), { value: 2_000_000_000 }],
  [typedSize('0'), { value: 0 }],
  [typedSize(' 5 '), { problem: '"5" of what? Write it as 5 GB or 5 MB' }],
  [typedSize('much'), { problem: '"much" is not a size: write it as 2 GB or 500 MB' }],
  [typedRate('2 MB/s'), { value: 2_000_000 }],
  [typedRate('500 kB a second'), { value: 500_000 }],
  [typedRate('1 B'), { problem: 'Give at least 2 kB a second' }],
  [typedWhole(' 7 ', 0, 3650), { value: 7 }],
  [typedWhole('7.5', 0, 3650), { problem: 'Give a whole number from 0 to 3650' }],
  [typedWhole('0', 1, 9), { problem: 'Give a whole number from 1 to 9' }],
  [typedAddress(' '), { value: null }],
  [typedAddress('https://example.org/a?b=c'), { value: 'https://example.org/a?b=c' }],
  [typedAddress('example'), { problem: '"example" is not an address: write it as https://example.org/hook' }],
  [typedCommand(''), { value: null }],
  [typedCommand('/usr/bin/tell  me "now or never"'), { value: ['/usr/bin/tell', 'me', 'now or never'] }],
  [typedCommand('say \'it is "late"\''), { value: ['say', 'it is "late"'] }],
  [typedCommand('say "never'), { problem: 'A quotation mark is open, or stands within a word' }],
  [typedCommand('say ""'), { problem: 'An argument cannot be empty' }],
])('reads what was typed (%#)', (typed, expected) => {
  expect(typed).toEqual(expected);
});

it('writes a command so that it reads the same', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1 }), (words) => {
      expect(typedCommand(writeCommand(words))).toEqual({ value: words });
    }),
  );
});

function job(name: string, bandwidth: TransferLimit): Job {
  return jobSchema.parse({
    ...{ name, destinations: ['usb'], retention: {}, schedule: { cron: '17 3 * * *', zone: 'UTC' } },
    source: { kind: 'sqlite', path: `/data/${name}.db` },
    rules: { bandwidth: ruleOf(bandwidth) },
  });
}

it('says what all jobs have, and that they differ', () => {
  const always = { kind: 'always', bytesPerSecond: 2_000_000 } as const;
  const hours = { kind: 'hours', from: '08:00', to: '18:00', bytesPerSecond: 500_000 } as const;
  const read = ({ rules }: Job) => rules.bandwidth;
  expect(sharedBy([job('a', always), job('b', always)], read, [])).toEqual({ kind: 'same', value: ruleOf(always) });
  expect(sharedBy([job('a', always), job('b', hours)], read, [])).toEqual({ kind: 'mixed' });
  expect(sharedBy([], read, [])).toEqual({ kind: 'same', value: [] });
  expect([always, hours, { kind: 'none' } as const].map((limit) => limitOf(ruleOf(limit)))).toEqual([always, hours, { kind: 'none' }]);
  expect(limitOf([...ruleOf(always), ...ruleOf(hours)])).toBe(null);
  expect(describeRule([...ruleOf(always), ...ruleOf(hours)])).toBe('at most 2 MB/s, at most 500 kB/s from 08:00 to 18:00');
});
