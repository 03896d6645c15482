import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Content, Destination } from '../../electron/engine/destinations/destination.ts';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { type DestinationHarness, everyCall, fingerprintOf, readObject, stageFile } from './destination-harness.ts';

const name = 'notes/2026-11-22.db.gz';
const mebibyte = 1024 * 1024;
const dayMs = 86_400_000;
const nowMs = Date.parse('2026-11-22T03:17:00Z');
const text = (content: string): Content => ({ kind: 'text', text: content });

/** Proves the guarantees of the `Destination` interface, but for a power cut, of whatever `makeHarness` makes. */
export function destinationContract(label: string, makeHarness: () => Promise<DestinationHarness>): void {
  describe(label, () => {
    let harness: DestinationHarness;
    let destination: Destination;
    let staging: TempFolder;
    beforeEach(async () => {
      harness = await makeHarness();
      destination = harness.destination;
      staging = await makeTempFolder(harness.stagingParent);
    });
    afterEach(async () => {
      await harness.cleanup();
      await staging[Symbol.asyncDispose]();
    });

    const stage = (bytes: Uint8Array) => stageFile(staging.path, bytes);
    const read = async (object: string) => (await readObject(destination, object)).toString();
    const names = async (job?: string) => (await destination.list(job)).map((object) => object.name).sort();
    const farFuture = () => systemClock.now() + 365 * dayMs;

    /** There is no trace of the object, under its name or another. */
    const expectNothing = async () => {
      expect(await destination.stat(name)).toBeNull();
      expect(await destination.list()).toEqual([]);
      await expect(readObject(destination, name)).rejects.toMatchObject({ code: 'object-missing' });
      expect(await destination.sweep(farFuture())).toEqual([]);
    };

    describe('put', () => {
      it.each([0, 1, mebibyte, 3 * mebibyte + 1])('of a file of %d bytes is seen whole by stat, get and digest at once', async (bytes) => {
        const content = randomBytes(bytes);
        await destination.put(name, await stage(content));
        expect(await destination.stat(name)).toEqual({ name, bytes, modifiedAtMs: expect.any(Number) });
        expect((await readObject(destination, name)).equals(content)).toBe(true);
        expect(await destination.digest(name)).toMatchObject(fingerprintOf(content));
      });

      it.each(['', 'a manifest: Grüße, 夜鷹\n'])('of the text %j stores its UTF-8', async (content) => {
        await destination.put(name, text(content));
        expect(await read(name)).toBe(content);
        expect(await destination.digest(name)).toMatchObject(fingerprintOf(Buffer.from(content)));
      });

      it('leaves the staged file alone, and does not need it afterwards', async () => {
        const staged = await stage(Buffer.from('whole'));
        await destination.put(name, staged);
        await destination.put('notes/2026-11-23.db.gz', staged);
        await rm(staged.path);
        expect([await read(name), await read('notes/2026-11-23.db.gz')]).toEqual(['whole', 'whole']);
      });

      it('tells how many bytes are done, never fewer than before, all of them at the end', async () => {
        const seen: number[] = [];
        await destination.put(name, await stage(randomBytes(3 * mebibyte)), { onBytes: (done) => seen.push(done) });
        expect(seen).toEqual(seen.toSorted((a, b) => a - b));
        expect(seen.at(-1)).toBe(3 * mebibyte);
      });

      it.each(['a file', 'a text'])('of %s never goes over another object', async (kind) => {
        await destination.put(name, text('first'));
        const second = kind === 'a file' ? await stage(Buffer.from('second')) : text('second');
        await expect(destination.put(name, second)).rejects.toMatchObject({ code: 'object-exists' });
        expect(await read(name)).toBe('first');
        expect(await destination.sweep(farFuture())).toEqual([]);
      });

      it.each(['a file', 'a text'])('of %s replaces another object where it is told to, or takes a free name', async (kind) => {
        for (const content of ['first', 'second, longer', '3rd']) {
          await destination.put(name, kind === 'a file' ? await stage(Buffer.from(content)) : text(content), { replace: true });
          expect(await read(name)).toBe(content);
        }
        expect(await names()).toEqual([name]);
      });

      it('of the file that is there already replaces it by itself', async () => {
        const staged = await stage(Buffer.from('same'));
        await destination.put(name, staged);
        await destination.put(name, staged, { replace: true });
        expect(await read(name)).toBe('same');
        expect(await destination.sweep(farFuture())).toEqual([]);
      });
    });

    describe('a put that does not succeed leaves nothing under the name:', () => {
      const reason = new Error('enough');

      it('cancelled before it began', async () => {
        const put = destination.put(name, await stage(Buffer.from('never')), { signal: AbortSignal.abort(reason) });
        await expect(put).rejects.toBe(reason);
        await expectNothing();
      });

      it('cancelled in the middle', async () => {
        const controller = new AbortController();
        const staged = await stage(randomBytes(4 * mebibyte));
        const put = destination.put(name, staged, { signal: controller.signal, onBytes: () => controller.abort(reason) });
        const error: unknown = await put.catch((thrown: unknown) => thrown);
        await expectNothing();
        expect(error).toBe(reason);
      });

      it('its staged file gone', async () => {
        const staged = await stage(Buffer.from('gone'));
        await rm(staged.path);
        await expect(destination.put(name, staged)).rejects.toThrow();
        await expectNothing();
        await destination.put(name, text('the name is still free'));
      });

      it('the former bytes, where it was to replace them', async () => {
        await destination.put(name, text('former'));
        const controller = new AbortController();
        const staged = await stage(randomBytes(4 * mebibyte));
        const cancelled = destination.put(name, staged, {
          replace: true,
          signal: controller.signal,
          onBytes: () => controller.abort(reason),
        });
        await expect(cancelled).rejects.toThrow();
        await rm(staged.path);
        await expect(destination.put(name, staged, { replace: true })).rejects.toThrow();
        expect(await read(name)).toBe('former');
        expect(await destination.sweep(farFuture())).toEqual([]);
      });
    });

    describe('get', () => {
      it('gives the bytes that are asked for', async () => {
        const content = randomBytes(2 * mebibyte + 10);
        const size = content.length;
        await destination.put(name, await stage(content));
        for (const [offset, length] of [
          [0],
          [5],
          [0, 10],
          [mebibyte - 1, 2],
          [mebibyte, mebibyte],
          [size - 1],
          [size - 1, 100],
          [size],
          [size, 5],
          [size + 9],
          [3, 0],
        ]) {
          const found = await readObject(destination, name, {
            ...(offset === undefined ? {} : { offset }),
            ...(length === undefined ? {} : { length }),
          });
          expect(
            found.equals(content.subarray(offset, length === undefined ? size : (offset ?? 0) + length)),
            `offset ${offset}, length ${length}`,
          ).toBe(true);
        }
      });

      it('ends with the reason of the signal, before and in the middle', async () => {
        await destination.put(name, await stage(randomBytes(4 * mebibyte)));
        const reason = new Error('enough');
        await expect(readObject(destination, name, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
        const controller = new AbortController();
        const readOn = async () => {
          for await (const _ of destination.get(name, { signal: controller.signal })) controller.abort(reason);
        };
        await expect(readOn()).rejects.toBe(reason);
      });
    });

    it('digest tells how many bytes are done, and ends with the reason of the signal', async () => {
      await destination.put(name, await stage(randomBytes(3 * mebibyte)));
      const seen: number[] = [];
      await destination.digest(name, { onBytes: (done) => seen.push(done) });
      expect(seen.at(-1)).toBe(3 * mebibyte);
      const reason = new Error('enough');
      await expect(destination.digest(name, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    });

    describe('an object that is missing', () => {
      it.each(['in a job without objects', 'beside another'])(
        '%s is null for stat, and object-missing for get and digest',
        async (where) => {
          if (where === 'beside another') await destination.put('notes/2026-11-21.db.gz', text('other'));
          expect(await destination.stat(name)).toBeNull();
          await expect(destination.digest(name)).rejects.toMatchObject({ code: 'object-missing' });
          await expect(readObject(destination, name)).rejects.toMatchObject({ code: 'object-missing' });
        },
      );

      it('is missing also where no byte of it is asked for', async () => {
        await expect(readObject(destination, name, { length: 0 })).rejects.toMatchObject({ code: 'object-missing' });
      });
    });

    describe('list', () => {
      it('gives the objects of one job or of all, with their sizes', async () => {
        const objects = {
          'notes/2026-11-21.db.gz': 'one',
          'notes/2026-11-21.json': '{}',
          'notes2/2026-11-21.db.gz': 'other',
          'Äpfel-日記/2026-11-21.db.gz': '',
        };
        for (const [object, content] of Object.entries(objects)) await destination.put(object, text(content));
        const sizes = (await destination.list()).map((object) => [object.name, object.bytes] as const);
        expect(Object.fromEntries(sizes)).toEqual(
          Object.fromEntries(Object.entries(objects).map(([object, content]) => [object, content.length])),
        );
        expect(sizes.length).toBe(4);
        expect(await names('notes')).toEqual(['notes/2026-11-21.db.gz', 'notes/2026-11-21.json']);
      });

      it('does not show what begins with a dot, which is never an object', async () => {
        for (const file of ['.Spotlight-V100/store.db', 'notes/.DS_Store']) await harness.addForeignFile(file);
        await destination.put(name, text('an object'));
        expect([await names(), await names('notes')]).toEqual([[name], [name]]);
      });

      it('is empty for a job or a place without objects', async () => {
        expect([await destination.list('notes'), await destination.list()]).toEqual([[], []]);
      });
    });

    describe('remove', () => {
      it('deletes an object for good, and a missing one is no error', async () => {
        for (const object of [name, 'notes/2026-11-23.db.gz']) await destination.put(object, text('old'));
        await destination.remove(name);
        await destination.remove(name);
        expect(await names()).toEqual(['notes/2026-11-23.db.gz']);
        expect(await destination.emptyTrash(nowMs + 9 * dayMs)).toEqual([]);
      });
    });

    describe('trash', () => {
      it('takes an object out of sight and frees its name', async () => {
        await destination.put(name, text('old'));
        await destination.put('notes/2026-11-23.db.gz', text('stays'));
        await destination.trash(name, nowMs);
        expect(await destination.stat(name)).toBeNull();
        await expect(readObject(destination, name)).rejects.toMatchObject({ code: 'object-missing' });
        expect(await names()).toEqual(['notes/2026-11-23.db.gz']);
        await destination.put(name, text('new'));
        expect(await read(name)).toBe('new');
      });

      it('of a missing object is no error, once or twice', async () => {
        await destination.trash(name, nowMs);
        await destination.put(name, text('old'));
        await destination.trash(name, nowMs);
        await destination.trash(name, nowMs);
        expect(await destination.list()).toEqual([]);
      });
    });

    describe('emptyTrash', () => {
      it('removes what was put there before an instant, and nothing else', async () => {
        const later = 'notes/2026-11-23.db.gz';
        for (const object of [name, later, 'notes/2026-11-24.db.gz']) await destination.put(object, text('old'));
        await destination.trash(name, nowMs);
        await destination.trash(later, nowMs + 5 * dayMs);
        expect(await destination.emptyTrash(nowMs - dayMs)).toHaveLength(0);
        expect(await destination.emptyTrash(nowMs + 3 * dayMs)).toHaveLength(1);
        expect(await destination.emptyTrash(nowMs + 3 * dayMs)).toHaveLength(0);
        expect(await destination.emptyTrash(nowMs + 9 * dayMs)).toHaveLength(1);
        expect(await names()).toEqual(['notes/2026-11-24.db.gz']);
      });

      it('resolves to the names', async () => {
        await destination.put(name, text('old'));
        await destination.trash(name, nowMs);
        expect(await destination.emptyTrash(nowMs + 3 * dayMs)).toEqual([name]);
      });

      it('is right to the instant: a trash that keeps nothing is empty at once', async () => {
        await destination.put(name, text('old'));
        await destination.trash(name, nowMs);
        expect(await destination.emptyTrash(nowMs)).toHaveLength(0);
        expect(await destination.emptyTrash(nowMs + 1)).toHaveLength(1);
      });

      it('removes every object that had the same name on the same day', async () => {
        for (const content of ['one', 'two', 'three']) {
          await destination.put(name, text(content));
          await destination.trash(name, nowMs);
        }
        expect(await destination.emptyTrash(nowMs + 3 * dayMs)).toHaveLength(3);
      });
    });

    describe('sweep', () => {
      it('removes the parts of puts that died before an instant, and nothing else', async ({ skip }) => {
        if (!harness.addStalePart) return skip('a put that dies leaves nothing here');
        await destination.put(name, text('an object'));
        await harness.addStalePart('notes', 3 * dayMs);
        await harness.addStalePart('notes', 0);
        expect(await names()).toEqual([name]);
        expect(await destination.sweep(systemClock.now() - dayMs)).toHaveLength(1);
        expect(await destination.sweep(systemClock.now() - dayMs)).toHaveLength(0);
        expect(await read(name)).toBe('an object');
      });

      it('never removes a file that is not ours, and neither does emptyTrash', async () => {
        const foreign = [
          'thesis.tmp',
          'notes/2026-11-22-pre-apply.db.gz',
          'notes/thesis.tmp',
          'notes/.thesis.tmp',
          'notes/.nightjar-part-.tmp',
          'photos/a.jpg',
        ];
        for (const file of foreign) await harness.addForeignFile(file);
        expect([await destination.sweep(farFuture()), await destination.emptyTrash(farFuture())]).toEqual([[], []]);
        expect(await Promise.all(foreign.map((file) => harness.hasForeignFile(file)))).toEqual(foreign.map(() => true));
      });
    });

    it('freeSpace is within the whole, where the place tells it', async () => {
      const space = await destination.freeSpace();
      if (space === null) return;
      expect(space.freeBytes).toBeGreaterThanOrEqual(0);
      expect(space.totalBytes).toBeGreaterThanOrEqual(space.freeBytes);
      expect(space.totalBytes).toBeGreaterThan(0);
    });

    it('check resolves while the place is there', async () => {
      await expect(destination.check()).resolves.toBeUndefined();
    });

    it('that is absent is not empty: every call says so', async () => {
      await destination.put(name, text('there before'));
      const staged = await stage(Buffer.from('new'));
      await harness.makeAbsent();
      for (const [call, act] of everyCall(destination, name, staged)) {
        await expect(act(), call).rejects.toMatchObject({ code: expect.stringMatching(/^destination-(absent|foreign)$/) });
      }
    });
  });
}
