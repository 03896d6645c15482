import { createHash } from 'node:crypto';

/** What the browser shows at the end of its way through a sign-in. */
export interface SignInPage {
  readonly status: number;
  readonly title: string;
  readonly text: string;
}

export const wrongRequestPage: SignInPage = {
  status: 400,
  title: 'This does not belong to the sign-in',
  text: 'Nightjar is still waiting for the answer of the page that it opened.',
};

export const answeredPage: SignInPage = {
  status: 409,
  title: 'This sign-in was answered already',
  text: 'You can close this window.',
};

const style = [
  ':root{color-scheme:light dark}',
  'body{margin:0;min-height:100vh;display:grid;place-content:center;font:1.0625rem/1.5 system-ui,sans-serif;padding:1.5rem}',
  'main{max-width:32rem}',
  'h1{font-size:1.5rem;line-height:1.25;margin:0 0 .5rem}',
  'p{margin:0;opacity:.8}',
].join('');

const styleDigest = createHash('sha256').update(style).digest('base64');

/** Nothing may be loaded, sent or framed; the address with the code in it goes nowhere else and is not kept. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${styleDigest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  Connection: 'close',
};

/** The whole page as HTML. */
export function renderPage({ title, text }: SignInPage): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title><style>${style}</style></head>
<body><main><h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p></main></body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
