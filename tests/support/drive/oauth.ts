import { createHash } from 'node:crypto';
import type { Consent } from '../drive-server.ts';
import { escapeHtml, htmlError, Refusal } from './google-error.ts';
import type { Answer } from './http-exchange.ts';
import { type AccessToken, type Client, type Code, type Grant, letters, type ServerState } from './server-state.ts';

const scopePrefix = 'https://www.googleapis.com/auth/';
const plainScopes = new Set(['openid', 'email', 'profile']);
const driveScopes = 'drive drive.file drive.readonly drive.appdata drive.metadata drive.metadata.readonly userinfo.email userinfo.profile';
const knownScopes = new Set([...plainScopes, ...driveScopes.split(' ').map((name) => scopePrefix + name)]);
const codeLifeMs = 10 * 60_000;
const testingLifeMs = 7 * 24 * 60 * 60_000;

interface OAuthOptions {
  consent: Consent;
  tokenLifeSeconds: number;
  readonly testingConsent: boolean;
}

/** Google's authorization and token endpoints. */
export class OAuth {
  readonly options: OAuthOptions;
  refreshes = 0;
  readonly #state: ServerState;

  constructor(state: ServerState, options: OAuthOptions) {
    this.#state = state;
    this.options = options;
  }

  /** The consent page: decides at once or asks. */
  authorize(params: URLSearchParams): Answer {
    const request = this.#readAuthRequest(params);
    const { consent } = this.options;
    return consent === 'ask' ? consentPage(params) : this.#decide(request, consent);
  }

  /** A click on the consent page. */
  decide(params: URLSearchParams): Answer {
    const decision = params.get('decision');
    if (decision !== 'allow' && decision !== 'deny' && decision !== 'untick') throw authError(400, 'invalid_request', 'no decision');
    return this.#decide(this.#readAuthRequest(params), decision);
  }

  /** Exchanges a code or a refresh token. */
  token(form: URLSearchParams, basic: string | null): Answer {
    const [basicId, basicSecret] = basic === null ? [] : Buffer.from(basic, 'base64').toString().split(':', 2);
    const client = this.#checkClient(form.get('client_id') ?? basicId ?? null, form.get('client_secret') ?? basicSecret ?? null);
    const grantType = form.get('grant_type');
    if (grantType === 'authorization_code') return this.#exchangeCode(client, form);
    if (grantType === 'refresh_token') return this.#refresh(client, form);
    throw tokenError(400, 'unsupported_grant_type', `Invalid grant_type: ${grantType ?? ''}`);
  }

  /** Takes back the grant behind a token of either kind. */
  revoke(token: string): Answer {
    const { grants, accessTokens } = this.#state.data;
    const grantId = accessTokens.find((one) => one.token === token)?.grantId;
    const grant = grants.find((one) => (one.refreshToken === token || one.id === grantId) && !one.isRevoked);
    if (!grant) throw tokenError(400, 'invalid_token', 'Token expired or revoked');
    this.#end([grant]);
    return { status: 200, json: {} };
  }

  revokeAll(): void {
    this.#end(this.#state.data.grants);
  }

