import type { IncomingMessage } from 'node:http';
import { maxBodyBytes, rpcPrefix } from '../api/rpc-endpoint.ts';
import type { PlainPage } from '../engine/platform/plain-page.ts';

/** What of a request decides whether it is looked at. */
export type RequestHead = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'headersDistinct' | 'rawHeaders'>;

/** Why a request is turned away, as the page that says so. */
export interface Refusal extends PlainPage {
  readonly headers?: Readonly<Record<string, string>>;
}

const headerLimit = 100;

const addressLimit = 2048;

/** True for what the engine's procedures answer. */
export function isForProcedures(url: string): boolean {
  return url.startsWith(`${rpcPrefix}/`);
}

/**
 * Judges a request by its head alone, before anything is looked up, compared or read; `null` lets it pass. What passes
 *
 * - was meant for us: its one Host is `127.0.0.1` or `localhost` with our port, so no foreign name points here (DNS rebinding);
 * - comes from no other page: `Sec-Fetch-Site`, where the browser sends it, says "same-origin" or "none" (a person typed the address);
 * - asks for a page with GET or HEAD and no body, or for a procedure with POST, our own `Origin` and JSON of a known and bounded length.
 */
export function judgeRequest(request: RequestHead, port: number): Refusal | null {
  return judgeAddress(request, port) ?? judgeForm(request) ?? judgeSender(request) ?? judgeBody(request);
}

function judgeAddress({ url = '', headersDistinct }: RequestHead, port: number): Refusal | null {
  const [host, ...more] = headersDistinct['host'] ?? [];
  if (more.length > 0 || (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`)) {
    return refusal(421, 'This is not the address of Nightjar', 'Open the address that Nightjar printed, as it stands.');
  }
  if (!url.startsWith('/')) return refusal(400, 'This address has a wrong form', 'Nightjar answers only paths that begin with a slash.');
  if (url.length > addressLimit) return refusal(414, 'This address is too long', `Nightjar reads at most ${addressLimit} characters.`);
  return null;
}

function judgeForm({ method, url = '', headers, rawHeaders }: RequestHead): Refusal | null {
  if (rawHeaders.length > 2 * headerLimit) return refusal(431, 'These are too many headers', `A request has at most ${headerLimit}.`);
  const allowed = isForProcedures(url) ? ['POST'] : ['GET', 'HEAD'];
  if (!allowed.includes(method ?? '')) {
    return { ...refusal(405, 'This cannot be done here', `Allowed is ${allowed.join(' or ')}.`), headers: { Allow: allowed.join(', ') } };
  }
  if (headers.expect !== undefined) return refusal(417, 'Nothing can be expected here', 'Send the request without an Expect header.');
  if (headers.upgrade !== undefined) return refusal(400, 'Nightjar speaks only HTTP/1.1', 'Send the request without an Upgrade header.');
  return null;
}

/** The method is a known one; GET and HEAD change nothing, and browsers send no Origin with them to the page's own address. */
function judgeSender({ method, headers, headersDistinct }: RequestHead): Refusal | null {
  const sites = headersDistinct['sec-fetch-site'] ?? ['none'];
  const origins = headersDistinct['origin'] ?? (method === 'POST' ? [] : [`http://${headers.host}`]);
  const isOurs = sites.length === 1 && ['same-origin', 'none'].includes(sites[0] ?? '');
  if (isOurs && origins.length === 1 && origins[0] === `http://${headers.host}`) return null;
  return refusal(
    403,
    'Another page has sent you here',
    'Nightjar answers only its own page. Type or paste its address, or run: nightjar open',
  );
}

function judgeBody({ method, headers }: RequestHead): Refusal | null {
  // A browser always knows the length. Without one it would have to be counted while somebody else reads.
  if (headers['transfer-encoding'] !== undefined) return refusal(411, 'The length is missing', 'Send the request with a Content-Length.');
  const bytes = Number(headers['content-length'] ?? 0);
  if (bytes === 0) return null;
  if (method !== 'POST') return refusal(400, 'A page is asked for without a body', 'Send the request without a body.');
  if (bytes > maxBodyBytes) return refusal(413, 'This is too much at once', `A request has at most ${maxBodyBytes} bytes.`);
  // A form of another page cannot be of this type.
  if (/^application\/json(?:;|$)/.test(headers['content-type'] ?? '')) return null;
  return refusal(415, 'This is not JSON', 'Send the request as application/json.');
}

function refusal(status: number, title: string, text: string): Refusal {
  return { status, title, text };
}
