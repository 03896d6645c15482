import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { driveFileScope } from '../../electron/engine/destinations/drive/scopes.ts';
import { type SignInRequest, signIn } from '../../electron/engine/destinations/drive/sign-in.ts';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import { standingClock } from '../support/test-engine.ts';
import { everythingOf } from './sample-credentials.ts';
import { refused, startTokenServer, type TokenServer } from './token-server.ts';

const nowMs = Date.parse('2026-11-22T03:17:00Z');
const clock = standingClock(systemClock, nowMs);

/** A sign-in that is waiting for the browser, and its outcome as a value. */
async function begin(server: TokenServer, changes: Partial<SignInRequest> = {}) {
  const told = Promise.withResolvers<string>();
  const opened: string[] = [];
  const openUrl = async (url: string) => opened.push(url) > 0;
  const outcome = signIn({ name: 'drive', client: server.client, ports: { clock, openUrl }, onUrl: told.resolve, ...changes }).then(
    (tokens) => ({ tokens, error: null }),
    (error: unknown) => ({ tokens: null, error: error as Error & { readonly code: string } }),
  );
  const url = new URL(await told.promise);
  const redirectUri = url.searchParams.get('redirect_uri') ?? '';
  return { url, redirectUri, state: url.searchParams.get('state') ?? '', outcome, opened };
}

/** Nothing listens there any more. */
async function isClosed(redirectUri: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(redirectUri).port), '127.0.0.1');
    socket.on('connect', () => resolve(false));
    socket.on('error', () => resolve(true));
    socket.on('connect', () => socket.destroy());
  });
}

describe('a sign-in', () => {
  it('asks for offline access with PKCE and a state, at an address of this machine alone', async () => {
    await using server = await startTokenServer();
    const first = await begin(server);
    const second = await begin(server);
    expect(Object.fromEntries(first.url.searchParams)).toEqual({
      response_type: 'code',
      client_id: 'desktop-client',
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/),
      scope: driveFileScope,
      state: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
      access_type: 'offline',
      prompt: 'consent',
    });
    expect(first.state).not.toBe(second.state);
    expect(first.url.searchParams.get('code_challenge')).not.toBe(second.url.searchParams.get('code_challenge'));
    for (const { url, outcome } of [second, first]) {
      await (await fetch(url)).text();
      expect((await outcome).error).toBeNull();
    }
  });

  it('gives the tokens, tells the browser so, and gives the port back', async () => {
    await using server = await startTokenServer();
    server.extra = { refresh_token_expires_in: 604_799 };
    const { url, redirectUri, outcome, opened } = await begin(server);
    const page = await fetch(url);
    expect([page.status, await page.text(), page.headers.get('content-security-policy')]).toEqual([
      200,
      expect.stringContaining('Nightjar is signed in'),
      expect.stringMatching(/^default-src 'none'; style-src 'sha256-[^;]+'; /),
    ]);
    const { tokens } = await outcome;
    expect(tokens).toEqual({
      accessToken: expect.stringMatching(/^ya29\./),
      refreshToken: expect.stringMatching(/^1\/\//),
      expiresAtMs: nowMs + 3_599_000,
      scopes: [driveFileScope],
      refreshEndsAtMs: nowMs + 604_799_000,
    });
    expect(opened).toEqual([String(url)]);
    expect(await isClosed(redirectUri)).toBe(true);
  });

  it.each([
    ['says that it cannot', async () => false],
    ['fails', () => Promise.reject(new Error('no browser'))],
    ['never says', () => new Promise<boolean>(() => {})],
  ])('goes on where the browser %s: the address was told', async (_, openUrl) => {
    await using server = await startTokenServer();
    const { url, outcome } = await begin(server, { ports: { clock, openUrl } });
    await (await fetch(url)).text();
    expect((await outcome).tokens).not.toBeNull();
  });

  it('is not ended by requests that do not belong to it', async () => {
    await using server = await startTokenServer();
    const { url, redirectUri, state, outcome } = await begin(server);
    const requests: [string, RequestInit?][] = [
      [`${redirectUri}favicon.ico`],
      [`${redirectUri}other?state=${state}&code=stolen`],
      [`${redirectUri}?state=wrong&code=stolen`],
      [`${redirectUri}?code=stolen`],
      [`${redirectUri}?state=${state}x&code=stolen`],
      [`${redirectUri}?state=&code=stolen`],
      [`${redirectUri}?state=wrong&error=access_denied`],
      [`${redirectUri}?state=${state}`],
      [`${redirectUri}?state=${state}&code=`],
      [redirectUri],
      [`${redirectUri}?state=${state}&code=stolen`, { method: 'POST' }],
    ];
    const answers = await Promise.all(requests.map(([address, init]) => fetch(address, init)));
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 400, 400, 400, 400, 400, 400, 400, 400, 404]);
    expect(server.requests.length).toBe(0);
    await (await fetch(url)).text();
    expect((await outcome).tokens).not.toBeNull();
  });

  it('takes one answer only', async () => {
    await using server = await startTokenServer();
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<null>();
    server.intercept = () => {
      asked.resolve();
      return answer.promise;
    };
    const { url, redirectUri, state, outcome } = await begin(server);
    const page = fetch(url);
    await asked.promise;
    expect((await fetch(`${redirectUri}?state=${state}&code=second`)).status).toBe(409);
    answer.resolve(null);
    expect([(await page).status, (await outcome).error, server.requests.length]).toEqual([200, null, 1]);
  });
});

