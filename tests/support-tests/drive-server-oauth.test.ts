import { createHash, randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type DriveServer, startDriveServer } from '../support/drive-server.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { caller, reasonOf, send, withQuery } from './raw-http.ts';

const redirectUri = 'http://127.0.0.1:9/callback?from=google';
const driveScope = 'https://www.googleapis.com/auth/drive';
const verifier = randomBytes(32).toString('base64url');

function authParams(server: DriveServer, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    client_id: server.clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: `${driveScope} openid`,
    state: 'a state / with signs',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    access_type: 'offline',
    prompt: 'consent',
    ...more,
  };
}

/** Opens the consent page and gives what comes back to the loopback address. */
async function authorize(server: DriveServer, more: Readonly<Record<string, string>> = {}) {
  const reply = await send(server.url + withQuery('/o/oauth2/v2/auth', authParams(server, more)));
  const { location } = reply.headers;
  return { ...reply, back: location === undefined ? null : new URL(location) };
}

function token(server: DriveServer, form: Readonly<Record<string, string>>, type = 'application/x-www-form-urlencoded') {
  const body = new URLSearchParams({ client_id: server.clientId, client_secret: server.clientSecret, ...form }).toString();
  return send(`${server.url}/token`, { method: 'POST', body, headers: { 'content-type': type } });
}

async function codeForm(server: DriveServer): Promise<Record<string, string>> {
  const { back } = await authorize(server);
  const code = back?.searchParams.get('code') ?? '';
  return { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier };
}

function works(server: DriveServer, accessToken: string): Promise<boolean> {
  return caller(server, accessToken)('GET', '/drive/v3/about?fields=user').then(({ status }) => status === 200);
}

