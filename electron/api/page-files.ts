import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { strictHeaders } from './web-headers.ts';

/** A file of the window's page. */
export interface PageFile {
  readonly content: Buffer;
  readonly type: string;
  /** Its name changes with its content: a browser may keep it. */
  readonly isHashed: boolean;
}

/** Where the page's HTML has this word, every answer has a new nonce: for Vite's `html.cspNonce`. */
export const noncePlaceholder = 'NIGHTJAR-STYLE-NONCE';

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
};

/**
 * Reads the files of a folder, each under the path that a browser asks for: `/` for `index.html`, `/assets/main-8f3k2m9q.js`. Requests are
 * then looked up here, character by character, and never reach the file system: no spelling of a path leads out of the folder. Links,
 * and what begins with a dot, are left out. Throws what the file system throws.
 */
export async function readPageFiles(folder: string): Promise<ReadonlyMap<string, PageFile>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = new Map<string, PageFile>();
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name);
    const names = relative(folder, file).split(sep);
    if (!entry.isFile() || names.some((name) => name.startsWith('.'))) continue;
    const path = `/${names.map(encodeURIComponent).join('/')}`;
    files.set(path === '/index.html' ? '/' : path, {
      content: await readFile(file),
      type: types[extname(file).toLowerCase()] ?? 'application/octet-stream',
      isHashed: /^\/assets\/[^/]+-[\w-]{8}\.\w+$/.test(path),
    });
  }
  return files;
}

/** A file of the page as it goes to a browser, or to the window of the app. */
export interface PageAnswer {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** The answer that has a file of the page: under the strict policy, which lets in the styles that bear `nonce`, good for this answer alone. */
export function answerPage({ content, type, isHashed }: PageFile, nonce: string): PageAnswer {
  const isPage = type.startsWith('text/html');
  const body = isPage ? Buffer.from(content.toString('utf8').replaceAll(noncePlaceholder, nonce)) : content;
  const headers = strictHeaders(`'nonce-${nonce}'`).set('Content-Type', type).set('Content-Length', String(body.length));
  if (isHashed) headers.set('Cache-Control', 'private, max-age=31536000, immutable');
  return { headers, body };
}
