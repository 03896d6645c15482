import { createHash } from 'node:crypto';

/** What a browser shows where there is nothing but a sentence to show. */
export interface PlainPage {
  readonly status: number;
  readonly title: string;
  readonly text: string;
}

const style = [
  ':root{color-scheme:light dark}',
  'body{margin:0;min-height:100vh;display:grid;place-content:center;font:1.0625rem/1.5 system-ui,sans-serif;padding:1.5rem}',
  'main{max-width:32rem}',
  'h1{font-size:1.5rem;line-height:1.25;margin:0 0 .5rem}',
  'p{margin:0;opacity:.8}',
].join('');

/** What a Content-Security-Policy has to allow under `style-src` for the style of a plain page. */
export const plainPageStyle = `'sha256-${createHash('sha256').update(style).digest('base64')}'`;

/** The whole page as HTML. */
export function renderPlainPage({ title, text }: PlainPage): string {
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
