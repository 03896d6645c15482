import { inflateSync } from 'node:zlib';
import type { Raster } from '../../build/icons/raster.ts';

/** A PNG as its specification has it: eight bits a channel with alpha, not interlaced. */
export interface Png extends Raster {
  /** Keyword, zero, text. */
  readonly comments: readonly string[];
}

/** Reads a square PNG. Throws on what is none, or in another format of pixels. */
export function readPng(bytes: Buffer): Png {
  if (bytes.toString('latin1', 0, 8) !== '\x89PNG\r\n\x1a\n') throw new Error('this is no PNG');
  const chunks = chunksOf(bytes);
  const header = chunks.find(({ type }) => type === 'IHDR')?.data ?? Buffer.alloc(13);
  const size = header.readUInt32BE(0);
  if (header.readUInt32BE(4) !== size || header.toString('hex', 8) !== '0806000000') throw new Error('this PNG is of another kind');
  const packed = Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data));
  const comments = chunks.filter(({ type }) => type === 'tEXt').map(({ data }) => data.toString('latin1'));
  return { size, rgba: unfilter(size, inflateSync(packed)), comments };
}

/** One picture of an icon's file, with the size that the directory says; a PNG's or bitmap's bytes. */
export interface StoredPicture {
  readonly size: number;
  readonly bytes: Buffer;
}

/** The pictures of an ICO, by its directory. */
export function readIco(bytes: Buffer): StoredPicture[] {
  if (bytes.readUInt32LE(0) !== 0x1_0000) throw new Error('this is no icon');
  return Array.from({ length: bytes.readUInt16LE(4) }, (_, index) => {
    const entry = bytes.subarray(6 + 16 * index, 22 + 16 * index);
    const offset = entry.readUInt32LE(12);
    return { size: (entry[0] ?? 0) || 256, bytes: bytes.subarray(offset, offset + entry.readUInt32LE(8)) };
  });
}

/** A picture of an ICO as pixels. */
export function readBitmap({ size, bytes }: StoredPicture): Raster {
  if (bytes.readInt32LE(4) !== size || bytes.readInt32LE(8) !== size * 2 || bytes.readUInt16LE(14) !== 32)
    throw new Error('a wrong header');
  const rgba = new Uint8Array(size * size * 4);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const from = 40 + ((size - 1 - row) * size + column) * 4;
      const [blue = 0, green = 0, red = 0, alpha = 0] = bytes.subarray(from, from + 4);
      rgba.set([red, green, blue, alpha], (row * size + column) * 4);
    }
  }
  return { size, rgba };
}

/** The pictures of an icns by their types. */
export function readIcns(bytes: Buffer): Record<string, Buffer> {
  if (bytes.toString('latin1', 0, 4) !== 'icns' || bytes.readUInt32BE(4) !== bytes.length) throw new Error('this is no icns');
  const pictures: Record<string, Buffer> = {};
  for (let at = 8; at < bytes.length; at += bytes.readUInt32BE(at + 4)) {
    pictures[bytes.toString('latin1', at, at + 4)] = bytes.subarray(at + 8, at + bytes.readUInt32BE(at + 4));
  }
  return pictures;
}

function chunksOf(bytes: Buffer): { readonly type: string; readonly data: Buffer }[] {
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    chunks.push({ type: bytes.toString('latin1', at + 4, at + 8), data: bytes.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return chunks;
}

function unfilter(size: number, rows: Buffer): Uint8Array {
  const rowBytes = size * 4;
  const rgba = new Uint8Array(rowBytes * size);
  for (let row = 0; row < size; row++) {
    const filter = rows[row * (rowBytes + 1)];
    if (filter !== 0 && filter !== 2) throw new Error(`filter ${filter} is not read here`);
    for (let index = 0; index < rowBytes; index++) {
      const above = filter === 2 && row > 0 ? (rgba[(row - 1) * rowBytes + index] ?? 0) : 0;
      rgba[row * rowBytes + index] = (rows[row * (rowBytes + 1) + 1 + index] ?? 0) + above;
    }
  }
  return rgba;
}