describe('the consent page', () => {
  it('redirects with a code, with access_denied, or with less than was asked for', async () => {
    await using server = await startDriveServer();
    const allowed = (await authorize(server)).back;
    expect(Object.fromEntries(allowed?.searchParams ?? [])).toEqual({
      from: 'google',
      state: 'a state / with signs',
      code: expect.stringMatching(/^4\//),
      scope: `${driveScope} openid`,
    });
    server.setConsent('deny');
    expect(Object.fromEntries((await authorize(server)).back?.searchParams ?? [])).toEqual({
      from: 'google',
      state: 'a state / with signs',
      error: 'access_denied',
    });
    server.setConsent('untick');
    const unticked = await token(server, await codeForm(server));
    expect(unticked.json).toMatchObject({ scope: 'openid', token_type: 'Bearer' });
    expect(await works(server, unticked.json.access_token)).toBe(false);
  });

  it('asks a person, who clicks', async () => {
    await using server = await startDriveServer({ consent: 'ask' });
    const page = await authorize(server);
    expect(page.headers['content-type']).toContain('text/html');
    for (const label of ['Allow', 'Deny', 'Allow without Drive']) expect(page.text).toContain(`>${label}</button>`);
    const inputs = [...page.text.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]);
    const form = { ...Object.fromEntries(inputs.filter(([name]) => name !== 'decision')), decision: 'allow' };
    const clicked = await send(server.url + withQuery('/o/oauth2/v2/decision', form));
    expect(clicked.status).toBe(302);
    expect(new URL(clicked.headers.location ?? '').searchParams.get('code')).toMatch(/^4\//);
  });

  it.each<[string, Record<string, string>, number, string]>([
    ['an unknown client', { client_id: 'x' }, 401, 'invalid_client'],
    ['a redirect to elsewhere', { redirect_uri: 'http://example.com/' }, 400, 'redirect_uri_mismatch'],
    ['a redirect with https', { redirect_uri: 'https://127.0.0.1/' }, 400, 'redirect_uri_mismatch'],
    ['a redirect that is none', { redirect_uri: 'urn:ietf:wg:oauth:2.0:oob' }, 400, 'redirect_uri_mismatch'],
    ['another response type', { response_type: 'token' }, 400, 'invalid_request'],
    ['no scope', { scope: '' }, 400, 'invalid_request'],
    ['an unknown scope', { scope: 'drive.file' }, 400, 'invalid_scope'],
    ['an unknown access type', { access_type: 'forever' }, 400, 'invalid_request'],
    ['an unknown prompt', { prompt: 'always' }, 400, 'invalid_request'],
    ['an unknown challenge method', { code_challenge_method: 'MD5' }, 400, 'invalid_request'],
    ['a short challenge', { code_challenge: 'short' }, 400, 'invalid_request'],
  ])('refuses %s', async (_, params, status, text) => {
    await using server = await startDriveServer();
    const reply = await authorize(server, params);
    expect([reply.status, reply.back]).toEqual([status, null]);
    expect(reply.text).toContain(text);
  });

  it('is followed by a browser up to the loopback address', async () => {
    await using server = await startDriveServer();
    const loopback = createServer((request, response) => {
      response.end(`got ${new URL(request.url ?? '', 'http://x').searchParams.get('state')}`);
    });
    await new Promise<void>((resolve) => loopback.listen(0, '127.0.0.1', resolve));
    const uri = `http://127.0.0.1:${(loopback.address() as AddressInfo).port}`;
    const params = authParams(server, { redirect_uri: uri, state: 's' });
    const seen = await server.fetchAsBrowser(server.url + withQuery('/o/oauth2/auth', params));
    expect(seen).toMatchObject({ status: 200, body: 'got s', url: expect.stringContaining(uri) });
    loopback.closeAllConnections();
    loopback.close();
  });
});

describe('the token endpoint', () => {
  it('exchanges a code once and refreshes', async () => {
    await using server = await startDriveServer();
    const form = await codeForm(server);
    const first = await token(server, form);
    expect(first.json).toEqual({
      access_token: expect.stringMatching(/^ya29\./),
      refresh_token: expect.stringMatching(/^1\/\//),
      expires_in: 3599,
      scope: `${driveScope} openid`,
      token_type: 'Bearer',
    });
    expect(reasonOf(await token(server, form))).toBe('400 invalid_grant');
    const again = await token(server, { grant_type: 'refresh_token', refresh_token: first.json.refresh_token });
    expect(again.json).toEqual({
      access_token: expect.stringMatching(/^ya29\./),
      expires_in: 3599,
      scope: `${driveScope} openid`,
      token_type: 'Bearer',
    });
    expect(again.json.access_token).not.toBe(first.json.access_token);
    expect([await works(server, first.json.access_token), await works(server, again.json.access_token)]).toEqual([true, true]);
    expect(server.numbers().refreshes).toBe(1);
    const given = [form.code, first.json.access_token, first.json.refresh_token, again.json.access_token, server.clientSecret];
    expect(server.secrets()).toEqual(expect.arrayContaining(given));
    const text = JSON.stringify(server.requests());
    expect(server.secrets().filter((secret) => text.includes(encodeURIComponent(secret)) || text.includes(secret))).toEqual([]);
  });

  it.each<[string, Record<string, string>, string]>([
    ['another secret', { client_secret: 'x' }, '401 invalid_client'],
    ['another client', { client_id: 'x' }, '401 invalid_client'],
    ['another code', { code: '4/x' }, '400 invalid_grant'],
    ['another redirect', { redirect_uri: 'http://127.0.0.1:9/callback' }, '400 redirect_uri_mismatch'],
    ['another verifier', { code_verifier: 'x'.repeat(43) }, '400 invalid_grant'],
    ['another grant type', { grant_type: 'password' }, '400 unsupported_grant_type'],
  ])('refuses %s, and the code stays good', async (_, changes, expected) => {
    await using server = await startDriveServer();
    const form = await codeForm(server);
    expect(reasonOf(await token(server, { ...form, ...changes }))).toBe(expected);
    const { code_verifier: _verifier, ...without } = form;
    expect(reasonOf(await token(server, without))).toBe('400 invalid_grant');
    expect(reasonOf(await token(server, form, 'application/json'))).toBe('400 invalid_request');
    expect((await token(server, form)).status).toBe(200);
  });

  it('ends tokens by the clock', async () => {
    let now = Date.UTC(2026, 10, 22);
    await using server = await startDriveServer({ now: () => now, testingConsent: true, tokenLifeSeconds: 60 });
    const lateForm = await codeForm(server);
    const { json } = await token(server, await codeForm(server));
    expect(json).toMatchObject({ expires_in: 60, refresh_token_expires_in: 7 * 24 * 3600 });
    now += 59_999;
    expect(await works(server, json.access_token)).toBe(true);
    now += 1;
    expect(await works(server, json.access_token)).toBe(false);
    server.setTokenLife(10);
    const refresh = () => token(server, { grant_type: 'refresh_token', refresh_token: json.refresh_token });
    expect((await refresh()).json).toMatchObject({ expires_in: 10, refresh_token_expires_in: 7 * 24 * 3600 - 60 });
    now += 10 * 60_000;
    expect(reasonOf(await token(server, lateForm))).toBe('400 invalid_grant');
    now += 7 * 24 * 3600_000;
    expect((await refresh()).json).toEqual({ error: 'invalid_grant', error_description: 'Token has been expired or revoked.' });
  });

  it('knows nothing any more that was revoked or expired', async () => {
    await using server = await startDriveServer();
    const issued = server.issueTokens('drive');
    const refresh = (refreshToken: string) => token(server, { grant_type: 'refresh_token', refresh_token: refreshToken });
    server.expireAccessTokens();
    const next = (await refresh(issued.refreshToken)).json.access_token;
    expect([await works(server, issued.accessToken), await works(server, next)]).toEqual([false, true]);
    const other = server.issueTokens('drive');
    const revoked = await send(`${server.url}/revoke`, {
      method: 'POST',
      body: new URLSearchParams({ token: next }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect([revoked.status, await works(server, next), await works(server, other.accessToken)]).toEqual([200, false, true]);
    expect(reasonOf(await refresh(issued.refreshToken))).toBe('400 invalid_grant');
    server.revokeAll();
    expect([await works(server, other.accessToken), (await refresh(other.refreshToken)).status]).toEqual([false, 400]);
    const foreign = server.issueTokens('drive', { clientId: 'other.apps.googleusercontent.com' });
    expect(reasonOf(await refresh(foreign.refreshToken))).toBe('401 unauthorized_client');
  });
});

describe('what a program finds on disk', () => {
  it('is a client of the type "Desktop app"', async () => {
    await using folder = await makeTempFolder();
    await using server = await startDriveServer();
    const path = join(folder.path, 'client.json');
    await server.clientFile(path);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
      installed: {
        client_id: server.clientId,
        project_id: expect.any(String),
        auth_uri: `${server.url}/o/oauth2/auth`,
        token_uri: `${server.url}/token`,
        auth_provider_x509_cert_url: expect.any(String),
        client_secret: server.clientSecret,
        redirect_uris: ['http://localhost'],
      },
    });
  });

  it.each([
    ['iso', { expiry: '2026-11-22T00:01:00.000Z' }],
    ['iso-naive', { expiry: '2026-11-22T00:01:00.000' }],
    ['epoch-ms', { expiry_date: Date.UTC(2026, 10, 22, 0, 1) }],
  ] as const)('are the tokens of an earlier sign-in, with the expiry as %s', async (format, expiry) => {
    await using folder = await makeTempFolder();
    await using server = await startDriveServer({ now: () => Date.UTC(2026, 10, 22) });
    const extra = { id_token: 'x', scope: 'is written over' };
    const issued = await server.sharedCredentials(folder.path, { scope: 'drive', expiresInSeconds: 60, format, extra });
    const path = join(folder.path, 'tokens.json');
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
      id_token: 'x',
      access_token: issued.accessToken,
      refresh_token: issued.refreshToken,
      scope: driveScope,
      token_type: 'Bearer',
      ...expiry,
    });
    expect(JSON.parse(await readFile(join(folder.path, 'gcp-oauth.keys.json'), 'utf8'))).toHaveProperty(
      'installed.client_id',
      server.clientId,
    );
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await works(server, issued.accessToken)).toBe(true);
  });
});
