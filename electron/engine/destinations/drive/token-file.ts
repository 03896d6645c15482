import { z } from 'zod';
import { BackupError } from '../../../domain/errors.ts';
import type { Tokens } from './credentials.ts';
import { fullDriveScope, parseScopes } from './scopes.ts';

/** Access tokens of Google live for an hour. */
const usualLifeMs = 3_600_000;

const text = z.string().min(1).nullable().catch(null);
const amount = z.number().positive().nullable().catch(null);
const fileSchema = z.looseObject({
  access_token: text,
  refresh_token: text,
  expiry: text,
  expiry_date: amount,
  scope: text,
  refresh_token_expires_in: amount,
});

/** Reads a `tokens.json` as Google's libraries and programs around them write it. Throws `sign-in-missing` that names the file. */
export function parseTokenFile(content: string, path: string): Tokens {
  const parsed = fileSchema.safeParse(parseJson(content, path));
  if (!parsed.success) throw damaged(path, 'it is not a JSON object');
  const file = parsed.data;
  if (file.access_token === null && file.refresh_token === null) throw damaged(path, 'it has neither access_token nor refresh_token');
  const expiresAtMs = earlier(file.expiry === null ? null : parseExpiry(file.expiry), file.expiry_date);
  return {
    accessToken: file.access_token,
    refreshToken: file.refresh_token,
    expiresAtMs,
    scopes: parseScopes(file.scope ?? fullDriveScope),
    // It was counted from the moment that the access token was given.
    refreshEndsAtMs:
      file.refresh_token_expires_in === null || expiresAtMs === null
        ? null
        : expiresAtMs - usualLifeMs + file.refresh_token_expires_in * 1000,
  };
}

/** The file with new tokens in it. Both spellings of the expiry are updated (S1-49); every other field stays as it is. */
export function mergeTokenFile(content: string, path: string, before: Tokens, next: Tokens): string {
  const file = parseExactly(content, path);
  const { accessToken, refreshToken, expiresAtMs, refreshEndsAtMs } = next;
  if (accessToken !== null) file['access_token'] = accessToken;
  if (refreshToken !== null && refreshToken !== before.refreshToken) file['refresh_token'] = refreshToken;
  if (expiresAtMs !== null) {
    file['expiry'] = new Date(expiresAtMs).toISOString();
    file['expiry_date'] = expiresAtMs;
  }
  if (
    'refresh_token_expires_in' in file &&
    refreshEndsAtMs !== null &&
    expiresAtMs !== null &&
    refreshEndsAtMs !== before.refreshEndsAtMs
  ) {
    file['refresh_token_expires_in'] = Math.round((refreshEndsAtMs - expiresAtMs + usualLifeMs) / 1000);
  }
  const indent = /^\s*\{\r?\n([ \t]+)"/.exec(content)?.[1] ?? '';
  return JSON.stringify(file, null, indent) + (content.endsWith('\n') ? '\n' : '');
}

/** An instant as Python and JavaScript write it: with `Z`, with an offset, or naive, which means UTC (S1-42, S1-47). */
export function parseExpiry(expiry: string): number | null {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d+))?\s*(?:Z|z|UTC|([+-]\d\d):?(\d\d)?)?$/.exec(expiry.trim());
  if (!match) return null;
  const [, day = '', time = '', fraction = '', hours, minutes = '00'] = match;
  const seconds = time.length === 5 ? `${time}:00` : time;
  const ms = Date.parse(`${day}T${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`);
  return Number.isNaN(ms) ? null : ms;
}

/** Which of two was written last is not known; a token that is renewed too early does no harm. */
function earlier(first: number | null, second: number | null): number | null {
  if (first === null || second === null) return first ?? second;
  return Math.min(first, second);
}

function parseJson(content: string, path: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    // Without a cause: the parser quotes the text, which is secret.
    throw damaged(path, 'it is not JSON');
  }
}

interface ExactJson {
  parse(text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
}

/** Numbers keep their digits: one beyond 2^53 would come back as another. */
function parseExactly(content: string, path: string): Record<string, unknown> {
  parseTokenFile(content, path);
  const exact = JSON as unknown as ExactJson;
  const keepDigits = (_key: string, value: unknown, { source }: { readonly source?: string }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source ? exact.rawJSON(source) : value;
  return exact.parse(content, keepDigits) as Record<string, unknown>;
}

function damaged(path: string, why: string): BackupError {
  return new BackupError('sign-in-missing', `the tokens file ${path} cannot be used: ${why}`, {
    hint: 'sign in again with the program that writes it, such as google-drive-mcp; Nightjar left it as it is',
  });
}
