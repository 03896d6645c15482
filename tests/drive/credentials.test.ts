import { once } from 'node:events';
import { chmod, lstat, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ownCredentials, type Tokens } from '../../electron/engine/destinations/drive/credentials.ts';
import type { OAuthClient } from '../../electron/engine/destinations/drive/oauth-client.ts';
import { fullDriveScope } from '../../electron/engine/destinations/drive/scopes.ts';
import { sharedCredentials } from '../../electron/engine/destinations/drive/shared-credentials.ts';
import { parseExpiry, parseTokenFile } from '../../electron/engine/destinations/drive/token-file.ts';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import { randomIds } from '../../electron/engine/platform/ids.ts';
import { startDriveServer } from '../support/drive-server.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { everythingOf, memorySecrets, sampleTokens, writeShared } from './sample-credentials.ts';
import { startProgram } from './start-program.ts';
import { nowMs as atMs, clientOf } from './token-scene.ts';

const client: OAuthClient = {
  clientId: 'desktop-client',
  clientSecret: 'GOCSPX-secret',
  authUri: 'http://127.0.0.1:9/auth',
  tokenUri: 'http://127.0.0.1:9/token',
};
const ports = { clock: systemClock, ids: randomIds };
const next = (changes: Partial<Tokens> = {}) => sampleTokens({ accessToken: 'ya29.next', expiresAtMs: atMs, ...changes });
const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

describe('own credentials', () => {
  const destination = { id: 'dest-1', name: 'drive' };

  it('are kept under keys of their destination, and forgotten together', async () => {
    const secrets = memorySecrets();
    const store = ownCredentials(secrets, destination);
    expect(await store.read()).toBeNull();
    await store.keepClient(client);
    expect(await store.update(async (present) => (present === null ? sampleTokens() : null))).toEqual(sampleTokens());
    expect([...secrets.kept.keys()].sort()).toEqual(['drive/dest-1/client', 'drive/dest-1/tokens']);
    const reopened = ownCredentials(secrets, destination);
    expect([await reopened.client(), await reopened.read()]).toEqual([client, sampleTokens()]);
    await store.forget();
    expect([secrets.kept.size, await reopened.read()]).toEqual([0, null]);
  });

  it('stay as they are where an edit says so or fails', async () => {
    const store = ownCredentials(memorySecrets(), destination);
    await store.update(async () => sampleTokens());
    expect(await store.update(async () => null)).toEqual(sampleTokens());
    await expect(store.update(() => Promise.reject(new RangeError('no')))).rejects.toThrow(RangeError);
    expect(await store.read()).toEqual(sampleTokens());
  });

  it('are edited by one at a time, also through two stores', async () => {
    const secrets = memorySecrets();
    const stores = [ownCredentials(secrets, destination), ownCredentials(secrets, destination)];
    await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        stores[index % 2]?.update(async (present) => {
          await systemClock.sleep(1);
          return sampleTokens({ expiresAtMs: (present?.expiresAtMs ?? 0) + 1 });
        }),
      ),
    );
    expect((await stores[0]?.read())?.expiresAtMs).toBe(10);
  });

  it('say what is missing or damaged, without a secret', async () => {
    const secrets = memorySecrets();
    const store = ownCredentials(secrets, destination);
    await expect(store.client()).rejects.toMatchObject({ code: 'sign-in-client', message: expect.stringContaining('drive') });
    secrets.kept.set('drive/dest-1/tokens', '{"accessToken":"ya29.very-secret"');
    const error = await store.read().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'sign-in-missing', hint: 'nightjar destination sign-in drive' });
    expect(everythingOf(error)).not.toContain('ya29');
    // A new sign-in replaces them.
    await store.update(async (present) => (present === null ? sampleTokens() : null));
    expect(await store.read()).toEqual(sampleTokens());
  });
});

