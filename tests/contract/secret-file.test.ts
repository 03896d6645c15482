import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { errorFacts } from '../../electron/domain/errors.ts';
import { secretFile } from '../../electron/engine/platform/secret-file.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { secretStoreContract } from './secret-store.contract.ts';

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

secretStoreContract('a file of secrets', async () => {
  const folder = await makeTempFolder();
  return {
    store: secretFile(folder.path),
    reopen: () => secretFile(folder.path),
    isReadableByOthers: async () => ((await modeOf(join(folder.path, 'secrets.json'))) & 0o077) !== 0,
    cleanup: () => folder[Symbol.asyncDispose](),
  };
});

describe('the file of secrets', () => {
  it('is read and written as 0600, also after somebody made it wider', async () => {
    await using folder = await makeTempFolder();
    const path = join(folder.path, 'secrets.json');
    const store = secretFile(folder.path);
    await store.set('one', '1');
    const modes = [await modeOf(path)];
    await chmod(path, 0o666);
    await store.get('one');
    modes.push(await modeOf(path));
    await chmod(path, 0o644);
    await store.set('two', '2');
    modes.push(await modeOf(path));
    expect(modes).toEqual([0o600, 0o600, 0o600]);
    expect(await readdir(folder.path)).toEqual(['secrets.json']);
  });

  it('is not there before something was set, nor is it written for nothing', async () => {
    await using folder = await makeTempFolder();
    const store = secretFile(folder.path);
    await store.get('one');
    await store.remove('one');
    expect(await readdir(folder.path)).toEqual([]);
    await store.set('one', '1');
    const { ino } = await stat(join(folder.path, 'secrets.json'));
    await store.set('one', '1');
    await store.remove('two');
    expect((await stat(join(folder.path, 'secrets.json'))).ino).toBe(ino);
  });

  it.each([
    ['cut in the middle', '{ "format": "nightjar-secrets", "version": 1, "secrets": { "one": "very-secr'],
    ['of another form', '{ "one": "very-secret" }'],
    ['of a later version', '{ "format": "nightjar-secrets", "version": 2, "secrets": { "one": "very-secret" } }'],
    ['empty', ''],
  ])('%s: every call says so and what to do, and nothing is wiped', async (_, content) => {
    await using folder = await makeTempFolder();
    const path = join(folder.path, 'secrets.json');
    await writeFile(path, content, { mode: 0o600 });
    const store = secretFile(folder.path);
    for (const call of [() => store.get('one'), () => store.set('two', '2'), () => store.remove('one')]) {
      const error = await call().catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'home-unusable', hint: expect.stringContaining('sign-in') });
      expect(errorFacts(error).message).toContain(path);
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('very-sec');
    }
    expect(await readFile(path, 'utf8')).toBe(content);
    // Once a person has seen to it, the same store goes on.
    await rm(path);
    await store.set('two', '2');
    expect(await store.get('two')).toBe('2');
  });

  it('cannot be in a folder that is not there', async () => {
    await using folder = await makeTempFolder();
    const store = secretFile(join(folder.path, 'gone'));
    expect(await store.get('one')).toBeNull();
    await expect(store.set('one', '1')).rejects.toMatchObject({ code: 'home-unusable' });
  });

  it('is whole and has what was kept, wherever the program is killed', async () => {
    await using folder = await makeTempFolder();
    for (const killedAfter of [1, 9, 23]) {
      const child = spawn(process.execPath, [fileURLToPath(new URL('./secret-writer.ts', import.meta.url)), folder.path], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = once(child, 'close');
      let kept = 0;
      for await (const line of createInterface(child.stdout)) {
        kept = Number(line);
        if (kept === killedAfter) child.kill('SIGKILL');
      }
      expect(await ended).toEqual([null, 'SIGKILL']);
      const value = (await secretFile(folder.path).get(`key-${kept % 7}`)) ?? '';
      expect(value.replace(/ x+$/, '')).toBe(`value-${kept}`);
      expect(await modeOf(join(folder.path, 'secrets.json'))).toBe(0o600);
    }
    await secretFile(folder.path).set('one', '1');
    expect(await readdir(folder.path)).toEqual(['secrets.json']);
  });
});
