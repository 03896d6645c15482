import { type FailedAttempts, noFailedAttempts, noteFailedAttempt, remainingHoldMs } from '../domain/failed-attempts.ts';
import { sameText } from '../engine/platform/same-text.ts';
import type { Ports } from '../engine/ports.ts';

/** What became of a token: it lets its bearer in, or it does not, or it was not even looked at. */
export type Entry =
  | { readonly kind: 'welcome'; readonly cookie: string }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'held'; readonly waitMs: number };

const tokenLifeMs = 3_600_000;

/** An older one than these is forgotten: so many windows are not opened at once. */
const mostTokens = 8;

/**
 * Who may use the web window: whoever has brought a token, which is good once and for an hour, and has the cookie since. Both are secrets
 * of this one engine, kept in memory alone, and compared in constant time. Wrong tokens hold off further ones; cookies go on.
 */
export class WebAccess {
  readonly #ports: Pick<Ports, 'clock' | 'ids'>;
  readonly #cookieName: string;
  readonly #session: string;
  #tokens: readonly { readonly token: string; readonly endsAtMs: number }[] = [];
  #attempts: FailedAttempts = noFailedAttempts;

  /** Cookies do not know ports: the port in the name keeps two engines from taking each other's away. */
  constructor(ports: Pick<Ports, 'clock' | 'ids'>, port: number) {
    this.#ports = ports;
    this.#cookieName = `nightjar-${port}`;
    this.#session = ports.ids.secret();
  }

  /** A new token. Whoever can ask for one is trusted: attempts are no longer held off. */
  issueToken(): string {
    const token = this.#ports.ids.secret();
    const endsAtMs = this.#ports.clock.now() + tokenLifeMs;
    this.#tokens = [...this.#tokens, { token, endsAtMs }].slice(-mostTokens);
    this.#attempts = noFailedAttempts;
    return token;
  }

  /** Takes a token; a right one is spent, and comes back as the `Set-Cookie` that lets its bearer in from now on. */
  enter(token: string): Entry {
    const nowMs = this.#ports.clock.now();
    const waitMs = remainingHoldMs(this.#attempts, nowMs);
    if (waitMs > 0) return { kind: 'held', waitMs };
    if (!this.spend(token)) {
      this.#attempts = noteFailedAttempt(this.#attempts, nowMs);
      return { kind: 'wrong' };
    }
    this.#attempts = noFailedAttempts;
    return { kind: 'welcome', cookie: `${this.#cookieName}=${this.#session}; HttpOnly; SameSite=Strict; Path=/` };
  }

  /** Makes a token useless; true where it was good until now. */
  spend(token: string): boolean {
    const nowMs = this.#ports.clock.now();
    const good = this.#tokens.filter(({ endsAtMs }) => nowMs < endsAtMs);
    this.#tokens = good.filter((known) => !sameText(known.token, token));
    return this.#tokens.length < good.length;
  }

  /**
   * Whether a `Cookie` header has the session. Other programs on this machine can set cookies of the same name in front of ours, so each
   * of them is looked at.
   */
  isKnown(cookieHeader = ''): boolean {
    const start = `${this.#cookieName}=`;
    const values = cookieHeader
      .split(';')
      .map((pair) => pair.trim())
      .filter((pair) => pair.startsWith(start))
      .map((pair) => pair.slice(start.length));
    return values.filter((value) => sameText(value, this.#session)).length > 0;
  }
}
