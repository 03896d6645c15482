import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OAuthClient } from '../../electron/engine/destinations/drive/oauth-client.ts';

export interface TokenAnswer {
  readonly status: number;
  /** JSON, or a text as a proxy in between answers. */
  readonly body: unknown;
}

/** Google's consent page and token endpoint over loopback HTTP, with what a test wants them to say. */
export interface TokenServer extends AsyncDisposable {
  readonly client: OAuthClient;
  /** The bodies of the token requests so far. */
  readonly requests: readonly URLSearchParams[];
  /** What the person on the consent page does. */
  consent: 'allow' | 'deny' | 'untick' | 'other-error';
  /** Fields that every token answer has besides. */
  extra: Readonly<Record<string, unknown>>;
  lifeSeconds: number;
  /** What its clock says in the Date header; `null` is the time of the system. */
  dateMs: number | null;
  /** Answers in place of the server; `null` lets it answer itself. */
  intercept: (form: URLSearchParams) => TokenAnswer | null | Promise<TokenAnswer | null>;
  /** A refresh token that it will accept. */
  issueRefreshToken(): string;
  revokeAll(): void;
  /** Every secret that it has seen or given. */
  readonly secrets: ReadonlySet<string>;
}

interface Consent {
  readonly challenge: string;
  readonly redirectUri: string;
  readonly scope: string;
}

export async function startTokenServer(): Promise<TokenServer> {
  const secrets = new Set<string>();
  const secret = (prefix: string) => {
    const text = `${prefix}${randomBytes(12).toString('hex')}`;
    secrets.add(text);
    return text;
  };
  const codes = new Map<string, Consent>();
  const refreshTokens = new Set<string>();
  const requests: URLSearchParams[] = [];
  const clientSecret = secret('GOCSPX-');

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (url.pathname === '/auth') return consentPage(url.searchParams, response);
    void tokenEndpoint(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = { clientId: 'desktop-client', clientSecret, authUri: `${origin}/auth`, tokenUri: `${origin}/token` };

  const issueRefreshToken = () => {
    const token = secret('1//refresh-');
    refreshTokens.add(token);
    return token;
  };
  const made: TokenServer = {
    client,
    requests,
    secrets,
    consent: 'allow',
    extra: {},
    lifeSeconds: 3599,
    dateMs: null,
    intercept: () => null,
    issueRefreshToken,
    revokeAll: () => refreshTokens.clear(),
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };

  function consentPage(query: URLSearchParams, response: ServerResponse): void {
    const redirectUri = query.get('redirect_uri') ?? '';
    const target = new URL(redirectUri);
    target.searchParams.set('state', query.get('state') ?? '');
    if (made.consent === 'deny') target.searchParams.set('error', 'access_denied');
    else if (made.consent === 'other-error') target.searchParams.set('error', 'org_internal');
    else {
      const code = secret('4/code-');
      const scope = made.consent === 'untick' ? 'openid' : (query.get('scope') ?? '');
      codes.set(code, { challenge: query.get('code_challenge') ?? '', redirectUri, scope });
      target.searchParams.set('code', code);
    }
    response.writeHead(302, { location: String(target) }).end();
  }

  async function tokenEndpoint(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const blocks: Buffer[] = [];
    for await (const block of request) blocks.push(block as Buffer);
    const form = new URLSearchParams(Buffer.concat(blocks).toString());
    requests.push(form);
    const { status, body } = (await made.intercept(form)) ?? answer(form);
    const isText = typeof body === 'string';
    const date = made.dateMs === null ? {} : { date: new Date(made.dateMs).toUTCString() };
    response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json; charset=utf-8', ...date });
    response.end(isText ? body : JSON.stringify(body));
  }

  function answer(form: URLSearchParams): TokenAnswer {
    if (form.get('client_id') !== client.clientId || form.get('client_secret') !== clientSecret) return refused('invalid_client', 401);
    if (form.get('grant_type') === 'refresh_token') {
      return refreshTokens.has(form.get('refresh_token') ?? '') ? granted({}) : refused('invalid_grant', 400);
    }
    const code = form.get('code') ?? '';
    const consent = codes.get(code);
    codes.delete(code);
    const digest = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (consent?.challenge !== digest || consent.redirectUri !== form.get('redirect_uri')) return refused('invalid_grant', 400);
    return granted({ refresh_token: issueRefreshToken(), scope: consent.scope });
  }

  function granted(fields: Readonly<Record<string, unknown>>): TokenAnswer {
    const body = { access_token: secret('ya29.'), expires_in: made.lifeSeconds, token_type: 'Bearer', ...fields, ...made.extra };
    return { status: 200, body };
  }

  return made;
}

/** An error of the token endpoint, in its form. */
export function refused(error: string, status: number): TokenAnswer {
  return { status, body: { error, error_description: 'Bad Request' } };
}
