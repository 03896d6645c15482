import { z } from 'zod';
import { BackupError } from '../../../domain/errors.ts';
import type { DriveConfig } from '../../../domain/model.ts';
import { makeTurns } from '../../platform/turns.ts';
import type { SecretStore } from '../../ports.ts';
import { encodeOAuthClient, type OAuthClient, parseOAuthClient } from './oauth-client.ts';

const tokensSchema = z.object({
  accessToken: z.string().min(1).nullable(),
  refreshToken: z.string().min(1).nullable(),
  expiresAtMs: z.number().nullable(),
  scopes: z.array(z.string()).readonly(),
  refreshEndsAtMs: z.number().nullable(),
});

/** What a sign-in has given. */
export interface Tokens {
  readonly accessToken: string | null;
  readonly refreshToken: string | null;
  /** When the access token ends; `null` where that is not known. */
  readonly expiresAtMs: number | null;
  /** What was granted; empty where that is not known. */
  readonly scopes: readonly string[];
  /** When the sign-in itself ends, as it does after 7 days under a consent screen in "Testing"; `null` where it has no end. */
  readonly refreshEndsAtMs: number | null;
}

/**
 * Keeps the client and the tokens of one account. Every implementation guarantees that `update` is alone at work on the tokens,
 * among all processes that use this store, and that a crash leaves the former or the new ones, whole.
 *
 * Errors: `sign-in-missing`, `sign-in-client`, `destination-busy`, `destination-refused`, what a SecretStore throws, the signal's reason.
 */
export interface CredentialStore {
  client(): Promise<OAuthClient>;
  /** `null` where nobody has signed in. */
  read(): Promise<Tokens | null>;
  /** Reads, edits and replaces in one go; `null` from `edit` leaves all as it is. Resolves to what is kept afterwards. */
  update(edit: (present: Tokens | null) => Promise<Tokens | null>, signal?: AbortSignal): Promise<Tokens | null>;
}

/** Credentials that belong to Nightjar alone. */
export interface OwnCredentials extends CredentialStore {
  keepClient(client: OAuthClient): Promise<void>;
  /** Forgets client and tokens. */
  forget(): Promise<void>;
}

/** Changes take turns by destination; the data folder's lock keeps other processes out. */
const takeTurn = makeTurns();

/** The credentials of a destination in Nightjar's own SecretStore. */
export function ownCredentials(secrets: SecretStore, destination: Pick<DriveConfig, 'id' | 'name'>): OwnCredentials {
  const { id, name } = destination;
  const clientKey = `drive/${id}/client`;
  const tokensKey = `drive/${id}/tokens`;
  const read = async () => {
    const text = await secrets.get(tokensKey);
    if (text === null) return null;
    const tokens = parseTokens(text);
    if (tokens !== null) return tokens;
    throw new BackupError('sign-in-missing', `sign in again: the tokens of the destination ${name} cannot be read`, {
      hint: `nightjar destination sign-in ${name}`,
    });
  };
  return {
    client: async () => {
      const text = await secrets.get(clientKey);
      if (text !== null) return parseOAuthClient(text, `that is kept for the destination ${name}`);
      throw new BackupError('sign-in-client', `the destination ${name} has no OAuth client yet`, {
        hint: `sign in with the JSON of your client: nightjar destination sign-in ${name} --client FILE`,
      });
    },
    read,
    update: (edit) =>
      takeTurn(id, async () => {
        // Tokens that cannot be read, or that a keychain does not open, must not keep those of a new sign-in out.
        const text = await secrets.get(tokensKey).catch(unlessSealed);
        const present = text === null ? null : parseTokens(text);
        const next = await edit(present);
        if (next === null) return present;
        await secrets.set(tokensKey, JSON.stringify(next));
        return next;
      }),
    keepClient: (client) => secrets.set(clientKey, encodeOAuthClient(client)),
    forget: () =>
      takeTurn(id, async () => {
        await secrets.remove(tokensKey);
        await secrets.remove(clientKey);
      }),
  };
}

function unlessSealed(error: unknown): null {
  if (error instanceof BackupError && error.code === 'sign-in-missing') return null;
  throw error;
}

/** `null` for what is damaged; the parser's error would quote the text, which is secret. */
function parseTokens(text: string): Tokens | null {
  try {
    return tokensSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