describe('the expiry in a tokens file (S1-42)', () => {
  it.each([
    ['2026-11-22T03:17:00Z', atMs],
    ['2026-11-22T03:17:00.500Z', atMs + 500],
    ['2026-11-22T03:17:00.500999', atMs + 500],
    ['2026-11-22T03:17:00', atMs],
    ['2026-11-22 03:17', atMs],
    ['2026-11-22T05:17:00+02:00', atMs],
    ['2026-11-22T05:17:00.000000+0200', atMs],
    ['2026-11-21T19:17:00-08', atMs],
    ['soon', null],
    ['2026-13-45T99:99:99Z', null],
  ])('%s is read as UTC unless it says otherwise', (text, expected) => {
    expect(parseExpiry(text)).toBe(expected);
  });

  it.each<[string, Record<string, unknown>, Partial<Tokens>]>([
    ['epoch milliseconds', { expiry_date: atMs }, { expiresAtMs: atMs }],
    ['both, of which the earlier counts', { expiry: '2026-11-22T03:17:00', expiry_date: atMs + 1 }, { expiresAtMs: atMs }],
    ['both, the other way round', { expiry: '2026-11-22T03:18:00', expiry_date: atMs }, { expiresAtMs: atMs }],
    ['one that cannot be read', { expiry: 'soon', expiry_date: atMs }, { expiresAtMs: atMs }],
    ['none', {}, { expiresAtMs: null }],
    ['no scope', { expiry_date: atMs, scope: undefined }, { expiresAtMs: atMs, scopes: [fullDriveScope] }],
    ['several scopes', { expiry_date: atMs, scope: 'a  b c' }, { expiresAtMs: atMs, scopes: ['a', 'b', 'c'] }],
    [
      'a sign-in with an end',
      { expiry_date: atMs, refresh_token_expires_in: 7200 },
      { expiresAtMs: atMs, refreshEndsAtMs: atMs + 3_600_000 },
    ],
  ])('%s', (_, fields, expected) => {
    const file = { access_token: 'ya29.former', refresh_token: '1//refresh-former', scope: 'a', ...fields };
    expect(parseTokenFile(JSON.stringify(file), 'tokens.json')).toEqual(sampleTokens({ scopes: ['a'], ...expected }));
  });
});

