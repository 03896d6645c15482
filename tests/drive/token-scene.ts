import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type OAuthClient, parseOAuthClient } from '../../electron/engine/destinations/drive/oauth-client.ts';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import type { Clock } from '../../electron/engine/ports.ts';
import { type DriveServer, type DriveServerOptions, startDriveServer } from '../support/drive-server.ts';
import { standingClock } from '../support/test-engine.ts';

export const nowMs = Date.parse('2026-11-22T03:17:00Z');
export const minuteMs = 60_000;

/** What the server gives as an access token, and no test of its own. */
export const givenToken = /^ya29\.a0[A-Za-z0-9]{180}$/;

/** A server and the client of its JSON file, at an instant that a test moves for both sides. */
export interface TokenScene extends AsyncDisposable {
  readonly server: DriveServer;
  readonly client: OAuthClient;
  readonly clock: Clock & { set(ms: number): void };
}

export async function openTokenScene(options: DriveServerOptions = {}): Promise<TokenScene> {
  const clock = standingClock(systemClock, nowMs);
  const server = await startDriveServer({ now: clock.now, ...options });
  return { server, client: await clientOf(server), clock, [Symbol.asyncDispose]: () => server.close() };
}

/** The OAuth client of a server, as Google offers it for download. */
export async function clientOf(server: DriveServer): Promise<OAuthClient> {
  const path = join(server.folder, 'client.json');
  await server.clientFile(path);
  return parseOAuthClient(await readFile(path, 'utf8'), path);
}

/** How often a server was asked for tokens, whatever it answered. */
export function countTokenRequests(server: DriveServer): number {
  return server.requests().filter(({ kind }) => kind === 'token').length;
}

/** Waits for a request for tokens that the server will never answer. */
export function whenStalled(server: DriveServer): Promise<void> {
  return server.when((requests) => requests.some(({ kind, faults }) => kind === 'token' && faults.includes('stall')));
}

/** Waits until whoever made that request has ended its connection. */
export function whenGivenUp(server: DriveServer): Promise<void> {
  return server.when((requests) => requests.some(({ faults, isEnded }) => faults.includes('stall') && isEnded));
}

/** Which of the secrets of a server, and of others, a text tells. */
export function secretsIn(text: string, server: DriveServer, ...others: readonly string[]): string[] {
  return [...server.secrets(), ...others].filter((secret) => text.includes(secret) || text.includes(encodeURIComponent(secret)));
}
