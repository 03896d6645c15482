import { readFile } from 'node:fs/promises';
import { BackupError } from '../../domain/errors.ts';
import type { DestinationConfig, DriveConfig } from '../../domain/model.ts';
import type { Connected } from '../../domain/outcomes.ts';
import type { AccessTokens } from '../destinations/drive/access-tokens.ts';
import { ownCredentials } from '../destinations/drive/credentials.ts';
import { openDriveApi } from '../destinations/drive/drive-api.ts';
import { checkFolder, resolveFolder } from '../destinations/drive/drive-folders.ts';
import { type OAuthClient, parseOAuthClient } from '../destinations/drive/oauth-client.ts';
import { forgetUpload } from '../destinations/drive/session-keeper.ts';
import { signIn } from '../destinations/drive/sign-in.ts';
import { otherAccount, signInProblem } from '../destinations/drive/sign-in-errors.ts';
import { driveTokens, openDriveCalls } from '../destinations/open-destination.ts';
import type { Engine } from '../engine.ts';
import { unlessMissing } from '../platform/errno.ts';
import { destinationNamed } from '../settings-store.ts';
import { reconcileAll } from './reconcile.ts';

export interface SignInOptions {
  /** Is told the address to open. */
  readonly onUrl: (url: string) => void;
  readonly signal: AbortSignal;
  /** Open the person's browser; without it the address is only told. */
  readonly browser: boolean;
  /** The JSON of another OAuth client than before, which is kept if the sign-in succeeds. */
  readonly clientFile: string | undefined;
  /** Take another account than the one that the destination had before; its snapshots are not in that one. */
  readonly switchAccount: boolean;
}

/**
 * Adds a Drive destination with the OAuth client in a file, or with credentials that other programs use too. The former needs a sign-in
 * before it can be used; the latter is tried at once. Throws `usage-invalid`, `sign-in-*`, `destination-*`; then nothing was added.
 */
export async function addDrive(
  engine: Engine,
  config: DriveConfig,
  clientFile: string | undefined,
  signal: AbortSignal,
): Promise<Connected | null> {
  if (clientFile !== undefined) {
    await ownCredentials(engine.secrets, config).keepClient(await readClient(clientFile));
    putConfig(engine, config);
    return null;
  }
  return connect(engine, config, driveTokens(config, engine.ports, engine.secrets), { endsAtMs: null, signal, switchAccount: false });
}

async function readClient(file: string): Promise<OAuthClient> {
  const text = await unlessMissing(readFile(file, 'utf8'));
  if (text !== undefined) return parseOAuthClient(text, file);
  throw new BackupError('usage-invalid', `there is no file ${file}`, {
    hint: 'give the JSON of your OAuth client; the README says how to get it',
  });
}

/** Lets a person sign in, and finds or makes the destination's folder. Nothing is stored unless all of it succeeds. */
export async function signInTo(
  engine: Engine,
  name: string,
  { browser, clientFile, onUrl, signal, switchAccount }: SignInOptions,
): Promise<Connected> {
  const config = destinationNamed(engine.settings.current, name);
  if (config.kind !== 'drive') throw new BackupError('usage-invalid', `${config.name} is a folder: there is nobody to sign in to`);
  if (config.credentials.kind === 'shared') {
    throw new BackupError('usage-invalid', `${config.name} uses the credentials in ${config.credentials.path}`, {
      hint: 'sign in with the program that they belong to',
    });
  }
  const store = ownCredentials(engine.secrets, config);
  const client = clientFile === undefined ? await store.client() : await readClient(clientFile);
  const tokens = await signIn({
    name: config.name,
    client,
    ports: browser ? engine.ports : { ...engine.ports, openUrl: async () => false },
    onUrl,
    signal,
  });
  const { accessToken, refreshEndsAtMs: endsAtMs } = tokens;
  if (accessToken === null) throw signInProblem('sign-in-missing', config);
  const connected = await connect(engine, config, oneToken(accessToken, config), {
    endsAtMs,
    signal,
    switchAccount,
    keep: async () => {
      await store.keepClient(client);
      await store.update(async () => tokens, signal);
    },
  });
  return connected;
}

interface ConnectOptions {
  readonly endsAtMs: number | null;
  readonly signal: AbortSignal;
  readonly switchAccount: boolean;
  /** Keeps the sign-in, once everything was found right. */
  readonly keep?: () => Promise<void>;
}

async function connect(
  engine: Engine,
  config: DriveConfig,
  tokens: AccessTokens,
  { endsAtMs, keep, signal, switchAccount }: ConnectOptions,
): Promise<Connected> {
  const { catalog, log, ports } = engine;
  const { name } = config;
  const api = await openDriveApi(openDriveCalls(config, { ...ports, log }, tokens), name);
  const { account } = await api.about(signal);
  const isOther = config.account !== null && config.account.id !== account.id;
  if (isOther && !switchAccount) throw otherAccount(config, config.account?.email ?? '', account.email);
  const twin = engine.settings.current.destinations.find(
    (other) => other.kind === 'drive' && other.name !== name && other.account?.id === account.id && other.folder === config.folder,
  );
  if (twin) {
    throw new BackupError('destination-exists', `${twin.name} is the folder "${config.folder}" of ${account.email} already`, {
      hint: "use it, or choose another folder: two destinations in one would remove each other's snapshots",
    });
  }
  const formerId = isOther ? null : config.folderId;
  if (formerId !== null) await checkFolder(api, formerId, config, signal);
  const folderId = formerId ?? (await resolveFolder(api, config.folder, name, signal)).id;
  await keep?.();
  const next: DriveConfig = { ...config, account, folderId, signInEndsAtMs: endsAtMs };
  // In another account is another place: what was known of the former one does not hold there.
  if (isOther) catalog.forgetDestination(name);
  putConfig(engine, next);
  catalog.setAccountProblem(name, null, ports.clock.now());
  catalog.setUnread(name, true);
  return { config: next, account, found: await reconcileAll(engine, [name]) };
}

function putConfig(engine: Engine, config: DriveConfig): void {
  engine.settings.change((settings) => {
    const isThere = settings.destinations.some(({ name }) => name === config.name);
    const destinations = isThere
      ? settings.destinations.map((other) => (other.name === config.name ? config : other))
      : [...settings.destinations, config];
    return { ...settings, destinations };
  });
}

/** The token of a sign-in that has just been made and is not kept yet. */
function oneToken(token: string, config: DriveConfig): AccessTokens {
  return { current: async () => token, renew: () => Promise.reject(signInProblem('sign-in-revoked', config)) };
}

/** Takes a destination out of the settings, with all that is known of it and its secrets; what it holds stays where it is. */
export async function disconnect(engine: Engine, config: DestinationConfig): Promise<void> {
  engine.settings.change((all) => ({ ...all, destinations: all.destinations.filter((other) => other.name !== config.name) }));
  await forgetConnection(engine, config);
}

/** Forgets all that is known of a destination that the settings have no more, or have with another identity, and its secrets. */
export async function forgetConnection({ catalog, secrets }: Engine, config: DestinationConfig): Promise<void> {
  if (config.kind === 'drive') {
    const memory = catalog.remote(config.name);
    for (const name of memory.uploadsBefore(Number.MAX_SAFE_INTEGER)) await forgetUpload(memory, secrets, name);
    await ownCredentials(secrets, config).forget();
  }
  catalog.forgetDestination(config.name);
}
