import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';

/** A square picture: red, green, blue and alpha of each pixel, row after row from the top; colours are not multiplied by alpha. */
export interface Raster {
  readonly size: number;
  readonly rgba: Uint8Array;
}

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** A PNG with a comment that names the drawing it was made from, by its digest; see `drawingComment`. Pure. */
export function encodePng({ size, rgba }: Raster, drawing: string): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  // Eight bits a channel, with alpha.
  header.set([8, 6], 8);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('tEXt', Buffer.from(drawingComment(drawing), 'latin1')),
    chunk('IDAT', deflateSync(filterRows(size, rgba), { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** What a PNG says of its drawing: the text chunk's keyword and, after a zero, its text. Pure. */
export function drawingComment(drawing: string): string {
  return `Source\0sha256:${createHash('sha256').update(drawing).digest('hex')}`;
}

/** A picture as Windows keeps it in an icon: a bitmap from the bottom up, followed by an empty mask, since alpha says it all. Pure. */
export function encodeBitmap({ size, rgba }: Raster): Buffer {
  const header = Buffer.alloc(40);
  header.writeUInt32LE(40, 0);
  header.writeInt32LE(size, 4);
  // The mask counts as further rows.
  header.writeInt32LE(size * 2, 8);
  header.writeUInt16LE(1, 12);
  header.writeUInt16LE(32, 14);
  const pixels = Buffer.alloc(size * size * 4);
  for (let pixel = 0; pixel < size * size; pixel++) {
    const row = size - 1 - Math.floor(pixel / size);
    const [red = 0, green = 0, blue = 0, alpha = 0] = rgba.subarray(pixel * 4, pixel * 4 + 4);
    pixels.set([blue, green, red, alpha], (row * size + (pixel % size)) * 4);
  }
  const maskRowBytes = Math.ceil(size / 32) * 4;
  return Buffer.concat([header, pixels, Buffer.alloc(maskRowBytes * size)]);
}

/** Each row as its difference from the one above: these pictures are flat or shaded downwards, and so become small. */
function filterRows(size: number, rgba: Uint8Array): Buffer {
  const rowBytes = size * 4;
  const rows = Buffer.alloc((rowBytes + 1) * size);
  for (let row = 0; row < size; row++) {
    const start = row * (rowBytes + 1);
    rows[start] = 2;
    for (let index = 0; index < rowBytes; index++) {
      const above = row === 0 ? 0 : (rgba[(row - 1) * rowBytes + index] ?? 0);
      rows[start + 1 + index] = (rgba[row * rowBytes + index] ?? 0) - above;
    }
  }
  return rows;
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(typed), 4);
  return Buffer.concat([frame.subarray(0, 4), typed, frame.subarray(4)]);
}
