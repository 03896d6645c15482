/** The longest text of a foreign program that is stored or shown. */
export const maxTextLength = 4096;

const hidden = '***';

const rules: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // The remote's own messages may hold sequences that a terminal obeys.
  [/[^\P{Cc}\n\t]/gu, ''],
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/'"<>]*@/gi, `$1${hidden}@`],
  [/\b(bearer|basic)\s+[^\s'",;]+/gi, `$1 ${hidden}`],
  [/((?:token|password|passwd|secret|authorization)[\w-]*["']?\s*[=:]\s*)(?:"[^"\n]*"|'[^'\n]*'|[^\s&'",;]+)/gi, `$1${hidden}`],
  [/\b(?:gh[pousr]_|github_pat_|glpat-)[\w-]{16,}/g, hidden],
];

/**
 * Takes what is secret out of a text that another program wrote: credentials in addresses, bearer and basic headers, values of tokens,
 * passwords and secrets, and tokens of the large hosts by their look. What is left is cut to `maxTextLength`.
 */
export function redact(text: string): string {
  let clean = text;
  for (const [pattern, replacement] of rules) clean = clean.replace(pattern, replacement);
  clean = clean.trim();
  return clean.length <= maxTextLength ? clean : `${clean.slice(0, maxTextLength - 1)}…`;
}
