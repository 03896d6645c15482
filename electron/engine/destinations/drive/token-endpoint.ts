import type { OAuth2Client } from 'google-auth-library';
import { z } from 'zod';
import { withoutProxy } from './http.ts';
import type { OAuthClient } from './oauth-client.ts';
import { parseScopes } from './scopes.ts';
import type { Refusal } from './sign-in-errors.ts';

const timeoutMs = 30_000;

/** What a token endpoint has given. */
export interface Grant {
  readonly accessToken: string;
  readonly lifeMs: number;
  readonly refreshToken: string | null;
  /** How long the sign-in itself lives on; `null` where it has no end. */
  readonly refreshLifeMs: number | null;
  /** `null` where the answer does not say, which means: what was asked for. */
  readonly scopes: readonly string[] | null;
}

export type GrantAnswer =
  | { readonly ok: true; readonly grant: Grant }
  /** Without a cause: the error of the request carries client secret, code and tokens. */
  | { readonly ok: false; readonly refusal: Refusal };

const grantSchema = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().positive(),
  refresh_token: z.string().min(1).optional(),
  refresh_token_expires_in: z.coerce.number().positive().optional(),
  scope: z.string().optional(),
});

/** Google's own client for one request, which is made once: retries are for those who know what they do them for. */
export async function googleClient(client: OAuthClient, redirectUri?: string, signal?: AbortSignal): Promise<OAuth2Client> {
  const { OAuth2Client: Client } = await import('google-auth-library');
  return new Client({
    clientId: client.clientId,
    clientSecret: client.clientSecret,
    ...(redirectUri === undefined ? {} : { redirectUri }),
    endpoints: { oauth2AuthBaseUrl: client.authUri, oauth2TokenUrl: client.tokenUri },
    // With them it would write tokens to its debug log.
    useAuthRequestParameters: false,
    transporterOptions: { timeout: timeoutMs, noProxy: withoutProxy, retryConfig: { retry: 0 }, ...(signal ? { signal } : {}) },
  });
}

/** Asks for a new access token. Rejects only with the signal's reason. */
export async function refreshGrant(client: OAuthClient, refreshToken: string, signal?: AbortSignal): Promise<GrantAnswer> {
  const google = await googleClient(client, undefined, signal);
  google.setCredentials({ refresh_token: refreshToken });
  return ask(google, () => google.refreshAccessToken(), signal);
}

/** Redeems the code that the browser brought. Rejects only with the signal's reason. */
export async function exchangeCode(
  client: OAuthClient,
  { code, codeVerifier, redirectUri }: { readonly code: string; readonly codeVerifier: string; readonly redirectUri: string },
  signal?: AbortSignal,
): Promise<GrantAnswer> {
  const google = await googleClient(client, redirectUri, signal);
  return ask(google, () => google.getToken({ code, codeVerifier }), signal);
}

async function ask(google: OAuth2Client, request: () => Promise<unknown>, signal: AbortSignal | undefined): Promise<GrantAnswer> {
  let answer: unknown;
  let status: number | null = null;
  let serverTimeMs: number | null = null;
  google.transporter.interceptors.response.add({
    // The client turns `expires_in` into an instant of the machine's clock; here the clock is a port.
    resolved: async (response) => {
      answer = { ...(response.data as object) };
      status = response.status;
      serverTimeMs = timeOf(response.headers);
      return response;
    },
  });
  try {
    await request();
  } catch (error) {
    signal?.throwIfAborted();
    // A success that holds no tokens, such as the page of a network that wants a sign-in first, makes Google's client stumble.
    return { ok: false, refusal: status === null ? refusalOf(error) : { status, code: null, serverTimeMs } };
  }
  const parsed = grantSchema.safeParse(answer);
  if (!parsed.success) return { ok: false, refusal: { status, code: null, serverTimeMs } };
  const { access_token, expires_in, refresh_token, refresh_token_expires_in, scope } = parsed.data;
  return {
    ok: true,
    grant: {
      accessToken: access_token,
      lifeMs: expires_in * 1000,
      refreshToken: refresh_token ?? null,
      refreshLifeMs: refresh_token_expires_in === undefined ? null : refresh_token_expires_in * 1000,
      scopes: scope === undefined ? null : parseScopes(scope),
    },
  };
}

/** What may be known of an error of Google's client: its status and its code, never its text. */
export function refusalOf(error: unknown): Refusal {
  const { response } = error as { readonly response?: { status?: unknown; data?: unknown; headers?: unknown } };
  if (typeof response?.status !== 'number') return { status: null, code: systemCodeOf(error), serverTimeMs: null };
  const said = (response.data as { readonly error?: unknown } | null | undefined)?.error;
  const code = typeof said === 'object' ? (said as { readonly status?: unknown } | null)?.status : said;
  return {
    status: response.status,
    code: typeof code === 'string' && /^(?:[a-z_]{1,40}|[A-Z_]{1,40})$/.test(code) ? code : null,
    serverTimeMs: timeOf(response.headers),
  };
}

/** The system's code, such as ECONNREFUSED or CERT_HAS_EXPIRED, of the error or what caused it. */
function systemCodeOf(error: unknown): string | null {
  let current = error as { readonly code?: unknown; readonly cause?: unknown } | null | undefined;
  for (let depth = 0; depth < 5 && current; depth++) {
    if (typeof current.code === 'string' && /^[A-Za-z_][A-Za-z0-9_]{1,40}$/.test(current.code)) return current.code;
    current = current.cause as typeof current;
  }
  return null;
}

function timeOf(headers: unknown): number | null {
  // Google's client brings a Headers class of its own.
  const date = (headers as Partial<Pick<Headers, 'get'>> | null | undefined)?.get?.('date');
  const ms = Date.parse(date ?? '');
  return Number.isNaN(ms) ? null : ms;
}
