import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BackupError } from '../../domain/errors.ts';
import type { GitSource } from '../../domain/source.ts';
import { unlessMissing } from '../platform/errno.ts';
import type { Ports } from '../ports.ts';
import { type Git, openGit } from './git.ts';
import { literally } from './git-path.ts';
import { inspectStore, type StoreFacts } from './store.ts';

/** See `GitOptions`. */
export interface StoreOptions {
  readonly signal?: AbortSignal | undefined;
  readonly scratchFolder?: string | undefined;
}

/** git in the repository of a job, with the job's limits. Nothing is run before the first call. */
export function openStore(source: GitSource, ports: Ports, { signal, scratchFolder }: StoreOptions = {}): Git {
  return openGit(source.path, ports, {
    environment: ports.environment,
    hooks: source.hooks,
    remoteLimitMs: source.remoteLimitSeconds * 1000,
    silenceSeconds: Math.max(1, Math.round(ports.answerWithinMs / 1000)),
    ...(signal === undefined ? {} : { signal }),
    ...(scratchFolder === undefined ? {} : { scratchFolder }),
  });
}

/**
 * Resolves to what the repository is, where it is what the job was set up for (S2-45, S2-53). Throws as `inspectStore`, and
 * `source-missing` where a folder of the store is gone as a whole: an absent disk is not a deleted store.
 */
export async function checkStore(git: Git, source: GitSource): Promise<StoreFacts> {
  // A store that is never pushed has nothing to do with any remote.
  const facts = await inspectStore(git, source.push ? source : { ...source, remote: null, remoteFingerprint: null });
  for (const store of source.stores) {
    if (await unlessMissing(stat(join(source.path, store)))) continue;
    const tracked = await git.read(['ls-files', '-z', '--', literally(`${store}/`)]);
    if (tracked.stdout.length === 0) continue;
    throw new BackupError('source-missing', `${join(source.path, store)} is not there, and its files would count as deleted`, {
      hint: 'bring it back; where it was meant to go, make it as an empty folder, or change the job with --store',
    });
  }
  return facts;
}
