import { parseSize } from '../../../electron/domain/size.ts';

/** What a text field of the settings came to: a value, or why it is none. */
export type Typed<T> = { readonly value: T } | { readonly problem: string };

/** A size in bytes. One without a unit is half a size: nobody means a reserve of 5 bytes. */
export function typedSize(text: string): Typed<number> {
  if (/^\s*[1-9][\d.,]*\s*$/.test(text)) return { problem: `"${text.trim()}" of what? Write it as ${text.trim()} GB or ${text.trim()} MB` };
  const bytes = parseSize(text);
  return bytes === null ? { problem: `"${text.trim()}" is not a size: write it as 2 GB or 500 MB` } : { value: bytes };
}

/** Bytes a second; less than 1 kB/s would never end. */
export function typedRate(text: string): Typed<number> {
  const rate = typedSize(text.replace(/\s*(?:\/\s*s|per second|a second)\s*$/i, ''));
  return 'value' in rate && rate.value < 1024 ? { problem: 'Give at least 2 kB a second' } : rate;
}

/** A whole number between two others. */
export function typedWhole(text: string, least: number, most: number): Typed<number> {
  const value = /^\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? { value } : { problem: `Give a whole number from ${least} to ${most}` };
}

/** An address, or nothing for none. Whether it may be used is for the engine to say. */
export function typedAddress(text: string): Typed<string | null> {
  const trimmed = text.trim();
  if (trimmed === '') return { value: null };
  return URL.canParse(trimmed) ? { value: trimmed } : { problem: `"${trimmed}" is not an address: write it as https://example.org/hook` };
}

/** A program and its arguments, or nothing for none: words between blanks, and in quotes what has blanks in it. */
export function typedCommand(text: string): Typed<string[] | null> {
  const words: string[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const [whole, quoted, single, plain] = /^(?:"((?:\\.|[^"\\])*)"|'([^']*)'|([^\s"']+))(?:\s+|$)/.exec(rest) ?? [];
    if (whole === undefined) return { problem: 'A quotation mark is open, or stands within a word' };
    words.push(quoted?.replaceAll(/\\(.)/g, '$1') ?? single ?? plain ?? '');
    rest = rest.slice(whole.length);
  }
  if (words.includes('')) return { problem: 'An argument cannot be empty' };
  return { value: words.length === 0 ? null : words };
}

/** A command as it is typed. */
export function writeCommand(words: readonly string[] | null): string {
  return (words ?? []).map((word) => (/^[^\s"'\\]+$/.test(word) ? word : `"${word.replaceAll(/[\\"]/g, '\\$&')}"`)).join(' ');
}
