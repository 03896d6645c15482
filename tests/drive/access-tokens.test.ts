import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { accessTokens, type TokenState } from '../../electron/engine/destinations/drive/access-tokens.ts';
import type { Tokens } from '../../electron/engine/destinations/drive/credentials.ts';
import { driveFileScope, fullDriveScope } from '../../electron/engine/destinations/drive/scopes.ts';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { standingClock } from '../support/test-engine.ts';
import { everythingOf, memoryCredentials, ownAccount, sampleTokens, writeShared } from './sample-credentials.ts';
import { refused, startTokenServer, type TokenServer } from './token-server.ts';

const nowMs = Date.parse('2026-11-22T03:17:00Z');
const minuteMs = 60_000;

/** Tokens of a server, at an instant that a test moves. */
function setUp(server: TokenServer, changes: Partial<Tokens> | null = {}) {
  const clock = standingClock(systemClock, nowMs);
  server.dateMs = nowMs;
  const tokens = changes === null ? null : sampleTokens({ refreshToken: server.issueRefreshToken(), ...changes });
  const store = memoryCredentials(server.client, tokens);
  const states: TokenState[] = [];
  const report = (state: TokenState) => void states.push(state);
  return { clock, store, states, tokens: accessTokens({ account: ownAccount, store, clock, report, requiredScopes: [driveFileScope] }) };
}

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => error as Error & { readonly code: string },
  );

describe('current', () => {
  it('gives the token that is there, and loads it once (S1-45)', async () => {
    await using server = await startTokenServer();
    const { tokens, store, states } = setUp(server, { expiresAtMs: nowMs + 5 * minuteMs });
    expect([await tokens.current(), await tokens.current()]).toEqual(['ya29.former', 'ya29.former']);
    expect([store.reads, store.updates, server.requests.length]).toEqual([1, 0, 0]);
    expect(states).toEqual([{ expiresAtMs: nowMs + 5 * minuteMs, refreshEndsAtMs: null, isNew: false }]);
  });

  it('gets a new one where fewer than five minutes are left, and keeps it', async () => {
    await using server = await startTokenServer();
    const { tokens, store, states, clock } = setUp(server, { expiresAtMs: nowMs + 5 * minuteMs - 1 });
    const token = await tokens.current();
    expect(token).not.toBe('ya29.former');
    expect(store.tokens).toEqual(sampleTokens({ ...store.tokens, accessToken: token, expiresAtMs: nowMs + 3_599_000 }));
    expect(states).toEqual([{ expiresAtMs: nowMs + 3_599_000, refreshEndsAtMs: null, isNew: true }]);
    clock.set(nowMs + 54 * minuteMs);
    expect(await tokens.current()).toBe(token);
    clock.set(nowMs + 55 * minuteMs);
    expect(await tokens.current()).not.toBe(token);
    expect(server.requests.length).toBe(2);
  });

  it.each([
    ['without a time', { expiresAtMs: null }],
    ['without an access token', { accessToken: null }],
  ] as const)('gets one for tokens %s', async (_, changes) => {
    await using server = await startTokenServer();
    const { tokens } = setUp(server, { expiresAtMs: nowMs + 60 * minuteMs, ...changes });
    expect(await tokens.current()).toMatch(/^ya29\.[0-9a-f]+$/);
    expect(server.requests.length).toBe(1);
  });

  it('asked 20 times at once makes one refresh', async () => {
    await using server = await startTokenServer();
    const { tokens } = setUp(server);
    const given = await Promise.all(Array.from({ length: 20 }, () => tokens.current()));
    expect([new Set(given).size, server.requests.length]).toEqual([1, 1]);
  });

  it('makes one refresh also where tokens live for less than the margin', async () => {
    await using server = await startTokenServer();
    server.lifeSeconds = 60;
    const { tokens } = setUp(server);
    const given = await Promise.all(Array.from({ length: 20 }, () => tokens.current()));
    given.push(await tokens.current());
    expect([new Set(given).size, server.requests.length]).toEqual([1, 1]);
  });

  it('takes over what another process has stored meanwhile', async () => {
    await using server = await startTokenServer();
    const { tokens, store } = setUp(server);
    const read = store.read;
    store.read = async () => {
      const present = await read();
      store.tokens = sampleTokens({ accessToken: 'ya29.of-another', expiresAtMs: nowMs + 60 * minuteMs });
      return present;
    };
    expect(await tokens.current()).toBe('ya29.of-another');
    expect(server.requests.length).toBe(0);
  });

  it('keeps a new refresh token and its end where the answer has them, and its scopes', async () => {
    await using server = await startTokenServer();
    server.extra = { refresh_token: '1//refresh-new', refresh_token_expires_in: 604_799, scope: `openid ${fullDriveScope}` };
    const { tokens, store } = setUp(server);
    await tokens.current();
    expect(store.tokens).toMatchObject({
      refreshToken: '1//refresh-new',
      refreshEndsAtMs: nowMs + 604_799_000,
      scopes: ['openid', fullDriveScope],
    });
  });

  it('is left by one caller without harm to the others, and given up when all have left', async () => {
    await using server = await startTokenServer();
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<null>();
    server.intercept = () => {
      asked.resolve();
      return answer.promise;
    };
    const { tokens, store } = setUp(server);
    const [first, second, third] = [new AbortController(), new AbortController(), new AbortController()];
    const leaving = [failureOf(tokens.current(first.signal)), failureOf(tokens.current(second.signal))];
    const staying = tokens.current();
    await asked.promise;
    first.abort(new RangeError('one'));
    second.abort(new RangeError('two'));
    expect((await Promise.all(leaving)).map(({ message }) => message)).toEqual(['one', 'two']);
    answer.resolve(null);
    const token = await staying;
    expect(server.requests.length).toBe(1);

    server.intercept = () => {
      third.abort(new RangeError('three'));
      return new Promise(() => {});
    };
    expect((await failureOf(tokens.renew(token, third.signal))).message).toBe('three');
    server.intercept = () => null;
    expect(await tokens.current()).not.toBe(token);
    expect(store.tokens?.accessToken).not.toBe(token);
  });
});

