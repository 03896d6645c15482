import { describe, expect, it } from 'vitest';
import { accessTokens } from '../../electron/engine/destinations/drive/access-tokens.ts';
import type { Tokens } from '../../electron/engine/destinations/drive/credentials.ts';
import type { OAuthClient } from '../../electron/engine/destinations/drive/oauth-client.ts';
import { driveFileScope, fullDriveScope } from '../../electron/engine/destinations/drive/scopes.ts';
import { everythingOf, memoryCredentials, ownAccount, sampleTokens } from './sample-credentials.ts';
import {
  countTokenRequests,
  givenToken,
  minuteMs,
  nowMs,
  openTokenScene,
  secretsIn,
  type TokenScene,
  whenGivenUp,
  whenStalled,
} from './token-scene.ts';
import { startDoor, startTokenStandIn, type TokenAnswer } from './token-stand-ins.ts';

/** Tokens that the server has issued for these scopes, and which are over; `client` may lead to another endpoint. */
function setUp({ server, client, clock }: TokenScene, changes: Partial<Tokens> | null = {}, otherClient: Partial<OAuthClient> = {}) {
  const { refreshToken } = server.issueTokens((changes?.scopes ?? [driveFileScope]).join(' '));
  const store = memoryCredentials({ ...client, ...otherClient }, changes === null ? null : sampleTokens({ refreshToken, ...changes }));
  return {
    refreshToken,
    store,
    tokens: accessTokens({ account: ownAccount, store, clock, requiredScopes: [driveFileScope] }),
  };
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
    await using scene = await openTokenScene();
    const { tokens, store } = setUp(scene, { expiresAtMs: nowMs + 5 * minuteMs });
    expect([await tokens.current(), await tokens.current()]).toEqual(['ya29.former', 'ya29.former']);
    expect([store.reads, store.updates, countTokenRequests(scene.server)]).toEqual([1, 0, 0]);
  });

  it('gets a new one where fewer than five minutes are left, and keeps it', async () => {
    await using scene = await openTokenScene();
    const { clock } = scene;
    const { tokens, store, refreshToken } = setUp(scene, { expiresAtMs: nowMs + 5 * minuteMs - 1 });
    const token = await tokens.current();
    expect(token).toMatch(givenToken);
    expect(store.tokens).toEqual(sampleTokens({ accessToken: token, refreshToken, expiresAtMs: nowMs + 3_599_000 }));
    clock.set(nowMs + 54 * minuteMs);
    expect(await tokens.current()).toBe(token);
    clock.set(nowMs + 55 * minuteMs);
    const next = await tokens.current();
    expect([next, next === token]).toEqual([expect.stringMatching(givenToken), false]);
    expect(countTokenRequests(scene.server)).toBe(2);
  });

  it.each([
    ['without a time', { expiresAtMs: null }],
    ['without an access token', { accessToken: null }],
  ] as const)('gets one for tokens %s', async (_, changes) => {
    await using scene = await openTokenScene();
    const { tokens } = setUp(scene, { expiresAtMs: nowMs + 60 * minuteMs, ...changes });
    expect(await tokens.current()).toMatch(givenToken);
    expect(countTokenRequests(scene.server)).toBe(1);
  });

  it('asked 20 times at once makes one refresh', async () => {
    await using scene = await openTokenScene();
    const { tokens } = setUp(scene);
    const given = await Promise.all(Array.from({ length: 20 }, () => tokens.current()));
    expect([new Set(given).size, countTokenRequests(scene.server)]).toEqual([1, 1]);
  });

  it('makes one refresh also where tokens live for less than the margin', async () => {
    await using scene = await openTokenScene({ tokenLifeSeconds: 60 });
    const { tokens } = setUp(scene);
    const given = await Promise.all(Array.from({ length: 20 }, () => tokens.current()));
    given.push(await tokens.current());
    expect([new Set(given).size, countTokenRequests(scene.server)]).toEqual([1, 1]);
  });

  it('takes over what another process has stored meanwhile', async () => {
    await using scene = await openTokenScene();
    const { tokens, store } = setUp(scene);
    const read = store.read;
    store.read = async () => {
      const present = await read();
      store.tokens = sampleTokens({ accessToken: 'ya29.of-another', expiresAtMs: nowMs + 60 * minuteMs });
      return present;
    };
    expect(await tokens.current()).toBe('ya29.of-another');
    expect(countTokenRequests(scene.server)).toBe(0);
  });

  it.each<[string, Readonly<Record<string, unknown>>, Partial<Tokens>]>([
    [
      'a new refresh token, its end and its scopes',
      { refresh_token: '1//refresh-new', refresh_token_expires_in: 604_799, scope: `openid ${fullDriveScope}` },
      { refreshToken: '1//refresh-new', refreshEndsAtMs: nowMs + 604_799_000, scopes: ['openid', fullDriveScope] },
    ],
    ['nothing of them: the former ones', {}, { refreshEndsAtMs: nowMs + minuteMs }],
  ])('keeps what the answer has: %s', async (_, fields, expected) => {
    await using scene = await openTokenScene();
    // The shared server neither changes a refresh token nor leaves the scopes out.
    const body = { access_token: 'ya29.new', expires_in: 3599, token_type: 'Bearer', ...fields };
    await using standIn = await startTokenStandIn(() => ({ status: 200, body }));
    const { tokens, store, refreshToken } = setUp(scene, { refreshEndsAtMs: nowMs + minuteMs }, { tokenUri: standIn.tokenUri });
    await tokens.current();
    expect(store.tokens).toEqual(sampleTokens({ accessToken: 'ya29.new', expiresAtMs: nowMs + 3_599_000, refreshToken, ...expected }));
  });

  it('is left by one caller without harm to the others, and given up when all have left', async () => {
    await using scene = await openTokenScene();
    const { server } = scene;
    await using door = await startDoor(server.url);
    const { tokens, store } = setUp(scene, {}, { tokenUri: door.tokenUri });
    const [first, second, third] = [new AbortController(), new AbortController(), new AbortController()];
    const leaving = [failureOf(tokens.current(first.signal)), failureOf(tokens.current(second.signal))];
    const staying = tokens.current();
    await door.knocked;
    first.abort(new RangeError('one'));
    second.abort(new RangeError('two'));
    expect((await Promise.all(leaving)).map(({ message }) => message)).toEqual(['one', 'two']);
    door.open();
    const token = await staying;
    expect([countTokenRequests(server), store.tokens?.accessToken]).toEqual([1, token]);

    server.faults.add({ on: 'token', act: 'stall' });
    const givenUp = failureOf(tokens.renew(token, third.signal));
    await whenStalled(server);
    third.abort(new RangeError('three'));
    expect((await givenUp).message).toBe('three');
    await whenGivenUp(server);
    expect(await tokens.current()).not.toBe(token);
    expect(store.tokens?.accessToken).not.toBe(token);
  });
});

