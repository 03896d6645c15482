/** A picture in its own format, as a container takes it. */
export interface EncodedPicture {
  readonly size: number;
  readonly bytes: Buffer;
}

/** The types of an icns by what they show: a size, and half of it on a screen with twice the pixels. */
const icnsTypes: Readonly<Record<number, readonly string[]>> = {
  32: ['ic11'],
  64: ['ic12'],
  128: ['ic07'],
  256: ['ic13', 'ic08'],
  512: ['ic14', 'ic09'],
  1024: ['ic10'],
};

/** An icon of Windows: a directory, then PNGs or bitmaps. Pure. */
export function encodeIco(pictures: readonly EncodedPicture[]): Buffer {
  const header = Buffer.alloc(6 + 16 * pictures.length);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(pictures.length, 4);
  let offset = header.length;
  for (const [index, { size, bytes }] of pictures.entries()) {
    const entry = header.subarray(6 + 16 * index, 22 + 16 * index);
    // A byte each for width and height: 256 is written as 0.
    entry.set([size % 256, size % 256]);
    entry.writeUInt16LE(1, 4);
    entry.writeUInt16LE(32, 6);
    entry.writeUInt32LE(bytes.length, 8);
    entry.writeUInt32LE(offset, 12);
    offset += bytes.length;
  }
  return Buffer.concat([header, ...pictures.map(({ bytes }) => bytes)]);
}

/** An icon of macOS from PNGs. Throws on a size that it has no type for. Pure. */
export function encodeIcns(pictures: readonly EncodedPicture[]): Buffer {
  const entries = pictures.flatMap(({ size, bytes }) => {
    const types = icnsTypes[size];
    if (types === undefined) throw new Error(`an icns has no type for ${size} pixels`);
    return types.map((type) => tagged(type, bytes));
  });
  return tagged('icns', Buffer.concat(entries));
}

function tagged(type: string, bytes: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(type, 0, 'latin1');
  head.writeUInt32BE(head.length + bytes.length, 4);
  return Buffer.concat([head, bytes]);
}
