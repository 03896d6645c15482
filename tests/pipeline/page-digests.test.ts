import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PageDigests, pageDigestBytes, startPageDigests } from '../../electron/engine/pipeline/page-digests.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';

const pageSizes = [512, 4096, 65_536] as const;
const databases = new Map<number, Buffer>();
let folder: TempFolder;

beforeAll(async () => {
  folder = await makeTempFolder();
  for (const pageSize of pageSizes) {
    const path = join(folder.path, `${pageSize}.db`);
    const database = new Database(path);
    database.pragma(`page_size = ${pageSize}`);
    database.exec('CREATE TABLE note (body TEXT)');
    const insert = database.prepare('INSERT INTO note VALUES (?)');
    database.transaction(() => {
      for (let row = 0; row < 300; row++) insert.run(`note ${row} ${'text '.repeat(row % 200)}`);
    })();
    database.close();
    databases.set(pageSize, await readFile(path));
  }
});
afterAll(() => folder[Symbol.asyncDispose]());

function pagesOf(bytes: Buffer, pageSize: number): Buffer[] {
  return Array.from({ length: bytes.length / pageSize }, (_, page) => bytes.subarray(page * pageSize, (page + 1) * pageSize));
}

function digestInBlocks(bytes: Buffer, sizes: readonly number[], onPage?: Parameters<typeof startPageDigests>[0]): PageDigests | null {
  const digester = startPageDigests(onPage);
  // One buffer for every block, as readers have it: what was taken from it must not change with it.
  const block = Buffer.alloc(Math.max(...sizes));
  for (let at = 0, call = 0; at < bytes.length; call++) {
    const length = bytes.copy(block, 0, at, Math.min(bytes.length, at + (sizes[call % sizes.length] ?? 1)));
    digester.update(block.subarray(0, length));
    block.fill(0xaa);
    at += length;
  }
  return digester.finish();
}

describe('the digests of the pages of a database', () => {
  it('are the first half of the SHA-256 of each page, in whatever blocks the bytes come', () => {
    const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 700 }), fc.integer({ min: 1, max: 150_000 })), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(fc.constantFrom(...pageSizes), sizes, (pageSize, blocks) => {
        const bytes = databases.get(pageSize) ?? Buffer.alloc(0);
        const pages = pagesOf(bytes, pageSize);
        const wanted = pages.map((page) => createHash('sha256').update(page).digest().subarray(0, pageDigestBytes));
        const seen: Buffer[] = [];
        const found = digestInBlocks(bytes, blocks, (pgno, page, digest) => seen.push(Buffer.from([pgno]), Buffer.from(page), digest));
        expect(found).toEqual({ pageSize, encoding: 'UTF-8', pageCount: pages.length, digests: Buffer.concat(wanted) });
        const allInOrder = pages.flatMap((page, index) => [Buffer.from([index + 1]), page, wanted[index] ?? page]);
        expect(Buffer.concat(seen).equals(Buffer.concat(allInOrder))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('grow with the database', () => {
    const [page = Buffer.alloc(0)] = pagesOf(databases.get(512) ?? Buffer.alloc(0), 512);
    const found = digestInBlocks(Buffer.concat(Array.from({ length: 9001 }, () => page)), [1024 * 1024]);
    expect(found?.pageCount).toBe(9001);
    expect(found?.digests.equals(Buffer.concat(Array.from({ length: 9001 }, () => found.digests.subarray(0, pageDigestBytes))))).toBe(true);
  });

  it('are none where the bytes are no whole number of pages, or no database', () => {
    const bytes = databases.get(4096) ?? Buffer.alloc(0);
    const strangePageSize = Buffer.from(bytes);
    strangePageSize.writeUInt16BE(1000, 16);
    const inputs = [bytes.subarray(0, bytes.length - 1), bytes.subarray(0, 99), Buffer.alloc(0), Buffer.alloc(8192), strangePageSize];
    expect(inputs.map((input) => digestInBlocks(input, [64 * 1024]))).toEqual(inputs.map(() => null));
  });
});
