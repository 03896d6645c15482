import { execFile, spawn } from 'node:child_process';
import { mkdir, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import type { RestoredVersion } from '../../electron/domain/git-version.ts';
import type { Git } from '../../electron/engine/git/git.ts';
import { restoreVersion } from '../../electron/engine/git/restore-version.ts';
import { randomIds } from '../../electron/engine/platform/ids.ts';
import { type GitScene, makeGitScene } from './git-remote.ts';

const run = promisify(execFile);

/** Commits everything that is in the working tree, at an instant. Resolves to the commit. */
export async function commitAt(scene: GitScene, at: string, message: string): Promise<string> {
  const env = { ...scene.env, GIT_COMMITTER_DATE: at, GIT_AUTHOR_DATE: '2001-01-01T00:00:00Z' };
  const author = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
  await run('git', ['add', '--all'], { cwd: scene.project, env });
  await run('git', [...author, 'commit', '--quiet', '--allow-empty', '-m', message], { cwd: scene.project, env });
  return scene.git('rev-parse', 'HEAD');
}

/** Runs the person's git with an input. Resolves to its output, without the end of its last line. */
export async function feedGit(scene: GitScene, input: string | Buffer, ...args: readonly string[]): Promise<string> {
  const child = spawn('git', args, { cwd: scene.project, env: scene.env, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(input);
  return (await text(child.stdout)).trimEnd();
}

/** Noon of a day in January 2026. */
export function day(number: number): string {
  return `2026-01-${String(number).padStart(2, '0')}T12:00:00Z`;
}

/** A scene with a folder `out` beside its project. */
export async function makeRestoreScene(): Promise<GitScene & { readonly out: string }> {
  const scene = await makeGitScene();
  const out = join(scene.root, 'out');
  await mkdir(out);
  return { ...scene, out };
}

export interface Restore {
  /** The last one by default. */
  readonly commit?: string;
  readonly path: string;
  readonly target: string;
  readonly force?: boolean;
}

/** Restores a version. */
export function restore(git: Git, { commit = 'HEAD', path, target, force = false }: Restore): Promise<RestoredVersion> {
  return restoreVersion(git, { commit, path, target, force, ids: randomIds });
}

/** All that is below a folder: files with their bytes as characters, links with where they lead, folders with a slash. */
export async function contentOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const content: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1);
    if (entry.isSymbolicLink()) content[name] = `-> ${await readlink(path)}`;
    else if (entry.isDirectory()) content[`${name}/`] = '';
    else if (entry.isFile()) content[name] = await readFile(path, 'latin1');
    else content[name] = 'neither file nor folder';
  }
  return content;
}

/** Commits files that go through a filter, which is not there yet. */
export async function commitFiltered(scene: GitScene): Promise<void> {
  await scene.write({ '.gitattributes': '*.own filter=own\n', 'notes/a.own': 'a', 'notes/b.md': 'b' });
  await commitAt(scene, day(1), 'filtered');
}