describe('shared credentials', () => {
  const content = {
    token_type: 'Bearer',
    refresh_token: '1//refresh-former',
    access_token: 'ya29.former',
    expiry_date: 1_700_000_000_000,
    nested: { kept: [1, 'two', null] },
    scope: fullDriveScope,
  };

  it.each(['iso', 'iso-naive', 'epoch-ms'] as const)(
    'are read as a program leaves them that has signed in, with its time as %s',
    async (format) => {
      await using folder = await makeTempFolder();
      await using server = await startDriveServer();
      const { accessToken, refreshToken, expiresAtMs } = await server.sharedCredentials(folder.path, { format, extra: { account: 'ada' } });
      const store = sharedCredentials(folder.path, ports);
      expect(await store.client()).toEqual(await clientOf(server));
      expect(await store.read()).toEqual({ accessToken, refreshToken, expiresAtMs, scopes: [fullDriveScope], refreshEndsAtMs: null });
    },
  );

  it('are used in place: both expiries change, every other field and its order stays (S1-41, S1-43, S1-49)', async () => {
    await using folder = await makeTempFolder();
    const path = await writeShared(folder.path, client, content);
    const store = sharedCredentials(folder.path, ports);
    expect(await store.client()).toEqual(client);
    await store.update(async (present) => ({ ...(present as Tokens), accessToken: 'ya29.next', expiresAtMs: atMs }));
    const expected = { ...content, access_token: 'ya29.next', expiry_date: atMs, expiry: '2026-11-22T03:17:00.000Z' };
    expect(await readFile(path, 'utf8')).toBe(JSON.stringify(expected, null, 2));
    expect((await readdir(folder.path)).sort()).toEqual(['gcp-oauth.keys.json', 'tokens.json']);
    expect(await store.read()).toEqual(next({ scopes: [fullDriveScope] }));
  });

  it('keep numbers digit by digit, and the form of the file', async () => {
    await using folder = await makeTempFolder();
    const path = await writeShared(folder.path, client, content);
    const text =
      '{"id":12345678901234567890,"ratio":1.50,"access_token":"a","expiry":"2026-11-22T03:17:00","refresh_token":"1//refresh-former"}\n';
    await writeFile(path, text);
    await sharedCredentials(folder.path, ports).update(async () => next({ accessToken: 'b', expiresAtMs: atMs + 60_000 }));
    expect(await readFile(path, 'utf8')).toBe(
      '{"id":12345678901234567890,"ratio":1.50,"access_token":"b","expiry":"2026-11-22T03:18:00.000Z",' +
        `"refresh_token":"1//refresh-former","expiry_date":${atMs + 60_000}}\n`,
    );
  });

  it.each([
    [0o600, 0o600],
    [0o644, 0o600],
    [0o666, 0o600],
    [0o400, 0o400],
  ])('of the mode %o have the mode %o afterwards (S1-48)', async (former, expected) => {
    await using folder = await makeTempFolder();
    const path = await writeShared(folder.path, client, content);
    await chmod(path, former);
    await sharedCredentials(folder.path, ports).update(async () => next());
    expect(await modeOf(path)).toBe(expected);
  });

  it('are replaced where a link leads, and the link stays', async () => {
    await using folder = await makeTempFolder();
    const elsewhere = join(folder.path, 'elsewhere');
    await mkdir(elsewhere);
    const path = await writeShared(folder.path, client, content);
    const real = join(elsewhere, 'real.json');
    await rename(path, real);
    await symlink(real, path);
    await sharedCredentials(folder.path, ports).update(async () => next());
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
    expect(JSON.parse(await readFile(real, 'utf8'))).toMatchObject({ access_token: 'ya29.next' });
    expect(await readdir(elsewhere)).toEqual(['real.json']);
  });

  it('do not lose what another program wrote meanwhile', async () => {
    await using folder = await makeTempFolder();
    const path = await writeShared(folder.path, client, content);
    await sharedCredentials(folder.path, ports).update(async () => {
      await writeFile(path, JSON.stringify({ ...content, access_token: 'ya29.other', note: 'new' }));
      return next();
    });
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ access_token: 'ya29.next', note: 'new' });
  });

  it('stay those of a sign-in that somebody made meanwhile', async () => {
    await using folder = await makeTempFolder();
    const path = await writeShared(folder.path, client, content);
    const text = JSON.stringify({ ...content, access_token: 'ya29.new', refresh_token: '1//refresh-new' });
    const kept = await sharedCredentials(folder.path, ports).update(async () => {
      await writeFile(path, text);
      return next();
    });
    expect([kept?.accessToken, await readFile(path, 'utf8')]).toEqual(['ya29.new', text]);
  });

  it('leave nothing behind where an edit fails, and sweep what a killed process left', async () => {
    await using folder = await makeTempFolder();
    const path = await writeShared(folder.path, client, content);
    const before = await readFile(path, 'utf8');
    const store = sharedCredentials(folder.path, ports);
    await expect(store.update(() => Promise.reject(new RangeError('no')))).rejects.toThrow(RangeError);
    expect(await readFile(path, 'utf8')).toBe(before);
    await writeFile(`${path}.part-2345678923.tmp`, '{');
    await store.update(async () => next());
    expect((await readdir(folder.path)).sort()).toEqual(['gcp-oauth.keys.json', 'tokens.json']);
  });

  it.each([
    ['gcp-oauth.keys.json', 'sign-in-client'],
    ['tokens.json', 'sign-in-missing'],
  ])('name the file %s where it is missing', async (file, code) => {
    await using folder = await makeTempFolder();
    await writeShared(folder.path, client, content);
    await rm(join(folder.path, file));
    const store = sharedCredentials(folder.path, ports);
    const calls = file === 'tokens.json' ? [() => store.read(), () => store.update(async () => next())] : [() => store.client()];
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({
        code,
        message: expect.stringContaining(join(folder.path, file)),
        hint: expect.any(String),
      });
    }
    expect(await readdir(folder.path)).toHaveLength(1);
  });

  it.each([
    ['cut in the middle', '{"access_token":"ya29.very-secr'],
    ['empty', ''],
    ['a list', '["ya29.very-secret"]'],
    ['without any token', '{"note":"ya29.very-secret"}'],
  ])('say so where tokens.json is %s, and leave it alone', async (_, text) => {
    await using folder = await makeTempFolder();
    const path = await writeShared(folder.path, client, content);
    await writeFile(path, text);
    const error = await sharedCredentials(folder.path, ports)
      .update(async () => next())
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'sign-in-missing', message: expect.stringContaining(path), hint: expect.any(String) });
    expect(everythingOf(error)).not.toContain('very-sec');
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  it('are met whole where another program is just writing them in place', async () => {
    await using folder = await makeTempFolder();
    const path = await writeShared(folder.path, client, content);
    await writeFile(path, '');
    const clock = { ...systemClock, sleep: () => writeFile(path, JSON.stringify(content)) };
    expect((await sharedCredentials(folder.path, { ...ports, clock }).read())?.accessToken).toBe('ya29.former');
  });
});

