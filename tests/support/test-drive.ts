import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DriveConfig } from '../../electron/domain/model.ts';
import { driveConfigSchema } from '../../electron/domain/model.ts';
import { Catalog } from '../../electron/engine/catalog/catalog.ts';
import { openCatalogDatabase } from '../../electron/engine/catalog/database.ts';
import type { Destination } from '../../electron/engine/destinations/destination.ts';
import { ownCredentials } from '../../electron/engine/destinations/drive/credentials.ts';
import { openDriveApi } from '../../electron/engine/destinations/drive/drive-api.ts';
import { resolveFolder } from '../../electron/engine/destinations/drive/drive-folders.ts';
import { driveTokens, openDestination, openDriveCalls } from '../../electron/engine/destinations/open-destination.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { silentLog } from '../../electron/engine/platform/log.ts';
import { secretFile } from '../../electron/engine/platform/secret-file.ts';
import type { Ports, SecretStore } from '../../electron/engine/ports.ts';
import type { DriveServer } from './drive-server.ts';
import { testPorts } from './test-engine.ts';

/** A Drive destination that is signed in, with a data folder of its own. */
export interface TestDrive {
  readonly destination: Destination;
  readonly config: DriveConfig;
  readonly catalog: Catalog;
  readonly secrets: SecretStore;
  close(): void;
}

type TokenSource = Pick<DriveServer, 'url' | 'issueTokens'>;

export interface TestDriveOptions {
  readonly ports?: Partial<Ports>;
  readonly config?: Partial<DriveConfig>;
}

/** Signs in to a server and makes the folder of a destination there. */
export async function openTestDrive(server: DriveServer, home: string, options: TestDriveOptions = {}): Promise<TestDrive> {
  await mkdir(home, { recursive: true });
  const config = await signedIn(server, secretFile(home), testPorts(options.ports), options.config);
  return reopenTestDrive(home, config, options.ports);
}

/** Sets a destination `gdrive` up in an open engine, signed in. */
export async function addDriveDestination(engine: Engine, server: DriveServer, some: Partial<DriveConfig> = {}): Promise<DriveConfig> {
  const config = await signedIn(server, engine.secrets, engine.ports, some);
  engine.settings.change((settings) => ({ ...settings, destinations: [...settings.destinations, config] }));
  return config;
}

/** Keeps a sign-in in a data folder and makes the destination's folder; for processes that open it afterwards. */
export async function signInForTests(server: TokenSource, home: string, some: Partial<DriveConfig> = {}): Promise<DriveConfig> {
  await mkdir(home, { recursive: true });
  return signedIn(server, secretFile(home), testPorts(), some);
}

/** A configuration whose sign-in is kept and whose folder is there. */
async function signedIn(server: TokenSource, secrets: SecretStore, ports: Ports, some: Partial<DriveConfig> = {}): Promise<DriveConfig> {
  const blank = driveConfigSchema.parse({
    kind: 'drive',
    name: 'gdrive',
    id: 'dest-1',
    folder: 'Backups/Nightjar',
    folderId: null,
    credentials: { kind: 'own' },
    account: null,
    chunkBytes: 256 * 1024,
    apiRoot: server.url,
    ...some,
  });
  await keepSignIn(server, blank, secrets);
  const calls = openDriveCalls(blank, { ...ports, log: silentLog }, driveTokens(blank, ports, secrets));
  const { id } = await resolveFolder(await openDriveApi(calls, blank.name), blank.folder, blank.name);
  return { ...blank, folderId: id };
}

/** Keeps tokens that the server has issued, as a sign-in does. */
export async function keepSignIn(server: TokenSource, config: DriveConfig, secrets: SecretStore): Promise<void> {
  const { accessToken, clientId, clientSecret, expiresAtMs, refreshToken, scope } = server.issueTokens(
    'https://www.googleapis.com/auth/drive.file',
  );
  const store = ownCredentials(secrets, config);
  const [authUri, tokenUri] = [`${server.url}/o/oauth2/v2/auth`, `${server.url}/token`];
  await store.keepClient({ clientId, clientSecret, authUri, tokenUri });
  await store.update(async () => ({ accessToken, refreshToken, expiresAtMs, scopes: scope.split(' '), refreshEndsAtMs: null }));
}

/** The same destination as the next process opens it, from what is on disk. */
export function reopenTestDrive(home: string, config: DriveConfig, changes: Partial<Ports> = {}): TestDrive {
  const ports = testPorts(changes);
  const catalog = new Catalog(openCatalogDatabase(join(home, 'catalog.db'), ports.clock.now()).database);
  const secrets = secretFile(home);
  const settings = { preferences: {}, destinations: [config], jobs: [] } as never;
  return {
    destination: openDestination(config.name, {
      catalog,
      log: silentLog,
      memoryOf: (name) => catalog.remote(name),
      ports,
      secrets,
      settings,
    }),
    config,
    catalog,
    secrets,
    close: () => catalog.close(),
  };
}