  expireAccessTokens(token?: string): void {
    for (const one of this.#state.data.accessTokens) if (token === undefined || one.token === token) one.untilMs = 0;
    this.#state.save();
  }

  /** The valid access token of these characters. */
  findAccessToken(token: string): { readonly scope: string; readonly clientId: string } | null {
    const found = this.#state.data.accessTokens.find((one) => one.token === token);
    if (!found || found.untilMs <= this.#state.now()) return null;
    const grant = this.#state.data.grants.find((one) => one.id === found.grantId);
    return grant && !grant.isRevoked ? { scope: found.scope, clientId: grant.clientId } : null;
  }

  /** A grant with its first access token. */
  issue(clientId: string, scope: string, lifeSeconds = this.options.tokenLifeSeconds): { grant: Grant; access: AccessToken } {
    const grant: Grant = {
      id: letters(16),
      clientId,
      scope: scope.split(' ').map(fullScope).join(' '),
      refreshToken: this.#state.remember(`1//0${letters(98)}`),
      ...(this.options.testingConsent ? { refreshUntilMs: this.#state.now() + testingLifeMs } : {}),
      isRevoked: false,
    };
    this.#state.data.grants.push(grant);
    return { grant, access: this.#issueAccess(grant, lifeSeconds) };
  }

  #issueAccess(grant: Grant, lifeSeconds: number): AccessToken {
    const access = {
      token: this.#state.remember(`ya29.a0${letters(180)}`),
      grantId: grant.id,
      scope: grant.scope,
      untilMs: this.#state.now() + lifeSeconds * 1000,
    };
    this.#state.data.accessTokens.push(access);
    this.#state.save();
    return access;
  }

  #decide(request: AuthRequest, decision: 'allow' | 'deny' | 'untick'): Answer {
    const back = new URL(request.redirectUri);
    if (request.state !== null) back.searchParams.set('state', request.state);
    if (decision === 'deny') back.searchParams.set('error', 'access_denied');
    else {
      const asked = request.scope.split(' ');
      const scope = (decision === 'untick' ? asked.filter((one) => !one.startsWith(`${scopePrefix}drive`)) : asked).join(' ');
      const code = this.#state.remember(`4/0${letters(60)}`);
      this.#state.data.codes.push({ ...request, scope, code, untilMs: this.#state.now() + codeLifeMs });
      this.#state.save();
      back.searchParams.set('code', code);
      back.searchParams.set('scope', scope);
    }
    return { status: 302, headers: { location: back.href }, text: '' };
  }

  #readAuthRequest(params: URLSearchParams): AuthRequest {
    const clientId = params.get('client_id');
    if (!this.#state.data.clients.some((client) => client.id === clientId))
      throw authError(401, 'invalid_client', 'The OAuth client was not found.');
    return { ...readAuthRequest(params), clientId: clientId ?? '' };
  }

  #checkClient(id: string | null, secret: string | null): Client {
    const client = this.#state.data.clients.find((one) => one.id === id);
    if (id === null) throw tokenError(400, 'invalid_request', 'Could not determine client ID from request.');
    if (!client) throw tokenError(401, 'invalid_client', 'The OAuth client was not found.');
    if (secret === null) throw tokenError(400, 'invalid_request', 'client_secret is missing.');
    if (secret !== client.secret) throw tokenError(401, 'invalid_client', 'Unauthorized');
    return client;
  }

  #exchangeCode(client: Client, form: URLSearchParams): Answer {
    const { data } = this.#state;
    const code = data.codes.find((one) => one.code === form.get('code'));
    if (!code || code.untilMs <= this.#state.now() || code.clientId !== client.id) throw tokenError(400, 'invalid_grant', 'Bad Request');
    if (code.redirectUri !== form.get('redirect_uri')) throw tokenError(400, 'redirect_uri_mismatch', 'Bad Request');
    checkVerifier(code, form.get('code_verifier'));
    data.codes = data.codes.filter((one) => one !== code);
    const { grant, access } = this.issue(client.id, code.scope);
    return { status: 200, headers: noStore, json: { ...this.#tokenAnswer(grant, access), refresh_token: grant.refreshToken } };
  }

  #refresh(client: Client, form: URLSearchParams): Answer {
    const token = form.get('refresh_token');
    if (token === null) throw tokenError(400, 'invalid_request', 'Missing required parameter: refresh_token');
    const grant = this.#state.data.grants.find((one) => one.refreshToken === token);
    if (!grant || grant.isRevoked || (grant.refreshUntilMs ?? Number.POSITIVE_INFINITY) <= this.#state.now())
      throw tokenError(400, 'invalid_grant', 'Token has been expired or revoked.');
    if (grant.clientId !== client.id) throw tokenError(401, 'unauthorized_client', 'Unauthorized');
    this.refreshes++;
    const access = this.#issueAccess(grant, this.options.tokenLifeSeconds);
    return { status: 200, headers: noStore, json: this.#tokenAnswer(grant, access) };
  }

  #tokenAnswer(grant: Grant, access: AccessToken) {
    const now = this.#state.now();
    return {
      access_token: access.token,
      expires_in: Math.round((access.untilMs - now) / 1000),
      ...(grant.refreshUntilMs === undefined ? {} : { refresh_token_expires_in: Math.round((grant.refreshUntilMs - now) / 1000) }),
      scope: access.scope,
      token_type: 'Bearer',
    };
  }

  #end(grants: readonly Grant[]): void {
    const ids = new Set(grants.map((grant) => grant.id));
    for (const grant of grants) grant.isRevoked = true;
    this.#state.data.accessTokens = this.#state.data.accessTokens.filter((one) => !ids.has(one.grantId));
    this.#state.save();
  }
}

type AuthRequest = Pick<Code, 'clientId' | 'redirectUri' | 'scope' | 'challenge' | 'challengeMethod'> & { readonly state: string | null };

const noStore = { 'cache-control': 'no-cache, no-store, max-age=0, must-revalidate' };

/** `drive.file` for the scope with the long name. */
export function fullScope(scope: string): string {
  return scope === '' || scope.includes('://') || plainScopes.has(scope) ? scope : scopePrefix + scope;
}

/** True where one of these scopes of Drive was granted, by their short names. */
export function hasScope(granted: string, ...names: readonly string[]): boolean {
  return granted.split(' ').some((scope) => names.some((name) => scope === scopePrefix + name));
}

function readAuthRequest(params: URLSearchParams): Omit<AuthRequest, 'clientId'> {
  const redirectUri = params.get('redirect_uri') ?? '';
  if (!isLoopback(redirectUri)) throw authError(400, 'redirect_uri_mismatch', `not a loopback address: ${redirectUri}`);
  if (params.get('response_type') !== 'code') throw authError(400, 'invalid_request', 'response_type must be code');
  const scope = params.get('scope') ?? '';
  if (scope === '') throw authError(400, 'invalid_request', 'Missing required parameter: scope');
  const unknown = scope.split(' ').filter((one) => !knownScopes.has(one));
  if (unknown.length > 0) throw authError(400, 'invalid_scope', `Some requested scopes were invalid: ${unknown.join(' ')}`);
  const accessType = params.get('access_type') ?? 'online';
  if (accessType !== 'online' && accessType !== 'offline') throw authError(400, 'invalid_request', `access_type: ${accessType}`);
  const prompts = (params.get('prompt') ?? 'none').split(' ');
  if (prompts.some((one) => one !== 'none' && one !== 'consent' && one !== 'select_account'))
    throw authError(400, 'invalid_request', `prompt: ${prompts.join(' ')}`);
  const challenge = params.get('code_challenge');
  const challengeMethod = params.get('code_challenge_method') ?? 'plain';
  if (challengeMethod !== 'plain' && challengeMethod !== 'S256')
    throw authError(400, 'invalid_request', `code_challenge_method: ${challengeMethod}`);
  if (challenge !== null && !/^[A-Za-z0-9._~-]{43,128}$/.test(challenge)) throw authError(400, 'invalid_request', 'code_challenge');
  return { redirectUri, scope, challengeMethod, ...(challenge === null ? {} : { challenge }), state: params.get('state') };
}

/** What a client of the type "Desktop app" may use. */
function isLoopback(uri: string): boolean {
  if (!URL.canParse(uri)) return false;
  const { protocol, hostname, hash } = new URL(uri);
  return protocol === 'http:' && hash === '' && (hostname === '127.0.0.1' || hostname === 'localhost' || hostname === '[::1]');
}

function checkVerifier(code: Code, verifier: string | null): void {
  if (code.challenge === undefined) return;
  if (verifier === null) throw tokenError(400, 'invalid_grant', 'Missing code verifier.');
  const made = code.challengeMethod === 'S256' ? createHash('sha256').update(verifier).digest('base64url') : verifier;
  if (made !== code.challenge || !/^[A-Za-z0-9._~-]{43,128}$/.test(verifier))
    throw tokenError(400, 'invalid_grant', 'Invalid code verifier.');
}

function authError(status: number, code: string, text: string): Refusal {
  return new Refusal(htmlError(status, `Error ${status}: ${code}. ${text}`));
}

export function tokenError(status: number, error: string, description: string): Refusal {
  return new Refusal({
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}) },
    body: `${JSON.stringify({ error, error_description: description }, null, 1)}\n`,
  });
}

function consentPage(params: URLSearchParams): Answer {
  const hidden = [...params].map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`);
  const buttons = [
    ['allow', 'Allow'],
    ['untick', 'Allow without Drive'],
    ['deny', 'Deny'],
  ].map(([value, label]) => `<button name="decision" value="${value}">${label}</button>`);
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign in (test server)</title>
<h1>A program wants to use your Drive</h1><p>${escapeHtml(params.get('scope') ?? '')}</p>
<form action="/o/oauth2/v2/decision">${hidden.join('')}${buttons.join(' ')}</form></html>
`;
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, text: page };
}
