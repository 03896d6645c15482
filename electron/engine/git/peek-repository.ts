import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { unlessMissing } from '../platform/errno.ts';

/** What a repository's own files say of it. */
export interface RepositoryFacts {
  /** The branch that is checked out; `null` where there is none. */
  readonly branch: string | null;
  /** The address of its remote, without credentials; `null` where it has none. */
  readonly remote: string | null;
  /** When something was committed or checked out last, in milliseconds since the epoch. */
  readonly lastWriteMs: number;
}

/**
 * Looks at the repository whose root is a folder; `null` where there is none. Reads its files and runs no git, which would do what the
 * configuration of a repository tells it to. Throws what the file system does.
 */
export async function peekRepository(root: string): Promise<RepositoryFacts | null> {
  const gitFolder = await gitFolderOf(root);
  const head = gitFolder === null ? undefined : await unlessMissing(readFile(join(gitFolder, 'HEAD'), 'utf8'));
  if (gitFolder === null || head === undefined) return null;
  const common = await unlessMissing(readFile(join(gitFolder, 'commondir'), 'utf8'));
  const configFolder = common === undefined ? gitFolder : resolve(gitFolder, common.trim());
  const config = (await unlessMissing(readFile(join(configFolder, 'config'), 'utf8'))) ?? '';
  return { branch: branchIn(head), remote: remoteIn(config), lastWriteMs: await lastWriteOf(gitFolder) };
}

/** The folder `.git`, or the one that a file of this name leads to. */
async function gitFolderOf(root: string): Promise<string | null> {
  const path = join(root, '.git');
  const stats = await unlessMissing(stat(path));
  if (stats === undefined || stats.isDirectory()) return stats === undefined ? null : path;
  const target = /^gitdir: (.+)$/m.exec(await readFile(path, 'utf8'))?.[1];
  return target === undefined ? null : resolve(root, target.trim());
}

function branchIn(head: string): string | null {
  return /^ref: refs\/heads\/(.+)$/m.exec(head)?.[1]?.trim() ?? null;
}

/** The address of `origin`, or else of the first remote. */
function remoteIn(config: string): string | null {
  const urls = new Map<string, string>();
  let remote: string | undefined;
  for (const line of config.split(/\r?\n/)) {
    const section = /^\s*\[([^\]]*)\]/.exec(line);
    if (section) remote = /^remote\s+"(.*)"$/.exec(section[1] ?? '')?.[1];
    const url = /^\s*url\s*=\s*"?([^"]+?)"?\s*$/i.exec(line)?.[1];
    if (remote !== undefined && url !== undefined && !urls.has(remote)) urls.set(remote, url);
  }
  const found = urls.get('origin') ?? [...urls.values()][0];
  return found === undefined ? null : withoutCredentials(found);
}

/** Takes user and password out of an address; the user of ssh is none that is secret. */
function withoutCredentials(url: string): string {
  return /^ssh:/i.test(url) ? url.replace(/^(ssh:\/\/[^/@:]*):[^/@]*@/i, '$1@') : url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, '$1');
}

async function lastWriteOf(gitFolder: string): Promise<number> {
  let newestMs = 0;
  for (const name of ['HEAD', 'index', join('logs', 'HEAD')]) {
    newestMs = Math.max(newestMs, (await unlessMissing(stat(join(gitFolder, name))))?.mtimeMs ?? 0);
  }
  return newestMs;
}
