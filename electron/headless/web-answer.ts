import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerPage, type PageFile } from '../api/page-files.ts';
import { strictHeaders } from '../api/web-headers.ts';
import { errorFacts } from '../domain/errors.ts';
import { formatDuration } from '../domain/units.ts';
import { plainPageStyle, renderPlainPage } from '../engine/platform/plain-page.ts';
import type { Log, Ports } from '../engine/ports.ts';
import type { WebAccess } from './web-access.ts';
import { isForProcedures, judgeRequest, type Refusal } from './web-request.ts';

/** Answers a request for a procedure, or says that there is none of that name and leaves the response alone. */
export type ProcedureHandler = (request: IncomingMessage, response: ServerResponse) => Promise<{ readonly matched: boolean }>;

/** What an answer is made of. */
export interface WebParts {
  readonly port: number;
  readonly access: WebAccess;
  readonly files: ReadonlyMap<string, PageFile>;
  readonly handle: ProcedureHandler;
  readonly ids: Ports['ids'];
  readonly log: Log;
  /** True from the moment on when the server is being closed. */
  readonly isEnding: () => boolean;
}

const signedOut: Refusal = {
  status: 401,
  title: 'This window is not signed in',
  text: 'An address with a token works once and within an hour. For a new one, run: nightjar open',
};
const unknown: Refusal = { status: 404, title: 'There is nothing here', text: 'Nightjar has no page at this address.' };
const failed: Refusal = { status: 500, title: 'Nightjar could not answer', text: 'What went wrong is in its log: nightjar logs' };
const ending: Refusal = { status: 503, title: 'Nightjar is ending', text: 'Open its window again when it runs again.' };
const withoutPage: Refusal = {
  status: 200,
  title: 'Nightjar is at work',
  text: 'It has no page to show yet. In a terminal, run: nightjar status',
};

/** What a request gets. */
type Answer =
  | { readonly kind: 'refusal'; readonly refusal: Refusal }
  | { readonly kind: 'home'; readonly cookie?: string }
  | { readonly kind: 'procedure' }
  | { readonly kind: 'file'; readonly file: PageFile };

/** Answers one request. Never rejects: what goes wrong here is logged, and a client gets to know no more than that. */
export async function answerWeb(parts: WebParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await answerRequest(parts, request, response);
  } catch (error) {
    // Who went away in the middle is no failure of ours.
    if (response.destroyed) return;
    parts.log.error(errorFacts(error).message, { code: 'internal', stack: error instanceof Error ? error.stack : undefined });
    if (response.headersSent) response.destroy();
    else show(response, failed);
  }
}

async function answerRequest(parts: WebParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeaders(strictHeaders(plainPageStyle));
  const answer = decide(parts, request);
  switch (answer.kind) {
    case 'refusal':
      return show(response, answer.refusal);
    case 'home':
      return goHome(response, answer.cookie);
    case 'procedure':
      if (!(await parts.handle(request, response)).matched) show(response, unknown);
      return;
    case 'file':
      return send(response, answer.file, parts.ids.secret());
  }
}

function decide(parts: WebParts, request: IncomingMessage): Answer {
  const refusal = parts.isEnding() ? ending : judgeRequest(request, parts.port);
  if (refusal !== null) return { kind: 'refusal', refusal };
  const { method, url = '' } = request;
  const [path = '', query = ''] = url.split('?', 2);
  const isSignedIn = parts.access.isKnown(request.headers.cookie);
  const token = new URLSearchParams(query).get('token');
  if (method === 'GET' && path === '/' && token !== null) return enter(parts, isSignedIn, token);
  if (!isSignedIn) return { kind: 'refusal', refusal: signedOut };
  if (isForProcedures(url)) return { kind: 'procedure' };
  const file = parts.files.get(path);
  if (file !== undefined) return { kind: 'file', file };
  return { kind: 'refusal', refusal: path === '/' ? withoutPage : unknown };
}

function enter({ access, log }: WebParts, isSignedIn: boolean, token: string): Answer {
  if (isSignedIn) {
    // Somebody opens an address again in the browser that is in already.
    access.spend(token);
    return { kind: 'home' };
  }
  const entry = access.enter(token);
  switch (entry.kind) {
    case 'welcome':
      return { kind: 'home', cookie: entry.cookie };
    case 'wrong':
      log.warn('somebody came to the window with a token that is not good, or no longer');
      return { kind: 'refusal', refusal: signedOut };
    case 'held':
      return { kind: 'refusal', refusal: heldOff(entry.waitMs) };
  }
}

function heldOff(waitMs: number): Refusal {
  return {
    status: 429,
    title: 'Too many wrong tokens',
    text: `Try again in ${formatDuration(waitMs)}, or get a new address at once: nightjar open`,
    headers: { 'Retry-After': String(Math.ceil(waitMs / 1000)) },
  };
}

function goHome(response: ServerResponse, cookie?: string): void {
  if (cookie !== undefined) response.setHeader('Set-Cookie', cookie);
  response.writeHead(303, { Location: '/', 'Content-Length': 0 }).end();
}

function send(response: ServerResponse, file: PageFile, nonce: string): void {
  const { body, headers } = answerPage(file, nonce);
  response.setHeaders(new Map(headers)).writeHead(200).end(body);
}

/** Shows a plain page. The connection ends with it, so that nothing more is read of what was sent along. */
function show(response: ServerResponse, refusal: Refusal): void {
  const body = Buffer.from(renderPlainPage(refusal));
  const headers = { ...refusal.headers, 'Content-Type': 'text/html; charset=utf-8', 'Content-Length': body.length };
  response.writeHead(refusal.status, { ...headers, Connection: 'close' }).end(body);
}
