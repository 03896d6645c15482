import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { CredentialStore, Tokens } from '../../electron/engine/destinations/drive/credentials.ts';
import { encodeOAuthClient, type OAuthClient } from '../../electron/engine/destinations/drive/oauth-client.ts';
import { driveFileScope } from '../../electron/engine/destinations/drive/scopes.ts';
import type { SecretStore } from '../../electron/engine/ports.ts';

/** Tokens that are over, with what a test changes. */
export function sampleTokens(changes: Partial<Tokens> = {}): Tokens {
  return {
    accessToken: 'ya29.former',
    refreshToken: '1//refresh-former',
    expiresAtMs: 0,
    scopes: [driveFileScope],
    refreshEndsAtMs: null,
    ...changes,
  };
}

export const ownAccount = { name: 'drive', credentials: { kind: 'own' } } as const;

/** Credentials in memory, which counts how often they are read. */
export function memoryCredentials(
  client: OAuthClient,
  tokens: Tokens | null,
): CredentialStore & { tokens: Tokens | null; reads: number; updates: number } {
  let last: Promise<unknown> = Promise.resolve();
  const store = {
    tokens,
    reads: 0,
    updates: 0,
    client: async () => client,
    read: async () => {
      store.reads++;
      return store.tokens;
    },
    update: (edit: (present: Tokens | null) => Promise<Tokens | null>) => {
      store.updates++;
      const turn = last.then(async () => {
        store.tokens = (await edit(store.tokens)) ?? store.tokens;
        return store.tokens;
      });
      last = turn.catch(() => {});
      return turn;
    },
  };
  return store;
}

export function memorySecrets(): SecretStore & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    get: async (key) => kept.get(key) ?? null,
    set: async (key, value) => void kept.set(key, value),
    remove: async (key) => void kept.delete(key),
  };
}

/** Both files of a program that has signed in before. */
export async function writeShared(folder: string, client: OAuthClient, tokens: Readonly<Record<string, unknown>>): Promise<string> {
  await writeFile(join(folder, 'gcp-oauth.keys.json'), encodeOAuthClient(client), { mode: 0o600 });
  const path = join(folder, 'tokens.json');
  await writeFile(path, JSON.stringify(tokens, null, 2), { mode: 0o600 });
  return path;
}

/** All that anybody could print of an error, with its causes and hidden fields. */
export function everythingOf(error: unknown): string {
  return `${inspect(error, { depth: 12, showHidden: true })} ${JSON.stringify(error)}`;
}