describe('the lock of shared credentials (S1-44)', () => {
  const tokens = { access_token: 'ya29.former', refresh_token: '1//refresh-former', expiry_date: 1 };

  it('lets one edit at a time, also through two stores', async () => {
    await using folder = await makeTempFolder();
    await writeShared(folder.path, client, tokens);
    let inside = 0;
    const most: number[] = [];
    const edits = Array.from({ length: 4 }, () =>
      sharedCredentials(folder.path, ports).update(async (present) => {
        inside++;
        most.push(inside);
        await systemClock.sleep(5);
        inside--;
        return next({ expiresAtMs: (present?.expiresAtMs ?? 0) + 1 });
      }),
    );
    await Promise.all(edits);
    expect(most).toEqual([1, 1, 1, 1]);
    expect((await sharedCredentials(folder.path, ports).read())?.expiresAtMs).toBe(5);
  });

  it('is waited for within bounds, and until the signal', async () => {
    await using folder = await makeTempFolder();
    const path = await writeShared(folder.path, client, tokens);
    await mkdir(`${path}.lock`);
    const store = sharedCredentials(folder.path, ports, { waitMs: 150 });
    await expect(store.update(async () => next())).rejects.toMatchObject({
      code: 'destination-busy',
      message: `another program holds ${path}`,
      retryable: true,
      hint: expect.stringContaining('tokens.json.lock'),
    });
    const gone = new AbortController();
    const waiting = sharedCredentials(folder.path, ports).update(async () => next(), gone.signal);
    gone.abort(new RangeError('cancelled'));
    await expect(waiting).rejects.toThrow(RangeError);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(tokens);
  });

  it('lies beside the regular file that programs with flock leave behind', async () => {
    await using folder = await makeTempFolder();
    const path = await writeShared(folder.path, client, tokens);
    await writeFile(`${path}.lock`, '');
    await sharedCredentials(folder.path, ports).update(async () => {
      expect((await readdir(folder.path)).sort()).toEqual([
        'gcp-oauth.keys.json',
        'tokens.json',
        'tokens.json.lock',
        'tokens.json.lock.nightjar',
      ]);
      return next();
    });
    expect((await readdir(folder.path)).sort()).toEqual(['gcp-oauth.keys.json', 'tokens.json', 'tokens.json.lock']);
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ access_token: 'ya29.next' });
  });

  it('goes to the next one a while after its holder was killed', async () => {
    await using folder = await makeTempFolder();
    await writeShared(folder.path, client, tokens);
    const child = startProgram('token-process.ts', ['hold', folder.path]);
    child.stderr.pipe(process.stderr);
    const ended = once(child, 'close');
    await once(child.stdout, 'data');
    const limits = { staleMs: 2000, waitMs: 10_000 };
    await expect(sharedCredentials(folder.path, ports, { ...limits, waitMs: 0 }).update(async () => next())).rejects.toMatchObject({
      code: 'destination-busy',
    });
    child.kill('SIGKILL');
    await ended;
    expect(await sharedCredentials(folder.path, ports, limits).update(async () => next())).toMatchObject({ accessToken: 'ya29.next' });
    expect((await readdir(folder.path)).sort()).toEqual(['gcp-oauth.keys.json', 'tokens.json']);
  });
});