describe('renew', () => {
  it('gets another token though there is time left on the refused one (S1-46)', async () => {
    await using scene = await openTokenScene();
    const { tokens, store } = setUp(scene, { expiresAtMs: nowMs + 60 * minuteMs });
    const former = await tokens.current();
    const given = await Promise.all(Array.from({ length: 20 }, () => tokens.renew(former)));
    expect([new Set(given).size, countTokenRequests(scene.server), given[0] === former]).toEqual([1, 1, false]);
    expect([await tokens.current(), store.tokens?.accessToken]).toEqual([given[0], given[0]]);
  });

  it('takes the stored token where that is another one already', async () => {
    await using scene = await openTokenScene();
    const { tokens, store } = setUp(scene, { expiresAtMs: nowMs + 60 * minuteMs });
    const former = await tokens.current();
    store.tokens = sampleTokens({ accessToken: 'ya29.of-another', expiresAtMs: nowMs + 60 * minuteMs });
    expect(await tokens.renew(former)).toBe('ya29.of-another');
    expect(countTokenRequests(scene.server)).toBe(0);
  });

  it('does not take what a load that was under way brings, where that is the refused one', async () => {
    await using scene = await openTokenScene();
    const { tokens } = setUp(scene, { expiresAtMs: nowMs + 60 * minuteMs });
    const [, renewed] = await Promise.all([tokens.current(), tokens.renew('ya29.former')]);
    expect(renewed).not.toBe('ya29.former');
    expect(countTokenRequests(scene.server)).toBe(1);
  });
});

