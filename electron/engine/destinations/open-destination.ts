import { isAbsolute } from 'node:path';
import { bandwidthAt } from '../../domain/job-rules.ts';
import type { DriveConfig, Settings, SqliteJob } from '../../domain/model.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { RemoteMemory } from '../catalog/remote-memory.ts';
import type { Log, Ports, SecretStore } from '../ports.ts';
import { destinationNamed } from '../settings-store.ts';
import type { Destination } from './destination.ts';
import { type AccessTokens, accessTokens } from './drive/access-tokens.ts';
import { type DriveCalls, driveCalls } from './drive/calls.ts';
import { type CredentialStore, ownCredentials } from './drive/credentials.ts';
import { driveDestination } from './drive/drive.ts';
import { openHttp } from './drive/http.ts';
import { driveFileScope } from './drive/scopes.ts';
import { sharedCredentials } from './drive/shared-credentials.ts';
import { throttledHttp } from './drive/throttled-http.ts';
import { folderDestination } from './folder.ts';
import { watchingAccount } from './watching-account.ts';

export interface DestinationParts {
  readonly catalog: Catalog;
  readonly log: Log;
  /** What is remembered of a remote destination. */
  readonly memoryOf: (name: string) => RemoteMemory;
  readonly ports: Ports;
  readonly secrets: SecretStore;
  readonly settings: Settings;
  /** Ends every request that is under way or comes. */
  readonly signal?: AbortSignal | undefined;
  /** The job that it is opened for: its rules bound the bandwidth. */
  readonly job?: SqliteJob | undefined;
}

/** The destination of a name in the settings, or of an absolute path, as a one-off backup records it. Throws `destination-unknown`. */
export function openDestination(name: string, parts: DestinationParts): Destination {
  const { ports, settings } = parts;
  const isConfigured = settings.destinations.some((config) => config.name === name);
  if (!isConfigured && isAbsolute(name)) return folderDestination(name, name, null, ports);
  const config = destinationNamed(settings, name);
  return config.kind === 'folder' ? folderDestination(config.name, config.path, config.id, ports) : openDrive(config, parts);
}

/** What wraps what: bandwidth around the network, the account's state around the whole. */
function openDrive(config: DriveConfig, { catalog, job, log, memoryOf, ports, secrets, signal }: DestinationParts): Destination {
  const { name } = config;
  const calls = openDriveCalls(config, { ...ports, log }, driveTokens(config, ports, secrets), signal, job);
  const destination = driveDestination({ config, calls, memory: memoryOf(name), secrets, ports });
  return watchingAccount(destination, catalog.accountProblem(name) !== null, (problem) =>
    catalog.setAccountProblem(name, problem, ports.clock.now()),
  );
}

/** The calls of a Drive destination, in the name of the account that the tokens are of; also before it has a folder. */
export function openDriveCalls(
  config: DriveConfig,
  ports: Ports & { readonly log: Log },
  tokens: AccessTokens,
  signal?: AbortSignal,
  job?: SqliteJob,
): DriveCalls {
  const { clock } = ports;
  const limit = () => lowest(config.bandwidth, job === undefined ? null : bandwidthAt(job.rules, clock.now(), job.schedule.zone));
  const limited = throttledHttp(openHttp(config, ports.answerWithinMs), limit, clock);
  return driveCalls({ account: config, http: limited, tokens, ports, apiRoot: config.apiRoot, signal });
}

function lowest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

/** Access tokens from where the destination's credentials are. */
export function driveTokens(config: DriveConfig, ports: Ports, secrets: SecretStore): AccessTokens {
  return accessTokens({
    account: config,
    store: driveCredentials(config, ports, secrets),
    clock: ports.clock,
    requiredScopes: [driveFileScope],
  });
}

/** Where the destination's credentials are. */
export function driveCredentials(config: DriveConfig, ports: Ports, secrets: SecretStore): CredentialStore {
  return config.credentials.kind === 'own' ? ownCredentials(secrets, config) : sharedCredentials(config.credentials.path, ports);
}
