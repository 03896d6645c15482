/** How a snapshot's bytes are compressed. */
export const codecs = ['gzip', 'zstd'] as const;
export type Codec = (typeof codecs)[number];

/** The levels that a codec has, from fast to small. */
export const codecLevels: Readonly<Record<Codec, { readonly least: number; readonly most: number }>> = {
  gzip: { least: 1, most: 9 },
  zstd: { least: 1, most: 19 },
};
