import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseSize } from '../../electron/domain/size.ts';
import { formatBytes } from '../../electron/domain/units.ts';

it.each([
  ['2 GB', 2_000_000_000],
  ['2gb', 2_000_000_000],
  ['1.5 GB', 1_500_000_000],
  ['500 MB', 500_000_000],
  ['500 kB', 500_000],
  ['3T', 3_000_000_000_000],
  ['512 MiB', 536_870_912],
  ['1 GiB', 1_073_741_824],
  ['1,000,000', 1_000_000],
  ['1,500 MB', 1_500_000_000],
  ['0', 0],
  ['12 B', 12],
  ['12 bytes', 12],
  ['  7 MB  ', 7_000_000],
])('%s is %d bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

it.each(['', 'GB', '-1 GB', '2 XB', 'two GB', '1,5 GB', '2 GB free', '1e9', '99999999 TB', '1.2.3 MB'])('"%s" is no size', (text) => {
  expect(parseSize(text)).toBe(null);
});

it('reads what the window shows, to the digits that are shown', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9_000_000_000_000 }), (bytes) => {
      expect(formatBytes(parseSize(formatBytes(bytes)) ?? -1)).toBe(formatBytes(bytes));
    }),
  );
});
