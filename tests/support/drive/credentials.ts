import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { IssuedTokens, SharedCredentials } from '../drive-server.ts';
import type { OAuth } from './oauth.ts';
import type { Client, ServerState } from './server-state.ts';

/** A grant and its tokens for a client; an id that is not known becomes a new client. */
export function issueTokens(state: ServerState, oauth: OAuth, scope: string, clientId: string, lifeSeconds?: number): IssuedTokens {
  const client = state.data.clients.find(({ id }) => id === clientId) ?? state.addClient(clientId);
  const { grant, access } = oauth.issue(clientId, scope, lifeSeconds);
  return {
    accessToken: access.token,
    refreshToken: grant.refreshToken,
    expiresAtMs: access.untilMs,
    scope: grant.scope,
    clientId,
    clientSecret: client.secret,
  };
}

/** The JSON file that Google offers for a client of the type "Desktop app". */
export async function writeClientFile(path: string, url: string, client: Client): Promise<void> {
  const installed = {
    client_id: client.id,
    project_id: client.projectId,
    auth_uri: `${url}/o/oauth2/auth`,
    token_uri: `${url}/token`,
    auth_provider_x509_cert_url: `${url}/oauth2/v1/certs`,
    client_secret: client.secret,
    redirect_uris: ['http://localhost'],
  };
  await writePrivately(path, { installed });
}

/** The two files of a program that was signed in before. */
export async function writeSharedCredentials(
  folder: string,
  url: string,
  client: Client,
  tokens: IssuedTokens,
  { format = 'epoch-ms', extra = {} }: SharedCredentials,
): Promise<void> {
  const iso = new Date(tokens.expiresAtMs).toISOString();
  const expiry = {
    'epoch-ms': { expiry_date: tokens.expiresAtMs },
    iso: { expiry: iso },
    'iso-naive': { expiry: iso.slice(0, -1) },
  }[format];
  await writeClientFile(join(folder, 'gcp-oauth.keys.json'), url, client);
  await writePrivately(join(folder, 'tokens.json'), {
    ...extra,
    access_token: tokens.accessToken,
    refresh_token: tokens.refreshToken,
    scope: tokens.scope,
    token_type: 'Bearer',
    ...expiry,
  });
}

async function writePrivately(path: string, value: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
}
