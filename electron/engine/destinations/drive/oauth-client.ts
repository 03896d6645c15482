import { z } from 'zod';
import { BackupError } from '../../../domain/errors.ts';
import { isSafeUrl } from '../../../domain/safe-url.ts';

/** The OAuth client of a person's own Google Cloud project. With `drive.file`, what a client has stored only that client sees again. */
export interface OAuthClient {
  readonly clientId: string;
  /** No secret in the strict sense for a program on somebody's machine, but the token endpoint asks for it. */
  readonly clientSecret: string;
  readonly authUri: string;
  readonly tokenUri: string;
}

const googleAuthUri = 'https://accounts.google.com/o/oauth2/auth';
const googleTokenUri = 'https://oauth2.googleapis.com/token';

const installedSchema = z.object({
  client_id: z.string().min(1),
  client_secret: z.string().min(1),
  auth_uri: z.string().refine(isSafeUrl).default(googleAuthUri),
  token_uri: z.string().refine(isSafeUrl).default(googleTokenUri),
});

/** Reads the JSON that Google's console gives for a client of the type "Desktop app". Throws `usage-invalid` that names the file. */
export function parseOAuthClient(text: string, file: string): OAuthClient {
  const value = parseObject(text, file);
  const { installed } = value;
  if (typeof installed !== 'object' || installed === null) throw refused(file, otherKind(value));
  const parsed = installedSchema.safeParse(installed);
  if (!parsed.success) {
    const fields = [...new Set(parsed.error.issues.map(({ path }) => String(path[0])))];
    throw refused(file, `has no usable ${fields.join(', ')}`);
  }
  const { client_id, client_secret, auth_uri, token_uri } = parsed.data;
  return { clientId: client_id, clientSecret: client_secret, authUri: auth_uri, tokenUri: token_uri };
}

/** The client in the form in which Google's console gives it. */
export function encodeOAuthClient(client: OAuthClient): string {
  const { clientId, clientSecret, authUri, tokenUri } = client;
  return JSON.stringify({ installed: { client_id: clientId, client_secret: clientSecret, auth_uri: authUri, token_uri: tokenUri } });
}

function parseObject(text: string, file: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    // Without a cause: the parser quotes the text, which is secret.
    throw refused(file, 'is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refused(file, 'is not the JSON of an OAuth client');
  return value as Readonly<Record<string, unknown>>;
}

function otherKind(value: Readonly<Record<string, unknown>>): string {
  if ('web' in value) return 'is a client of the type "Web application", not "Desktop app"';
  if (value['type'] === 'service_account') return 'is the key of a service account, not an OAuth client';
  if ('refresh_token' in value || 'access_token' in value) return 'has the tokens of a sign-in, not an OAuth client';
  return 'has no "installed" part, as the client of a desktop app has';
}

function refused(file: string, why: string): BackupError {
  return new BackupError('usage-invalid', `the OAuth client ${file} cannot be used: it ${why}`, {
    hint: 'in console.cloud.google.com: APIs & Services > Credentials > Create credentials > OAuth client ID > Desktop app > Download JSON',
  });
}
