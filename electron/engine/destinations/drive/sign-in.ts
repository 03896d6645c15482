import type { CodeChallengeMethod, OAuth2Client } from 'google-auth-library';
import { BackupError } from '../../../domain/errors.ts';
import { fullSentence } from '../../../domain/sentence.ts';
import type { PlainPage } from '../../platform/plain-page.ts';
import type { Clock, Ports } from '../../ports.ts';
import type { Tokens } from './credentials.ts';
import { type BrowserAnswer, openLoopback } from './loopback.ts';
import type { OAuthClient } from './oauth-client.ts';
import { driveFileScope, lackingScopes, parseScopes } from './scopes.ts';
import { classifyRefusal, signInProblem } from './sign-in-errors.ts';
import { exchangeCode, type Grant, googleClient } from './token-endpoint.ts';

export interface SignInRequest {
  /** The destination's, for sentences. */
  readonly name: string;
  readonly client: OAuthClient;
  /** Scopes with spaces between them; files that Nightjar makes itself by default. */
  readonly scope?: string;
  readonly ports: { readonly clock: Clock; readonly openUrl: Ports['openUrl'] };
  /** Is told the address before the browser is opened, so that a person can open it by hand. */
  readonly onUrl: (url: string) => void;
  readonly signal?: AbortSignal;
  /** How long to wait for the person; 5 minutes by default. */
  readonly limitMs?: number;
}

/**
 * Lets a person sign in with Google in their own browser (RFC 8252: loopback address, state, PKCE), and resolves to the tokens;
 * nothing is stored. The port is closed again however it ends.
 *
 * Throws `timed-out`, `sign-in-missing` (not allowed, or no lasting sign-in), `sign-in-scope` (a box was unticked), `sign-in-client`,
 * `sign-in-clock`, `destination-absent`, `destination-busy`, `destination-refused`, the signal's reason.
 */
export async function signIn(request: SignInRequest): Promise<Tokens> {
  const { client, ports, signal } = request;
  signal?.throwIfAborted();
  const google = await googleClient(client);
  const { codeVerifier, codeChallenge } = await makeProof(google);
  // The digest of 96 random bytes, of which nothing else is made.
  const { codeChallenge: state } = await makeProof(google);
  const loopback = await openLoopback(state);
  try {
    const { redirectUri } = loopback;
    const url = google.generateAuthUrl({
      redirect_uri: redirectUri,
      scope: request.scope ?? driveFileScope,
      state,
      code_challenge: codeChallenge,
      code_challenge_method: 'S256' as CodeChallengeMethod,
      access_type: 'offline',
      // Without it Google gives a refresh token only the first time.
      prompt: 'consent',
    });
    request.onUrl(url);
    // Where no browser opens, the address was told.
    void ports.openUrl(url).catch(() => false);
    const answer = await withinLimit(loopback.answer, request);
    return await finish(request, answer, { codeVerifier, redirectUri });
  } finally {
    await loopback.close();
  }
}

/** A random secret and its digest (PKCE, RFC 7636). */
async function makeProof(google: OAuth2Client): Promise<{ readonly codeVerifier: string; readonly codeChallenge: string }> {
  const { codeVerifier, codeChallenge } = await google.generateCodeVerifierAsync();
  if (!codeChallenge) throw new BackupError('internal', 'no code challenge could be made for the sign-in');
  return { codeVerifier, codeChallenge };
}

async function withinLimit<T>(work: Promise<T>, { name, ports, signal, limitMs = 5 * 60_000 }: SignInRequest): Promise<T> {
  const done = new AbortController();
  const until = signal ? AbortSignal.any([signal, done.signal]) : done.signal;
  const timeUp = ports.clock.sleep(limitMs, until).then(() => {
    throw new BackupError('timed-out', `nobody has finished the sign-in of the destination ${name} in the browser`, {
      hint: `run it again: nightjar destination sign-in ${name}`,
    });
  });
  try {
    return await Promise.race([work, timeUp]);
  } finally {
    done.abort();
  }
}

/** Redeems what the browser brought, and tells the person there how it ended. */
async function finish(
  request: SignInRequest,
  answer: BrowserAnswer,
  proof: { readonly codeVerifier: string; readonly redirectUri: string },
): Promise<Tokens> {
  try {
    const tokens = await redeem(request, answer, proof);
    await answer.show(page(200, 'Nightjar is signed in', 'You can close this window and go back to Nightjar.'));
    return tokens;
  } catch (error) {
    if (!request.signal?.aborted) {
      const said = error instanceof BackupError ? fullSentence(error.message) : 'It failed for a reason that Nightjar itself tells.';
      await answer.show(page(400, 'Nightjar is not signed in', `${said} You can close this window and go back to Nightjar.`));
    }
    throw error;
  }
}

async function redeem(
  { name, client, ports, scope = driveFileScope, signal }: SignInRequest,
  { code, error }: BrowserAnswer,
  proof: { readonly codeVerifier: string; readonly redirectUri: string },
): Promise<Tokens> {
  if (code === null) throw refusedConsent(name, error ?? '');
  const account = { name, credentials: { kind: 'own' } } as const;
  const askedAtMs = ports.clock.now();
  const answer = await exchangeCode(client, { code, ...proof }, signal);
  if (!answer.ok) throw classifyRefusal(answer.refusal, { account, nowMs: ports.clock.now(), grant: 'code', refreshEndsAtMs: null });
  const asked = parseScopes(scope);
  const lacking = lackingScopes(answer.grant.scopes ?? asked, asked);
  if (lacking.length > 0) throw signInProblem('sign-in-scope', account, `not granted: ${lacking.join(', ')}`);
  if (answer.grant.refreshToken === null) throw withoutRefreshToken(name);
  return firstTokens(answer.grant, asked, askedAtMs);
}

function firstTokens(grant: Grant, asked: readonly string[], askedAtMs: number): Tokens {
  return {
    accessToken: grant.accessToken,
    refreshToken: grant.refreshToken,
    expiresAtMs: askedAtMs + grant.lifeMs,
    scopes: grant.scopes ?? asked,
    refreshEndsAtMs: grant.refreshLifeMs === null ? null : askedAtMs + grant.refreshLifeMs,
  };
}

function refusedConsent(name: string, error: string): BackupError {
  if (error === 'access_denied') {
    return new BackupError('sign-in-missing', `the sign-in of the destination ${name} was not allowed`, {
      hint: `choose "Continue" on Google's page: nightjar destination sign-in ${name}`,
    });
  }
  const code = /^[a-z_]{1,40}$/.test(error) ? error : null;
  const account = { name, credentials: { kind: 'own' } } as const;
  return classifyRefusal({ status: 400, code, serverTimeMs: null }, { account, nowMs: 0, grant: 'code', refreshEndsAtMs: null });
}

function withoutRefreshToken(name: string): BackupError {
  return new BackupError('sign-in-missing', `Google gave the destination ${name} a sign-in that ends within the hour (no refresh token)`, {
    hint: `remove the access of your OAuth client at https://myaccount.google.com/connections, then nightjar destination sign-in ${name}`,
  });
}

function page(status: number, title: string, text: string): PlainPage {
  return { status, title, text };
}