describe('renew', () => {
  it('gets another token though there is time left on the refused one (S1-46)', async () => {
    await using server = await startTokenServer();
    const { tokens, store } = setUp(server, { expiresAtMs: nowMs + 60 * minuteMs });
    const former = await tokens.current();
    const given = await Promise.all(Array.from({ length: 20 }, () => tokens.renew(former)));
    expect([new Set(given).size, server.requests.length, given[0] === former]).toEqual([1, 1, false]);
    expect([await tokens.current(), store.tokens?.accessToken]).toEqual([given[0], given[0]]);
  });

  it('takes the stored token where that is another one already', async () => {
    await using server = await startTokenServer();
    const { tokens, store } = setUp(server, { expiresAtMs: nowMs + 60 * minuteMs });
    const former = await tokens.current();
    store.tokens = sampleTokens({ accessToken: 'ya29.of-another', expiresAtMs: nowMs + 60 * minuteMs });
    expect(await tokens.renew(former)).toBe('ya29.of-another');
    expect(server.requests.length).toBe(0);
  });

  it('does not take what a load that was under way brings, where that is the refused one', async () => {
    await using server = await startTokenServer();
    const { tokens } = setUp(server, { expiresAtMs: nowMs + 60 * minuteMs });
    const [, renewed] = await Promise.all([tokens.current(), tokens.renew('ya29.former')]);
    expect(renewed).not.toBe('ya29.former');
    expect(server.requests.length).toBe(1);
  });
});

describe('a sign-in that is refused', () => {
  it('is asked for once, however often a token is wanted (S1-49)', async () => {
    await using server = await startTokenServer();
    const { tokens, store } = setUp(server);
    server.revokeAll();
    const errors = await Promise.all(Array.from({ length: 5 }, () => failureOf(tokens.current())));
    errors.push(await failureOf(tokens.current()), await failureOf(tokens.renew('ya29.former')));
    expect([new Set(errors).size, errors[0]?.code, server.requests.length]).toEqual([1, 'sign-in-revoked', 1]);
    expect(store.tokens?.accessToken).toBe('ya29.former');
  });

  it('is forgotten when somebody has signed in again', async () => {
    await using server = await startTokenServer();
    const { tokens, store } = setUp(server);
    server.revokeAll();
    await failureOf(tokens.current());
    store.tokens = sampleTokens({ refreshToken: server.issueRefreshToken() });
    expect(await tokens.current()).toMatch(/^ya29\.[0-9a-f]+$/);
  });

  it('has ended where a Testing screen gave it an end', async () => {
    await using server = await startTokenServer();
    const { tokens } = setUp(server, { refreshEndsAtMs: nowMs - 1 });
    server.revokeAll();
    expect(await failureOf(tokens.current())).toMatchObject({
      code: 'sign-in-expired',
      message: expect.stringMatching(/^sign in again: /),
    });
  });

  it("blames the clock where it is far from the server's", async () => {
    await using server = await startTokenServer();
    const { tokens } = setUp(server);
    server.revokeAll();
    server.dateMs = nowMs + 3 * 60 * minuteMs;
    expect(await failureOf(tokens.current())).toMatchObject({
      code: 'sign-in-clock',
      message: "this machine's clock is 3 hours behind, so Google refuses the destination drive",
    });
  });

  it.each([
    ['nobody signed in', null],
    ['there is no refresh token', { refreshToken: null }],
  ])('is missing where %s, and nothing is asked', async (_, changes) => {
    await using server = await startTokenServer();
    const { tokens } = setUp(server, changes);
    for (const call of [() => tokens.current(), () => tokens.renew('x')]) {
      expect(await failureOf(call())).toMatchObject({ code: 'sign-in-missing', hint: 'nightjar destination sign-in drive' });
    }
    expect(server.requests.length).toBe(0);
  });

  it('lacks a scope, and nothing is asked; the full Drive has every scope of it', async () => {
    await using server = await startTokenServer();
    for (const expiresAtMs of [0, nowMs + 60 * minuteMs]) {
      const { tokens } = setUp(server, { scopes: ['openid'], expiresAtMs });
      expect(await failureOf(tokens.current())).toMatchObject({ code: 'sign-in-scope', message: expect.stringContaining(driveFileScope) });
    }
    expect(server.requests.length).toBe(0);
    expect(await setUp(server, { scopes: [fullDriveScope] }).tokens.current()).toMatch(/^ya29/);
    expect(await setUp(server, { scopes: [] }).tokens.current()).toMatch(/^ya29/);
  });
});

