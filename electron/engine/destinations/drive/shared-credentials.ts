import { open, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BackupError, errorFacts } from '../../../domain/errors.ts';
import { privateFile, syncFolder } from '../../platform/atomic-file.ts';
import { translateErrno, unlessMissing } from '../../platform/errno.ts';
import type { Clock, Ids } from '../../ports.ts';
import type { CredentialStore, Tokens } from './credentials.ts';
import { type FileLockOptions, withFileLock } from './file-lock.ts';
import { type OAuthClient, parseOAuthClient } from './oauth-client.ts';
import { mergeTokenFile, parseTokenFile } from './token-file.ts';

export const sharedClientFile = 'gcp-oauth.keys.json';
export const sharedTokensFile = 'tokens.json';

/** A program that writes in place is met in the middle of it now and then. */
const readTries = 3;
const readPauseMs = 100;

export interface SharedCredentialPorts {
  readonly clock: Clock;
  readonly ids: Ids;
}

/**
 * Credentials that other programs use too, in place: nothing is created or kept elsewhere (S1-41). Only the tokens and their times
 * are changed, the file is replaced whole, and its mode is never widened (S1-43, S1-44, S1-48).
 */
export function sharedCredentials(
  folder: string,
  ports: SharedCredentialPorts,
  limits: Pick<FileLockOptions, 'waitMs' | 'staleMs'> = {},
): CredentialStore {
  const { clock, ids } = ports;
  const path = join(folder, sharedTokensFile);
  return {
    client: () => readClient(join(folder, sharedClientFile)),
    read: () => guarded(path, async () => (await readTokens(path, clock)).tokens),
    update: (edit, signal) =>
      guarded(path, async () => {
        const real = await unlessMissing(realpath(path));
        if (real === undefined) throw missing(path);
        return withFileLock(real, { clock, ...limits, signal }, async () => {
          const before = (await readTokens(real, clock)).tokens;
          const next = await edit(before);
          if (next === null) return before;
          const now = await readTokens(real, clock);
          // Somebody has signed in anew meanwhile: what is there is younger than what was made from the former sign-in.
          if (now.tokens.refreshToken !== before.refreshToken) return now.tokens;
          await replace(real, mergeTokenFile(now.content, real, before, next), ids.make('part'));
          return next;
        });
      }),
  };
}

async function guarded<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translateErrno(error, { absent: 'sign-in-missing', refused: 'destination-refused', place: `the file ${path}` });
  }
}

async function readClient(path: string): Promise<OAuthClient> {
  const content = await guarded(path, () => unlessMissing(readFile(path, 'utf8')));
  if (content === undefined) {
    throw new BackupError('sign-in-client', `the OAuth client ${path} is missing`, {
      hint: 'put the JSON of the client there under which the tokens beside it were given',
    });
  }
  try {
    return parseOAuthClient(content, path);
  } catch (error) {
    const { message, hint } = errorFacts(error);
    throw new BackupError('sign-in-client', message, hint === undefined ? {} : { hint });
  }
}

async function readTokens(path: string, clock: Clock): Promise<{ readonly content: string; readonly tokens: Tokens }> {
  for (let left = readTries - 1; ; left--) {
    const content = await unlessMissing(readFile(path, 'utf8'));
    if (content === undefined) throw missing(path);
    try {
      return { content, tokens: parseTokenFile(content, path) };
    } catch (error) {
      if (left === 0) throw error;
    }
    await clock.sleep(readPauseMs);
  }
}

/** Replaces the file at its real path. The mode stays, without what group and others had. */
async function replace(path: string, content: string, partId: string): Promise<void> {
  await sweepParts(path);
  const part = `${path}.${partId}.tmp`;
  try {
    const { mode, uid, gid } = await stat(path);
    const file = await open(part, 'wx', privateFile);
    try {
      // Run by root, it must not take the file away from its owner.
      if (process.getuid?.() === 0) await file.chown(uid, gid);
      await file.chmod(mode & privateFile);
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Removes what a process left that was killed while it wrote; the lock keeps living ones away. */
async function sweepParts(path: string): Promise<void> {
  const start = `${basename(path)}.part-`;
  for (const name of await readdir(dirname(path))) {
    if (name.startsWith(start) && name.endsWith('.tmp')) await rm(join(dirname(path), name), { force: true });
  }
}

function missing(path: string): BackupError {
  return new BackupError('sign-in-missing', `the tokens file ${path} is missing`, {
    hint: 'sign in with the program that writes it, such as google-drive-mcp, or correct the folder of the credentials',
  });
}
