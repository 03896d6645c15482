import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { driveFileScope } from '../../electron/engine/destinations/drive/scopes.ts';
import { type SignInRequest, signIn } from '../../electron/engine/destinations/drive/sign-in.ts';
import { everythingOf } from './sample-credentials.ts';
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

/** A sign-in that is waiting for the browser, and its outcome as a value. */
async function begin({ client, clock }: TokenScene, changes: Partial<SignInRequest> = {}) {
  const told = Promise.withResolvers<string>();
  const opened: string[] = [];
  const openUrl = async (url: string) => opened.push(url) > 0;
  const outcome = signIn({ name: 'drive', client, ports: { clock, openUrl }, onUrl: told.resolve, ...changes }).then(
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
    await using scene = await openTokenScene();
    const first = await begin(scene);
    const second = await begin(scene);
    expect(first.url.origin + first.url.pathname).toBe(scene.client.authUri);
    expect(Object.fromEntries(first.url.searchParams)).toEqual({
      response_type: 'code',
      client_id: scene.client.clientId,
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
      await scene.server.fetchAsBrowser(url.href);
      expect((await outcome).error).toBeNull();
    }
  });

  it('gives the tokens, tells the browser so, and gives the port back', async () => {
    await using scene = await openTokenScene({ testingConsent: true });
    const { url, redirectUri, outcome, opened } = await begin(scene);
    const page = await fetch(url);
    expect([page.status, await page.text(), page.headers.get('content-security-policy')]).toEqual([
      200,
      expect.stringContaining('Nightjar is signed in'),
      expect.stringMatching(/^default-src 'none'; style-src 'sha256-[^;]+'; /),
    ]);
    const { tokens } = await outcome;
    expect(tokens).toEqual({
      accessToken: expect.stringMatching(givenToken),
      refreshToken: expect.stringMatching(/^1\/\/0[A-Za-z0-9]{98}$/),
      expiresAtMs: nowMs + 3_599_000,
      scopes: [driveFileScope],
      refreshEndsAtMs: nowMs + 7 * 24 * 60 * minuteMs,
    });
    expect(opened).toEqual([String(url)]);
    expect(await isClosed(redirectUri)).toBe(true);
  });

  it.each([
    ['says that it cannot', async () => false],
    ['fails', () => Promise.reject(new Error('no browser'))],
    ['never says', () => new Promise<boolean>(() => {})],
  ])('goes on where the browser %s: the address was told', async (_, openUrl) => {
    await using scene = await openTokenScene();
    const { url, outcome } = await begin(scene, { ports: { clock: scene.clock, openUrl } });
    await scene.server.fetchAsBrowser(url.href);
    expect((await outcome).tokens).not.toBeNull();
  });

  it('is not ended by requests that do not belong to it', async () => {
    await using scene = await openTokenScene();
    const { url, redirectUri, state, outcome } = await begin(scene);
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
    expect(countTokenRequests(scene.server)).toBe(0);
    await scene.server.fetchAsBrowser(url.href);
    expect((await outcome).tokens).not.toBeNull();
  });

  it('takes one answer only', async () => {
    await using scene = await openTokenScene();
    await using door = await startDoor(scene.server.url);
    const { url, redirectUri, state, outcome } = await begin(scene, { client: { ...scene.client, tokenUri: door.tokenUri } });
    const page = fetch(url);
    await door.knocked;
    expect((await fetch(`${redirectUri}?state=${state}&code=second`)).status).toBe(409);
    door.open();
    expect([(await page).status, (await outcome).error, countTokenRequests(scene.server)]).toEqual([200, null, 1]);
  });
});

/** What makes a sign-in come to nothing; without any of it, it succeeds. */
interface Trouble {
  readonly before?: (scene: TokenScene) => void;
  readonly request?: (scene: TokenScene) => Partial<SignInRequest>;
  /** What the token endpoint answers in place of the shared server, which never does. */
  readonly said?: TokenAnswer;
  /** Goes the way of the browser in another way. */
  readonly browse?: (waiting: Awaited<ReturnType<typeof begin>>, scene: TokenScene) => Promise<Response>;
}

const onlyAccess = { access_token: 'ya29.alone', expires_in: 3599, scope: driveFileScope, token_type: 'Bearer' };

/** The person on the consent page takes longer to come back than a code lives. */
const comeBackLate: Trouble['browse'] = async ({ url }, { clock }) => {
  const consented = await fetch(url, { redirect: 'manual' });
  clock.set(nowMs + 10 * minuteMs);
  return fetch(consented.headers.get('location') ?? '');
};