describe('a token service that is in trouble', () => {
  it.each([
    [503, 'destination-busy'],
    [500, 'destination-busy'],
    [429, 'destination-busy'],
  ])('with %d is %s, and is asked again the next time only', async (status, code) => {
    await using server = await startTokenServer();
    const { tokens } = setUp(server);
    server.intercept = () => ({ status, body: '<html>in trouble</html>' });
    expect(await failureOf(tokens.current())).toMatchObject({ code, retryable: true });
    expect(server.requests.length).toBe(1);
    server.intercept = () => null;
    expect(await tokens.current()).toMatch(/^ya29/);
  });

  it.each([
    ['a page instead of tokens', '<html>please accept our terms</html>'],
    ['an answer without a life', { access_token: 'ya29.lifeless' }],
    ['an empty answer', {}],
  ])('answers with %s: nothing of it is kept', async (_, body) => {
    await using server = await startTokenServer();
    const { tokens, store } = setUp(server);
    server.intercept = () => ({ status: 200, body });
    expect(await failureOf(tokens.current())).toMatchObject({ code: 'destination-busy', retryable: true });
    expect(store.tokens?.accessToken).toBe('ya29.former');
  });

  it('cannot be reached', async () => {
    const server = await startTokenServer();
    const { tokens } = setUp(server);
    await server[Symbol.asyncDispose]();
    for (let call = 0; call < 2; call++) {
      expect(await failureOf(tokens.current())).toMatchObject({
        code: 'destination-absent',
        retryable: true,
        message: expect.stringContaining('ECONNREFUSED'),
      });
    }
  });

  it('on this machine is not asked through a proxy', async () => {
    await using server = await startTokenServer();
    const { tokens } = setUp(server);
    const former = process.env['HTTPS_PROXY'];
    process.env['HTTPS_PROXY'] = 'http://127.0.0.1:9';
    try {
      expect(await tokens.current()).toMatch(/^ya29/);
    } finally {
      if (former === undefined) delete process.env['HTTPS_PROXY'];
      else process.env['HTTPS_PROXY'] = former;
    }
  });
});

describe('an error', () => {
  it.each<[string, (form: URLSearchParams) => { readonly status: number; readonly body: unknown }]>([
    ['revoked', () => refused('invalid_grant', 400)],
    ['of the client', () => refused('invalid_client', 401)],
    [
      'that quotes what it was sent',
      (form) => ({ status: 400, body: { error: form.get('refresh_token'), error_description: String(form) } }),
    ],
    ['in plain text that quotes it', (form) => ({ status: 400, body: String(form) })],
    ['of a service in trouble that quotes it', (form) => ({ status: 500, body: { error: { message: String(form), status: 'INTERNAL' } } })],
    ['in a success', (form) => ({ status: 200, body: { error: String(form), refresh_token: form.get('refresh_token') } })],
  ])('%s tells no secret anywhere', async (_, intercept) => {
    await using server = await startTokenServer();
    const { tokens } = setUp(server);
    server.intercept = intercept;
    const told = everythingOf(await failureOf(tokens.current()));
    expect(
      [...server.secrets, 'ya29.former'].filter((secret) => told.includes(secret) || told.includes(encodeURIComponent(secret))),
    ).toEqual([]);
  });
});

describe('two processes with one expired token', () => {
  it('make one refresh between them (S1-44)', async () => {
    await using server = await startTokenServer();
    await using folder = await makeTempFolder();
    const path = await writeShared(folder.path, server.client, {
      access_token: 'ya29.former',
      refresh_token: server.issueRefreshToken(),
      expiry: '2020-01-01T00:00:00',
    });
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<null>();
    server.intercept = () => {
      asked.resolve();
      return answer.promise;
    };
    const start = () => {
      const child = spawn(process.execPath, [fileURLToPath(new URL('./token-process.ts', import.meta.url)), 'take', folder.path], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, HTTPS_PROXY: '', HTTP_PROXY: '', https_proxy: '', http_proxy: '' },
      });
      return { said: text(child.stdout), waits: once(child.stderr, 'data'), ended: once(child, 'close') };
    };
    const first = start();
    await asked.promise;
    const second = start();
    expect(String(await second.waits)).toMatch(/^waiting/);
    answer.resolve(null);
    expect(await Promise.all([first.ended, second.ended])).toEqual([
      [0, null],
      [0, null],
    ]);
    const tokens = await Promise.all([first.said, second.said]);
    const { access_token } = JSON.parse(await readFile(path, 'utf8')) as { access_token: string };
    expect([tokens, server.requests.length]).toEqual([[access_token, access_token], 1]);
  });
});
