const factors: Readonly<Record<string, number>> = {
  '': 1,
  k: 1000,
  m: 1000 ** 2,
  g: 1000 ** 3,
  t: 1000 ** 4,
  ki: 1024,
  mi: 1024 ** 2,
  gi: 1024 ** 3,
  ti: 1024 ** 4,
};

/**
 * Reads a size as people write it and file managers show it: `2 GB`, `1.5gb`, `500 MB`, `512 MiB`, `1,000,000`. Without a unit it is in
 * bytes. `null` for what is no size. Pure.
 */
export function parseSize(text: string): number | null {
  const [, digits, unit = ''] = /^(\d{1,3}(?:,\d{3})+|\d{1,15}(?:\.\d{1,6})?)\s*((?:[kmgt]i?)?)b?(?:ytes)?$/i.exec(text.trim()) ?? [];
  const factor = factors[unit.toLowerCase()];
  if (digits === undefined || factor === undefined) return null;
  const bytes = Math.round(Number(digits.replaceAll(',', '')) * factor);
  return Number.isSafeInteger(bytes) ? bytes : null;
}
