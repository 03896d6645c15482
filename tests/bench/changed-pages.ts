import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { open, stat } from 'node:fs/promises';

const pageBytes = 4096;
const blockBytes = 256 * pageBytes;
const digestBytes = 16;

/** What a day has changed in the file, and the least that it costs to send it. */
export interface Change {
  readonly pages: number;
  readonly changedPages: number;
  /** `gzip -6` of exactly the changed pages, as one stream. */
  readonly limitBytes: number;
}

/** A digest of every page of a database whose WAL is empty. */
export async function digestPages(path: string): Promise<Buffer> {
  const digests = Buffer.alloc(((await stat(path)).size / pageBytes) * digestBytes);
  let at = 0;
  for await (const page of pagesOf(path)) at += digestOf(page).copy(digests, at);
  return digests;
}

/** Compares a database with its earlier pages. */
export async function measureChange(path: string, earlier: Buffer): Promise<Change> {
  const gzip = spawn('gzip', ['-6', '-c'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let limitBytes = 0;
  gzip.stdout.on('data', (data: Buffer) => (limitBytes += data.length));
  const closed = once(gzip, 'close');
  let pages = 0;
  let changedPages = 0;
  for await (const page of pagesOf(path)) {
    const at = pages++ * digestBytes;
    if (digestOf(page).equals(earlier.subarray(at, at + digestBytes))) continue;
    changedPages++;
    if (!gzip.stdin.write(page)) await once(gzip.stdin, 'drain');
  }
  gzip.stdin.end();
  await closed;
  return { pages, changedPages, limitBytes };
}

/** What is wrong with a copy that should be the source page by page; nothing where it is. */
export async function comparePages(source: string, copy: string): Promise<string[]> {
  await using ofSource = pagesOf(source);
  const different: number[] = [];
  let page = 0;
  for await (const found of pagesOf(copy)) {
    const { value } = await ofSource.next();
    page++;
    // SQLite's own backup counts a new version of the schema in the header.
    if (page > 1 && !(value && found.equals(value))) different.push(page);
  }
  const isShort = !(await ofSource.next()).done;
  const some = different.slice(0, 5).join(', ');
  return [
    ...(different.length > 0 ? [`${different.length} pages are not the source's, the first ${some}`] : []),
    ...(isShort ? ['pages are missing at its end'] : []),
  ];
}

function digestOf(page: Buffer): Buffer {
  return hash('sha256', page, 'buffer').subarray(0, digestBytes);
}

async function* pagesOf(path: string): AsyncGenerator<Buffer, void> {
  const file = await open(path, 'r');
  try {
    for (let offset = 0; ; ) {
      // A new one each time: its pages may still be on their way to another program.
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(blockBytes), 0, blockBytes, offset);
      if (bytesRead === 0) return;
      offset += bytesRead;
      for (let at = 0; at < bytesRead; at += pageBytes) yield buffer.subarray(at, Math.min(at + pageBytes, bytesRead));
    }
  } finally {
    await file.close();
  }
}
