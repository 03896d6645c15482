import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BackupError } from '../../../domain/errors.ts';
import { type PlainPage, renderPlainPage } from '../../platform/plain-page.ts';
import { sameText } from '../../platform/same-text.ts';
import { answeredPage, pageHeaders, wrongRequestPage } from './sign-in-page.ts';

/** What the browser brought back from the consent page; exactly one of both is there. */
export interface BrowserAnswer {
  readonly code: string | null;
  readonly error: string | null;
  /** Answers the browser, which waits for a page. */
  show(page: PlainPage): Promise<void>;
}

/** An address on this machine alone at which the browser ends. */
export interface Loopback {
  readonly redirectUri: string;
  /** Resolves with the first answer that has the state. */
  readonly answer: Promise<BrowserAnswer>;
  /** Ends every connection and gives the port back. */
  close(): Promise<void>;
}

/**
 * Listens on a free port of 127.0.0.1 (RFC 8252, section 7.3). Other addresses, other states and requests with neither code nor error
 * are turned away and do not end the waiting.
 */
export async function openLoopback(state: string): Promise<Loopback> {
  const answered = Promise.withResolvers<BrowserAnswer>();
  let isAnswered = false;
  const server = createServer((request, response) => {
    const query = queryOf(request);
    if (query === null) {
      response.writeHead(404, { Connection: 'close' }).end();
      return;
    }
    const error = query.get('error');
    const code = error === null ? query.get('code') : null;
    if (!sameText(query.get('state') ?? '', state) || (!code && !error)) {
      void show(response, wrongRequestPage);
      return;
    }
    if (isAnswered) {
      void show(response, answeredPage);
      return;
    }
    isAnswered = true;
    answered.resolve({ code, error, show: (page) => show(response, page) });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening').catch((error: unknown) => {
    const { code } = error as { code?: unknown };
    throw new BackupError('internal', `nothing can listen on 127.0.0.1 for the answer of the browser (${String(code)})`, { cause: error });
  });
  return {
    redirectUri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    answer: answered.promise,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The query of a request for `/`; `null` for every other request. */
function queryOf({ method, url = '' }: IncomingMessage): URLSearchParams | null {
  if (method !== 'GET' || !/^\/(?:\?|$)/.test(url)) return null;
  return new URLSearchParams(url.slice(2));
}

/** Resolves when the page is on its way, or nobody is there any more to see it. */
async function show(response: ServerResponse, page: PlainPage): Promise<void> {
  if (response.destroyed) return;
  const closed = once(response, 'close').catch(() => {});
  response.writeHead(page.status, pageHeaders).end(renderPlainPage(page));
  await closed;
}
