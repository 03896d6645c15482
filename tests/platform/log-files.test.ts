import { appendFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import { followLog, openLogReader } from '../../electron/engine/platform/log-files.ts';
import { openRotatingFile } from '../../electron/engine/platform/rotating-file.ts';
import type { Clock } from '../../electron/engine/ports.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

/** A clock whose waits last until they are ended: what goes on was told by the system. */
const endlessClock: Clock = {
  ...systemClock,
  sleep: (_, signal) => new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true })),
};

describe('reading a log', () => {
  it('gives each line once and in order, however reading, writing and turning over alternate', async () => {
    await using folder = await makeTempFolder();
    let round = 0;
    // Three lines fit into a file: of four files, at most ten lines may be written between two reads.
    const bursts = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(bursts, async (counts) => {
        const path = join(folder.path, `${round++}.log`);
        const file = openRotatingFile(path, { bytes: 24, files: 4 });
        const reader = openLogReader(path, 4);
        const read: string[] = [];
        let n = 0;
        for (const count of counts) {
          for (let i = 0; i < count; i++) file.write(`line ${String(n++).padStart(2, '0')}\n`);
          read.push(...(await reader.read()));
        }
        await reader.close();
        file.close();
        expect(read).toEqual(Array.from({ length: n }, (_, index) => `line ${String(index).padStart(2, '0')}`));
      }),
      { numRuns: 150 },
    );
  });

  it('waits for the end of a line, gives the rest of a cut one when another file follows, and begins anew where a file was cut', async () => {
    await using folder = await makeTempFolder();
    const path = join(folder.path, 'a.log');
    const reader = openLogReader(path, 2);
    expect(await reader.read()).toEqual([]);
    writeFileSync(path, 'one\nt\u00e4');
    expect(await reader.read()).toEqual(['one']);
    appendFileSync(path, 'st\n\ntwo\nhal');
    expect(await reader.read()).toEqual(['t\u00e4st', 'two']);
    const file = openRotatingFile(path, { bytes: 5, files: 2 });
    file.write('after\n');
    file.close();
    expect(await reader.read()).toEqual(['hal', 'after']);
    truncateSync(path);
    appendFileSync(path, 'new\n');
    expect(await reader.read()).toEqual(['new']);
    await reader.close();
  });
});

describe('following a log', () => {
  it('is told of every line as it is written, over turned over files, and ends when it is asked to', async () => {
    await using folder = await makeTempFolder();
    const path = join(folder.path, 'a.log');
    const file = openRotatingFile(path, { bytes: 60, files: 4 });
    const reader = openLogReader(path, 4);
    const stop = new AbortController();
    const read: string[] = [];
    let seen = () => {};
    const following = followLog(path, endlessClock, stop.signal, async () => {
      read.push(...(await reader.read()));
      seen();
    });
    for (let n = 1; n <= 40; n++) {
      const told = new Promise<void>((resolve) => {
        seen = () => read.length >= n && resolve();
      });
      file.write(`this is line ${n}\n`);
      await told;
    }
    stop.abort();
    await following;
    await reader.close();
    file.close();
    expect(read).toEqual(Array.from({ length: 40 }, (_, index) => `this is line ${index + 1}`));
  });

  it('looks from time to time where nothing can be watched', async () => {
    const stop = new AbortController();
    let looks = 0;
    const hurried: Clock = { ...systemClock, sleep: async () => {} };
    await followLog('/nonexistent/folder/a.log', hurried, stop.signal, async () => {
      if (++looks === 3) stop.abort();
    });
    expect(looks).toBe(3);
  });
});
