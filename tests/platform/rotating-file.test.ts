import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openRotatingFile, rotatedPaths } from '../../electron/engine/platform/rotating-file.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

const limits = { bytes: 100, files: 4 };

/** The text of every file that there is, oldest first. */
function contents(path: string, files = limits.files): string[] {
  return rotatedPaths(path, files)
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8'))
    .toReversed();
}

describe('a rotating file', () => {
  it('keeps the newest lines, in so many files of that size, for their owner alone', async () => {
    await using folder = await makeTempFolder();
    const path = join(folder.path, 'a.log');
    const file = openRotatingFile(path, limits);
    for (let n = 10; n < 100; n++) file.write(`line number ${n} of many\n`);
    file.close();
    const [oldest = '', ...others] = contents(path);
    expect(others.map((text) => text.length)).toEqual([92, 92, 46]);
    expect(oldest).toHaveLength(92);
    expect(contents(path).join('').match(/\d+/g)).toEqual(Array.from({ length: 14 }, (_, index) => String(86 + index)));
    expect(rotatedPaths(path, 4).map((each) => statSync(each).mode & 0o777)).toEqual([0o600, 0o600, 0o600, 0o600]);
    expect(existsSync(`${path}.4`)).toBe(false);
  });

  it('gives every line back, whole and in order, of any length and over any restarts', async () => {
    await using folder = await makeTempFolder();
    let round = 0;
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant('reopen'), fc.string({ unit: 'grapheme', maxLength: 60 })), { maxLength: 40 }),
        (actions) => {
          const path = join(folder.path, `${round++}.log`);
          const written: string[] = [];
          let file = openRotatingFile(path, { bytes: 200, files: 50 });
          for (const action of actions) {
            if (action === 'reopen') {
              file.close();
              file = openRotatingFile(path, { bytes: 200, files: 50 });
            } else {
              const line = `${action.replaceAll('\n', ' ')}|\n`;
              written.push(line);
              file.write(line);
            }
          }
          file.close();
          expect(contents(path, 50).join('')).toBe(written.join(''));
          for (const text of contents(path, 50)) expect(text.split('\n').length > 2 && Buffer.byteLength(text) > 200).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each([1, 2, 3, 4, 5, 6, 7].flatMap((n) => [[`before rename ${n}`] as const, [`after rename ${n}`] as const]))(
    'loses nothing when its process is killed %s',
    async (moment) => {
      await using folder = await makeTempFolder();
      const path = join(folder.path, 'a.log');
      const [where = '', , at = ''] = moment.split(' ');
      const script = join(import.meta.dirname, 'rotating-writer.ts');
      const killed = spawnSync(process.execPath, [script, path, '0', where, at], { encoding: 'utf8' });
      expect(killed.signal).toBe('SIGKILL');
      const last = Number(killed.stdout);
      const file = openRotatingFile(path, limits);
      for (let n = last + 1; n <= last + 9; n++) file.write(`line ${n}\n`);
      file.close();
      const numbers = contents(path).join('').match(/\d+/g)?.map(Number) ?? [];
      // Without a hole up to the last one, and from the first one on unless there are as many files as are kept.
      expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => last + 9 - numbers.length + 1 + index));
      expect(numbers[0] === 1 || contents(path).length === limits.files).toBe(true);
    },
  );

  it('begins a new line after one that was cut', async () => {
    await using folder = await makeTempFolder();
    const path = join(folder.path, 'a.log');
    writeFileSync(path, 'whole\nhal');
    const file = openRotatingFile(path, limits);
    file.write('next\n');
    file.write('last\n');
    file.close();
    expect(readFileSync(path, 'utf8')).toBe('whole\nhal\nnext\nlast\n');
  });

  it('goes on where somebody removes, cuts or opens up its file, and when it was closed writes nothing', async () => {
    await using folder = await makeTempFolder();
    const path = join(folder.path, 'a.log');
    const file = openRotatingFile(path, limits);
    file.write('one\n');
    rmSync(path);
    file.write('two\n');
    expect(readFileSync(path, 'utf8')).toBe('two\n');
    truncateSync(path);
    file.write('three\n');
    expect(readFileSync(path, 'utf8')).toBe('three\n');
    file.close();
    chmodSync(path, 0o644);
    openRotatingFile(path, limits).write('four\n');
    file.write('five\n');
    expect(readFileSync(path, 'utf8')).toBe('three\nfour\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('does not end the program where it cannot be turned over or written, and goes on when it can', async () => {
    await using folder = await makeTempFolder();
    const path = join(folder.path, 'a.log');
    const file = openRotatingFile(path, limits);
    file.write(`${'x'.repeat(90)}\n`);
    // A folder that is not empty cannot be replaced by a file.
    mkdirSync(join(folder.path, 'a.log.1', 'in-the-way'), { recursive: true });
    mkdirSync(join(folder.path, 'a.log.2', 'in-the-way'), { recursive: true });
    mkdirSync(join(folder.path, 'a.log.3', 'in-the-way'), { recursive: true });
    file.write(`${'y'.repeat(90)}\n`);
    expect(statSync(path).size).toBe(182);
    rmSync(join(folder.path, 'a.log.3'), { recursive: true });
    file.write(`${'z'.repeat(90)}\n`);
    expect([statSync(path).size, existsSync(`${path}.3`)]).toEqual([91, true]);

    const lost = openRotatingFile(join(folder.path, 'missing', 'b.log'), limits);
    lost.write('one\n');
    mkdirSync(join(folder.path, 'missing'));
    lost.write('two\n');
    appendFileSync(join(folder.path, 'missing', 'b.log'), 'three\n');
    expect(readFileSync(join(folder.path, 'missing', 'b.log'), 'utf8')).toBe('two\nthree\n');
  });
});
