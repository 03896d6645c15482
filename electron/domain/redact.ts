/** The longest text of a foreign program that is stored or shown. */
export const maxTextLength = 4096;

/** What stands where a secret was. */
export const hidden = '***';

const rules: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // A text may hold sequences that a terminal obeys.
  [/[^\P{Cc}\n\t]/gu, ''],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, hidden],
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/'"<>]*@/gi, `$1${hidden}@`],
  [/\b(bearer|basic)\s+[^\s'",;]+/gi, `$1 ${hidden}`],
  [
    /((?:token|password|passwd|passphrase|secret|authorization|api[_-]?key|cookie)[\w-]*\\?["']?\s*[=:]\s*)(?:\\?"[^"\n]*"|'[^'\n]*'|[^\s&'",;]+)/gi,
    `$1${hidden}`,
  ],
  // Whoever has the address of an upload can write to the account; the code of a sign-in is worth a token.
  [/([?&](?:upload_id|code|code_verifier|key|sig|signature)=)[^\s&'"<>]+/gi, `$1${hidden}`],
  // By their look: Google's access tokens, refresh tokens, codes, client secrets and keys, tokens of the large git hosts, signed tokens.
  [/\bya29\.[\w.-]{8,}/g, hidden],
  [/(?<![\w/])(?:1\/\/0?|4\/0)[\w-]{16,}/g, hidden],
  [/\bGOCSPX-[\w-]{8,}/g, hidden],
  [/\bAIza[\w-]{30,}/g, hidden],
  [/\b(?:gh[pousr]_|github_pat_|glpat-)[\w-]{16,}/g, hidden],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, hidden],
];

/**
 * Takes what is secret out of a text: credentials in addresses, bearer and basic headers, values of tokens, passwords and secrets, addresses
 * of uploads, and tokens of Google and the large git hosts by their look. What is left is cut to `longest` characters.
 */
export function redact(text: string, longest: number = maxTextLength): string {
  let clean = text;
  for (const [pattern, replacement] of rules) clean = clean.replace(pattern, replacement);
  clean = clean.trim();
  return clean.length <= longest ? clean : `${clean.slice(0, longest - 1)}…`;
}

const secretKey =
  /token|passw|passphrase|secret|authorization|cookie|api[_-]?key|private[_-]?key|upload[_-]?(?:id|ur[il])|session[_-]?ur[il]/i;

/** True for the name of a field whose value is a secret, whatever it looks like. */
export function isSecretKey(name: string): boolean {
  return secretKey.test(name);
}

/** What is nested deeper is left out. */
const maxDepth = 6;

/**
 * The same value as plain data without secrets, by the names of its fields and by the look of its texts, each of which is cut to `longest`
 * characters. An error keeps its message, code and stack.
 */
export function redactValue(value: unknown, longest: number = maxTextLength, depth = 0): unknown {
  if (typeof value === 'string') return redact(value, longest);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= maxDepth) return '…';
  if (Array.isArray(value)) return value.map((item) => redactValue(item, longest, depth + 1));
  const entries = value instanceof Error ? errorEntries(value) : Object.entries(value);
  return Object.fromEntries(entries.map(([key, item]) => [key, hide(key, item) ?? redactValue(item, longest, depth + 1)]));
}

function hide(key: string, value: unknown): string | undefined {
  return isSecretKey(key) && value !== null && value !== undefined && typeof value !== 'boolean' ? hidden : undefined;
}

function errorEntries({ message, stack, ...rest }: Error & { readonly code?: unknown }): [string, unknown][] {
  return Object.entries({ message, code: rest.code, stack });
}