describe('a sign-in that is refused', () => {
  it('is asked for once, however often a token is wanted (S1-49)', async () => {
    await using scene = await openTokenScene();
    const { tokens, store } = setUp(scene);
    scene.server.revokeAll();
    const errors = await Promise.all(Array.from({ length: 5 }, () => failureOf(tokens.current())));
    errors.push(await failureOf(tokens.current()), await failureOf(tokens.renew('ya29.former')));
    expect([new Set(errors).size, errors[0]?.code, countTokenRequests(scene.server)]).toEqual([1, 'sign-in-revoked', 1]);
    expect(store.tokens?.accessToken).toBe('ya29.former');
  });

  it('is forgotten when somebody has signed in again', async () => {
    await using scene = await openTokenScene();
    const { tokens, store } = setUp(scene);
    scene.server.revokeAll();
    await failureOf(tokens.current());
    store.tokens = sampleTokens({ refreshToken: scene.server.issueTokens().refreshToken });
    expect(await tokens.current()).toMatch(givenToken);
  });

  it('has ended where a Testing screen gave it an end', async () => {
    await using scene = await openTokenScene({ testingConsent: true });
    const { tokens, store } = setUp(scene);
    await tokens.current();
    const endsAtMs = nowMs + 7 * 24 * 60 * minuteMs;
    expect(store.tokens?.refreshEndsAtMs).toBe(endsAtMs);
    scene.clock.set(endsAtMs);
    expect(await failureOf(tokens.current())).toMatchObject({
      code: 'sign-in-expired',
      message: expect.stringMatching(/^sign in again: /),
    });
  });

  it("blames the clock where it is far from the server's", async () => {
    await using scene = await openTokenScene();
    const { tokens } = setUp(scene);
    scene.server.revokeAll();
    scene.server.setDateSkew(3 * 60 * minuteMs);
    expect(await failureOf(tokens.current())).toMatchObject({
      code: 'sign-in-clock',
      message: "this machine's clock is 3 hours behind, so Google refuses the destination drive",
    });
  });

  it.each([
    ['nobody signed in', null],
    ['there is no refresh token', { refreshToken: null }],
  ])('is missing where %s, and nothing is asked', async (_, changes) => {
    await using scene = await openTokenScene();
    const { tokens } = setUp(scene, changes);
    for (const call of [() => tokens.current(), () => tokens.renew('x')]) {
      expect(await failureOf(call())).toMatchObject({ code: 'sign-in-missing', hint: 'nightjar destination sign-in drive' });
    }
    expect(countTokenRequests(scene.server)).toBe(0);
  });

  it('lacks a scope, and nothing is asked; the full Drive has every scope of it', async () => {
    await using scene = await openTokenScene();
    for (const expiresAtMs of [0, nowMs + 60 * minuteMs]) {
      const { tokens } = setUp(scene, { scopes: ['openid'], expiresAtMs });
      expect(await failureOf(tokens.current())).toMatchObject({ code: 'sign-in-scope', message: expect.stringContaining(driveFileScope) });
    }
    expect(countTokenRequests(scene.server)).toBe(0);
    expect(await setUp(scene, { scopes: [fullDriveScope] }).tokens.current()).toMatch(givenToken);
    expect(await setUp(scene, { scopes: [] }).tokens.current()).toMatch(givenToken);
  });
});