describe('a sign-in that comes to nothing', () => {
  it.each<[string, Trouble, string, RegExp]>([
    ['is denied', { before: ({ server }) => server.setConsent('deny') }, 'sign-in-missing', /was not allowed$/],
    [
      'is against the rules of an organisation',
      { browse: ({ redirectUri, state }) => fetch(`${redirectUri}?state=${state}&error=org_internal`) },
      'sign-in-client',
      /org_internal/,
    ],
    [
      'has an unticked box',
      { before: ({ server }) => server.setConsent('untick'), request: () => ({ scope: `openid ${driveFileScope}` }) },
      'sign-in-scope',
      /not granted: [^ ]*drive\.file/,
    ],
    ['has no box ticked at all', { before: ({ server }) => server.setConsent('untick') }, 'sign-in-scope', /not granted: [^ ]*drive\.file/],
    ['has no refresh token', { said: { status: 200, body: onlyAccess } }, 'sign-in-missing', /no refresh token/],
    ['has a code that is over', { browse: comeBackLate }, 'sign-in-missing', /the code of the browser/],
    [
      'has a code of somebody else',
      { browse: ({ redirectUri, state }) => fetch(`${redirectUri}?state=${state}&code=stolen`) },
      'sign-in-missing',
      /the code of the browser/,
    ],
    [
      'has a client that is gone',
      { said: { status: 401, body: { error: 'deleted_client', error_description: 'Bad Request' } } },
      'sign-in-client',
      /deleted_client/,
    ],
    [
      'has a client whose secret is another one now',
      { request: ({ client }) => ({ client: { ...client, clientSecret: 'GOCSPX-of-yesterday' } }) },
      'sign-in-client',
      /invalid_client/,
    ],
    [
      'meets a service in trouble',
      { before: ({ server }) => server.faults.add({ on: 'token', act: 'status', code: 502 }) },
      'destination-busy',
      /502/,
    ],
  ])(
    'because it %s says so here and in the browser',
    async (_, { before, request, said, browse = ({ url }) => fetch(url) }, code, message) => {
      await using scene = await openTokenScene();
      await using standIn = said === undefined ? null : await startTokenStandIn(() => said);
      before?.(scene);
      const waiting = await begin(scene, {
        client: { ...scene.client, tokenUri: standIn?.tokenUri ?? scene.client.tokenUri },
        ...request?.(scene),
      });
      const page = await browse(waiting, scene);
      expect([page.status, await page.text()]).toEqual([400, expect.stringContaining('Nightjar is not signed in')]);
      const { error } = await waiting.outcome;
      expect(error).toMatchObject({ code, message: expect.stringMatching(message), hint: expect.any(String) });
      expect(error?.message).toContain('drive');
      expect(secretsIn(everythingOf(error), scene.server, onlyAccess.access_token, 'GOCSPX-of-yesterday', 'stolen')).toEqual([]);
      expect(await isClosed(waiting.redirectUri)).toBe(true);
    },
  );

  it('because nobody answers ends after its time', async () => {
    await using scene = await openTokenScene();
    const { redirectUri, outcome } = await begin(scene, { limitMs: 30 });
    expect((await outcome).error).toMatchObject({ code: 'timed-out', hint: expect.stringContaining('nightjar destination sign-in drive') });
    expect(await isClosed(redirectUri)).toBe(true);
  });

  it('because it is aborted gives the port back, with connections open', async () => {
    await using scene = await openTokenScene();
    const abort = new AbortController();
    const { redirectUri, outcome } = await begin(scene, { signal: abort.signal });
    await (await fetch(redirectUri)).text();
    abort.abort(new RangeError('cancelled'));
    expect((await outcome).error).toBeInstanceOf(RangeError);
    expect(await isClosed(redirectUri)).toBe(true);
  });

  it('because it is aborted in the middle of the exchange gives the port back', async () => {
    await using scene = await openTokenScene({ faults: [{ on: 'token', act: 'stall' }] });
    const abort = new AbortController();
    const { url, redirectUri, outcome } = await begin(scene, { signal: abort.signal });
    const page = expect(fetch(url).then((answer) => answer.text())).rejects.toThrow();
    await whenStalled(scene.server);
    abort.abort(new RangeError('cancelled'));
    await page;
    expect((await outcome).error).toBeInstanceOf(RangeError);
    await whenGivenUp(scene.server);
    expect(await isClosed(redirectUri)).toBe(true);
  });

  it('because it was aborted before it began opens nothing', async () => {
    await using scene = await openTokenScene();
    const urls: string[] = [];
    const request = {
      name: 'drive',
      client: scene.client,
      ports: { clock: scene.clock, openUrl: async (url: string) => urls.push(url) > 0 },
      onUrl: (url: string) => void urls.push(url),
    };
    await expect(signIn({ ...request, signal: AbortSignal.abort(new RangeError('cancelled')) })).rejects.toThrow(RangeError);
    expect(urls).toEqual([]);
  });
});