describe('a sign-in that comes to nothing', () => {
  it.each<[string, (server: TokenServer) => void, string, RegExp]>([
    ['is denied', (server) => (server.consent = 'deny'), 'sign-in-missing', /was not allowed$/],
    ['is against the rules of an organisation', (server) => (server.consent = 'other-error'), 'sign-in-client', /org_internal/],
    ['has an unticked box', (server) => (server.consent = 'untick'), 'sign-in-scope', /not granted: .*drive\.file/],
    ['has no refresh token', (server) => (server.extra = { refresh_token: undefined }), 'sign-in-missing', /no refresh token/],
    [
      'has a code that is over',
      (server) => (server.intercept = () => refused('invalid_grant', 400)),
      'sign-in-missing',
      /the code of the browser/,
    ],
    [
      'has a client that is gone',
      (server) => (server.intercept = () => refused('deleted_client', 401)),
      'sign-in-client',
      /deleted_client/,
    ],
    ['meets a service in trouble', (server) => (server.intercept = () => ({ status: 502, body: 'no' })), 'destination-busy', /502/],
  ])('because it %s says so here and in the browser', async (_, change, code, message) => {
    await using server = await startTokenServer();
    change(server);
    // The Date header of the server is of today.
    const { url, redirectUri, outcome } = await begin(server, { ports: { clock: systemClock, openUrl: async () => true } });
    const page = await fetch(url);
    expect([page.status, await page.text()]).toEqual([400, expect.stringContaining('Nightjar is not signed in')]);
    const { error } = await outcome;
    expect(error).toMatchObject({ code, message: expect.stringMatching(message), hint: expect.any(String) });
    expect(error?.message).toContain('drive');
    const told = everythingOf(error);
    expect([...server.secrets].filter((secret) => told.includes(secret))).toEqual([]);
    expect(await isClosed(redirectUri)).toBe(true);
  });

  it('because nobody answers ends after its time', async () => {
    await using server = await startTokenServer();
    const { redirectUri, outcome } = await begin(server, { limitMs: 30 });
    expect((await outcome).error).toMatchObject({ code: 'timed-out', hint: expect.stringContaining('nightjar destination sign-in drive') });
    expect(await isClosed(redirectUri)).toBe(true);
  });

  it('because it is aborted gives the port back, with connections open', async () => {
    await using server = await startTokenServer();
    const abort = new AbortController();
    const { redirectUri, outcome } = await begin(server, { signal: abort.signal });
    await (await fetch(redirectUri)).text();
    abort.abort(new RangeError('cancelled'));
    expect((await outcome).error).toBeInstanceOf(RangeError);
    expect(await isClosed(redirectUri)).toBe(true);
  });

  it('because it is aborted in the middle of the exchange gives the port back', async () => {
    await using server = await startTokenServer();
    const abort = new AbortController();
    server.intercept = () => {
      abort.abort(new RangeError('cancelled'));
      return new Promise(() => {});
    };
    const { url, redirectUri, outcome } = await begin(server, { signal: abort.signal });
    await expect(fetch(url).then((page) => page.text())).rejects.toThrow();
    expect((await outcome).error).toBeInstanceOf(RangeError);
    expect(await isClosed(redirectUri)).toBe(true);
  });

  it('because it was aborted before it began opens nothing', async () => {
    await using server = await startTokenServer();
    const urls: string[] = [];
    const request = {
      name: 'drive',
      client: server.client,
      ports: { clock, openUrl: async () => true },
      onUrl: (url: string) => void urls.push(url),
    };
    await expect(signIn({ ...request, signal: AbortSignal.abort(new RangeError('cancelled')) })).rejects.toThrow(RangeError);
    expect(urls).toEqual([]);
  });
});