describe('a token service that is in trouble', () => {
  // Google's frontends answer some of them with JSON, and 502 with a page.
  it.each([503, 500, 429, 502])('with %d is destination-busy, and is asked again the next time only', async (code) => {
    await using scene = await openTokenScene({ faults: [{ on: 'token', act: 'status', code }] });
    const { tokens } = setUp(scene);
    expect(await failureOf(tokens.current())).toMatchObject({ code: 'destination-busy', retryable: true });
    expect([countTokenRequests(scene.server), scene.server.faults.pending()]).toEqual([1, []]);
    expect(await tokens.current()).toMatch(givenToken);
  });

  it.each([
    ['a page instead of tokens', '<html>please accept our terms</html>'],
    ['an answer without a life', { access_token: 'ya29.lifeless' }],
    ['an empty answer', {}],
  ])('answers with %s: nothing of it is kept', async (_, body) => {
    await using scene = await openTokenScene();
    await using standIn = await startTokenStandIn(() => ({ status: 200, body }));
    const { tokens, store, refreshToken } = setUp(scene, {}, { tokenUri: standIn.tokenUri });
    expect(await failureOf(tokens.current())).toMatchObject({ code: 'destination-busy', retryable: true });
    expect(store.tokens).toEqual(sampleTokens({ refreshToken }));
  });

  it('cannot be reached', async () => {
    await using scene = await openTokenScene();
    const { tokens } = setUp(scene);
    await scene.server.close();
    for (let call = 0; call < 2; call++) {
      expect(await failureOf(tokens.current())).toMatchObject({
        code: 'destination-absent',
        retryable: true,
        message: expect.stringContaining('ECONNREFUSED'),
      });
    }
  });

  it('on this machine is not asked through a proxy', async () => {
    await using scene = await openTokenScene();
    const { tokens } = setUp(scene);
    const former = process.env['HTTPS_PROXY'];
    process.env['HTTPS_PROXY'] = 'http://127.0.0.1:9';
    try {
      expect(await tokens.current()).toMatch(givenToken);
    } finally {
      if (former === undefined) delete process.env['HTTPS_PROXY'];
      else process.env['HTTPS_PROXY'] = former;
    }
  });
});

describe('an error', () => {
  it('of a sign-in that was revoked tells no secret anywhere', async () => {
    await using scene = await openTokenScene();
    const { tokens } = setUp(scene);
    scene.server.revokeAll();
    const error = await failureOf(tokens.current());
    expect([error.code, secretsIn(everythingOf(error), scene.server, 'ya29.former')]).toEqual(['sign-in-revoked', []]);
  });

  it('of a client that is not accepted tells no secret anywhere', async () => {
    await using scene = await openTokenScene();
    const clientSecret = 'GOCSPX-of-yesterday';
    const error = await failureOf(setUp(scene, {}, { clientSecret }).tokens.current());
    expect([error.code, secretsIn(everythingOf(error), scene.server, clientSecret, 'ya29.former')]).toEqual(['sign-in-client', []]);
  });

  it.each<[string, (form: URLSearchParams) => TokenAnswer, string]>([
    [
      'that quotes what it was sent',
      (form) => ({ status: 400, body: { error: form.get('refresh_token'), error_description: String(form) } }),
      'destination-refused',
    ],
    ['in plain text that quotes it', (form) => ({ status: 400, body: String(form) }), 'destination-refused'],
    [
      'of a service in trouble that quotes it',
      (form) => ({ status: 500, body: { error: { message: String(form), status: 'INTERNAL' } } }),
      'destination-busy',
    ],
    [
      'in a success',
      (form) => ({ status: 200, body: { error: String(form), refresh_token: form.get('refresh_token') } }),
      'destination-busy',
    ],
  ])('%s tells no secret anywhere', async (_, quote, code) => {
    await using scene = await openTokenScene();
    // The shared server quotes nothing that is secret.
    await using standIn = await startTokenStandIn(quote);
    const error = await failureOf(setUp(scene, {}, { tokenUri: standIn.tokenUri }).tokens.current());
    expect([error.code, secretsIn(everythingOf(error), scene.server, 'ya29.former')]).toEqual([code, []]);
  });
});
