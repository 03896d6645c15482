import type { IncomingMessage, ServerResponse } from 'node:http';
import { bearerToken } from './access.ts';
import { isSessionKind } from './faults.ts';
import { type ErrorAnswer, htmlError, knownError, Refusal } from './google-error.ts';
import { type Answer, ConnectionGone, HttpExchange } from './http-exchange.ts';
import { findRoute, type Route } from './routes.ts';
import type { ServerParts } from './server-parts.ts';

/** Answers one request, or does to it what the faults have for it. Never rejects. */
export async function serve(parts: ServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { log, faults, sessions } = parts;
  const method = request.method ?? 'GET';
  const url = new URL(request.url?.startsWith('/') ? parts.url + request.url : parts.url);
  const route = routeOf(method, url, request.headers['content-range'] ?? '');
  const entry = log.begin(method, withoutSecrets(url), route.kind);
  const session = isSessionKind(route.kind) ? sessions.find(url.searchParams.get('upload_id')) : undefined;
  if (session) entry.session = session.number;
  const acts = faults.take(route.kind, request.headers.authorization !== undefined);
  entry.faults = acts.map(({ act }) => act);
  // Whoever reads or writes gets to know; an error in between concerns nobody.
  for (const stream of [request, response]) stream.on('error', () => {});
  const exchange = new HttpExchange(request, response, url, log, entry, acts);
  try {
    const answer = await answerTo(parts, exchange, route);
    await exchange.drain();
    await exchange.send(answer, new Date(parts.state.now() + parts.settings.dateSkewMs).toUTCString());
  } catch (error) {
    if (error instanceof ConnectionGone) return;
    response.destroy();
    process.emitWarning(error instanceof Error ? error : String(error));
  } finally {
    log.end(entry, null);
  }
}

async function answerTo(parts: ServerParts, exchange: HttpExchange, route: Route): Promise<Answer> {
  const [status, drop, stall] = [exchange.act('status'), exchange.act('drop'), exchange.act('stall')];
  const dropWhen = drop && 'when' in drop ? drop.when : null;
  if (dropWhen === 'before') throw exchange.drop();
  takeAway(parts, exchange);
  if (status && status.when !== 'after') return faultAnswer(parts, exchange, status);
  const answer = await answerOrRefusal(parts, exchange, route);
  if (!status && dropWhen === null && !stall) return answer;
  await exchange.drain();
  if (dropWhen !== null) throw exchange.drop();
  if (stall) await exchange.stall();
  return status ? faultAnswer(parts, exchange, status) : answer;
}

async function answerOrRefusal(parts: ServerParts, exchange: HttpExchange, route: Route): Promise<Answer> {
  try {
    return await route.answer(parts, exchange);
  } catch (error) {
    if (error instanceof Refusal) return refusalAnswer(error.answer);
    throw error;
  }
}

/** The faults that take something from the account before the request is looked at. */
function takeAway({ state, tree, oauth }: ServerParts, exchange: HttpExchange): void {
  if (exchange.act('full-quota')) {
    state.data.quotaBytes = tree.usage().total;
    state.save();
  }
  const token = bearerToken(exchange);
  if (exchange.act('expire-token') && token !== null) oauth.expireAccessTokens(token);
  if (exchange.act('revoke')) oauth.revokeAll();
}

function faultAnswer(
  { sessions }: ServerParts,
  exchange: HttpExchange,
  fault: { readonly code: number; readonly reason?: string; readonly retryAfterSeconds?: number },
): Answer {
  const session = isSessionKind(exchange.entry.kind) ? sessions.find(exchange.params.get('upload_id')) : undefined;
  if (session && (fault.code === 404 || fault.code === 410)) sessions.end(session, fault.code);
  const answer = refusalAnswer(knownError(fault.code, fault.reason));
  if (fault.retryAfterSeconds === undefined) return answer;
  return { ...answer, headers: { ...answer.headers, 'retry-after': String(fault.retryAfterSeconds) } };
}

function refusalAnswer({ status, headers, body }: ErrorAnswer): Answer {
  return { status, headers, text: body };
}

function routeOf(method: string, url: URL, contentRange: string): Route {
  try {
    return findRoute({ method, url, contentRange });
  } catch {
    // A path that does not decode.
    return { kind: 'other', answer: () => refusalAnswer(htmlError(400)) };
  }
}

const secretParams = ['upload_id', 'code', 'state', 'code_challenge', 'token', 'client_secret', 'refresh_token', 'access_token'];

function withoutSecrets(url: URL): string {
  const shown = new URL(url);
  for (const name of secretParams) if (shown.searchParams.has(name)) shown.searchParams.set(name, '-');
  return shown.pathname + shown.search;
}
