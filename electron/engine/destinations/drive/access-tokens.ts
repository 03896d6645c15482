import type { BackupError } from '../../../domain/errors.ts';
import type { Clock } from '../../ports.ts';
import type { CredentialStore, Tokens } from './credentials.ts';
import type { OAuthClient } from './oauth-client.ts';
import { lackingScopes } from './scopes.ts';
import { type Account, classifyRefusal, signInProblem } from './sign-in-errors.ts';
import { type Grant, refreshGrant } from './token-endpoint.ts';

/** Far below the hour that a token lives: a wider margin would renew it every time (S1-45). */
const usualMarginMs = 5 * 60_000;

/** Access tokens for one account. */
export interface AccessTokens {
  /** A token with at least five minutes left: the one that is there, or a new one. */
  current(signal?: AbortSignal): Promise<string>;
  /** Another token than `refused`, which the service answered with 401. */
  renew(refused: string, signal?: AbortSignal): Promise<string>;
}

export interface AccessTokenSettings {
  /** Whose they are, for sentences. */
  readonly account: Account;
  readonly store: CredentialStore;
  readonly clock: Clock;
  /** What has to be granted; nothing is asked of tokens whose scopes are not known. */
  readonly requiredScopes?: readonly string[];
}

/**
 * Access tokens from a store. Credentials are loaded once. One refresh at a time in this process, and under the store's lock one
 * among all; what another process has renewed is taken over. A refused sign-in is not asked for again, as long as the store holds
 * the same one: every later call throws the same error.
 *
 * Throws `sign-in-*`, `destination-absent` and `destination-busy` (retryable), what the store throws, the signal's reason.
 */
export function accessTokens(settings: AccessTokenSettings): AccessTokens {
  return new StoredAccessTokens(settings);
}

/** One way to a token, which all callers share; it is given up when the last of them has left. */
interface Flight {
  readonly token: Promise<string>;
  readonly end: AbortController;
  waiting: number;
}

class StoredAccessTokens implements AccessTokens {
  readonly #settings: AccessTokenSettings;
  #client: OAuthClient | null = null;
  #tokens: Tokens | null = null;
  #marginMs = usualMarginMs;
  /** The token that the service did not take, whatever its time says. */
  #refused: string | null = null;
  #flight: Flight | null = null;
  #failure: { readonly refreshToken: string; readonly error: BackupError } | null = null;

  constructor(settings: AccessTokenSettings) {
    this.#settings = settings;
  }

  async current(signal?: AbortSignal): Promise<string> {
    for (;;) {
      signal?.throwIfAborted();
      const usable = this.#usable(this.#tokens);
      if (usable !== null) return usable;
      const wasUnderWay = this.#flight !== null;
      this.#flight ??= this.#start();
      const token = await this.#wait(this.#flight, signal);
      // One that was under way before may have brought the token that was refused since.
      if (!wasUnderWay) return token;
    }
  }

  async renew(refused: string, signal?: AbortSignal): Promise<string> {
    this.#refused = refused;
    return this.current(signal);
  }

  #usable(tokens: Tokens | null, marginMs = this.#marginMs): string | null {
    if (tokens === null || tokens.accessToken === this.#refused || tokens.expiresAtMs === null) return null;
    return tokens.expiresAtMs - this.#settings.clock.now() < marginMs ? null : tokens.accessToken;
  }

  #start(): Flight {
    const end = new AbortController();
    const flight: Flight = { token: this.#obtain(end.signal), end, waiting: 0 };
    const finish = () => {
      if (this.#flight === flight) this.#flight = null;
    };
    flight.token.then(finish, finish);
    return flight;
  }

  async #wait(flight: Flight, signal: AbortSignal | undefined): Promise<string> {
    flight.waiting++;
    try {
      return await (signal ? untilAborted(flight.token, signal) : flight.token);
    } finally {
      flight.waiting--;
      if (flight.waiting === 0) {
        if (this.#flight === flight) this.#flight = null;
        flight.end.abort();
      }
    }
  }

  async #obtain(signal: AbortSignal): Promise<string> {
    const { store } = this.#settings;
    if (this.#tokens === null) {
      const stored = await store.read();
      const usable = this.#usable(stored, usualMarginMs);
      if (stored !== null && usable !== null) return this.#take(stored, usable, usualMarginMs);
    }
    let grant = null as Grant | null;
    const kept = await store.update(async (present) => {
      if (present !== null && this.#usable(present, usualMarginMs) !== null) return null;
      const renewed = await this.#refresh(present, signal);
      grant = renewed.grant;
      return renewed.tokens;
    }, signal);
    if (kept === null || kept.accessToken === null) throw signInProblem('sign-in-missing', this.#settings.account);
    if (grant?.accessToken !== kept.accessToken) return this.#take(kept, kept.accessToken, usualMarginMs);
    this.#refused = null;
    // A token that lives for minutes only, as some services give, has to be good for something.
    return this.#take(kept, kept.accessToken, Math.min(usualMarginMs, grant.lifeMs / 2));
  }

  async #refresh(present: Tokens | null, signal: AbortSignal): Promise<{ readonly tokens: Tokens; readonly grant: Grant }> {
    const { clock, store } = this.#settings;
    const refreshToken = present?.refreshToken ?? null;
    if (present === null) throw signInProblem('sign-in-missing', this.#settings.account);
    if (refreshToken === null) throw signInProblem('sign-in-missing', this.#settings.account, 'no refresh token');
    this.#checkScopes(present);
    if (this.#failure?.refreshToken === refreshToken) throw this.#failure.error;
    this.#client ??= await store.client();
    const askedAtMs = clock.now();
    const answer = await refreshGrant(this.#client, refreshToken, signal);
    if (!answer.ok) {
      const { refreshEndsAtMs } = present;
      const error = classifyRefusal(answer.refusal, {
        account: this.#settings.account,
        nowMs: clock.now(),
        grant: 'refresh',
        refreshEndsAtMs,
      });
      if (answer.refusal.status !== null && !error.retryable) this.#failure = { refreshToken, error };
      throw error;
    }
    return { grant: answer.grant, tokens: renewedTokens(present, answer.grant, askedAtMs) };
  }

  #take(tokens: Tokens, accessToken: string, marginMs: number): string {
    this.#checkScopes(tokens);
    this.#tokens = tokens;
    this.#marginMs = marginMs;
    return accessToken;
  }

  #checkScopes({ scopes }: Tokens): void {
    const lacking = scopes.length === 0 ? [] : lackingScopes(scopes, this.#settings.requiredScopes ?? []);
    if (lacking.length > 0) throw signInProblem('sign-in-scope', this.#settings.account, `not granted: ${lacking.join(', ')}`);
  }
}

/** The tokens after a refresh; the sign-in's own token and its end stay where the answer does not name new ones. */
export function renewedTokens(present: Tokens, grant: Grant, askedAtMs: number): Tokens {
  return {
    accessToken: grant.accessToken,
    refreshToken: grant.refreshToken ?? present.refreshToken,
    expiresAtMs: askedAtMs + grant.lifeMs,
    scopes: grant.scopes ?? present.scopes,
    refreshEndsAtMs: grant.refreshLifeMs === null ? present.refreshEndsAtMs : askedAtMs + grant.refreshLifeMs,
  };
}

/** The work's result, or the signal's reason where that comes first; the work itself goes on. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const left = Promise.withResolvers<never>();
  const leave = () => left.reject(signal.reason as Error);
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([work, left.promise]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
