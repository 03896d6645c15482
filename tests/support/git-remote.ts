import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Git, type GitOptions, openGit } from '../../electron/engine/git/git.ts';
import type { Ports } from '../../electron/engine/ports.ts';
import { makeTempFolder } from './temp-folder.ts';
import { testPorts } from './test-engine.ts';

const run = promisify(execFile);

/** A repository with a branch `main`, a bare repository as its remote `origin`, and a person's home of its own. */
export interface GitScene extends AsyncDisposable {
  readonly root: string;
  readonly project: string;
  readonly remote: string;
  /** An environment that has nothing of the developer's git. */
  readonly env: NodeJS.ProcessEnv;
  /** The person's own git in the project. Resolves to its output, without the end of its last line. */
  git(...args: readonly string[]): Promise<string>;
  /** The same in another folder. */
  gitIn(folder: string, ...args: readonly string[]): Promise<string>;
  /** Writes files of the project, by their paths in it. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  read(path: string): Promise<string>;
  /** What Nightjar works with. */
  open(options?: GitOptions, ports?: Partial<Ports>): Git;
  /** The paths of a commit, sorted. */
  pathsOf(commit: string | null): Promise<readonly string[]>;
}

export interface GitSceneOptions {
  /** Without it, the branch has a first commit with `README.md` in it. */
  readonly unborn?: boolean;
  /** The person has told git who they are; not by default. */
  readonly identity?: boolean;
}

/** Makes a scene; disposing of it removes it. */
export async function makeGitScene({ unborn = false, identity = false }: GitSceneOptions = {}): Promise<GitScene> {
  const folder = await makeTempFolder();
  const project = join(folder.path, 'project');
  const remote = join(folder.path, 'remote.git');
  const home = join(folder.path, 'home');
  await mkdir(home);
  const person = identity ? '[user]\n\tname = Ada\n\temail = ada@example.org\n' : '';
  await writeFile(join(home, '.gitconfig'), `[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n${person}`);
  const env = { PATH: process.env.PATH ?? '', HOME: home, XDG_CONFIG_HOME: join(home, '.config'), GIT_CONFIG_NOSYSTEM: '1' };
  const author = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
  const gitIn = async (cwd: string, ...args: readonly string[]) => {
    const { stdout } = await run('git', [...author, ...args], { cwd, env, maxBuffer: 2 ** 26 });
    return stdout.replace(/\n$/, '');
  };
  const write = async (files: Readonly<Record<string, string>>) => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(project, path)), { recursive: true });
      await writeFile(join(project, path), text);
    }
  };
  await gitIn(folder.path, 'init', '--quiet', '--bare', remote);
  await gitIn(folder.path, 'init', '--quiet', project);
  await gitIn(project, 'remote', 'add', 'origin', remote);
  if (!unborn) {
    await write({ 'README.md': 'read me\n' });
    await gitIn(project, 'add', '.');
    await gitIn(project, 'commit', '--quiet', '-m', 'first');
  }
  return {
    root: folder.path,
    project,
    remote,
    env,
    git: (...args) => gitIn(project, ...args),
    gitIn,
    write,
    read: (path) => readFile(join(project, path), 'utf8'),
    open: (options = {}, ports = {}) => openGit(project, testPorts(ports), { environment: env, ...options }),
    pathsOf: async (commit) => {
      const names = await gitIn(project, 'show', '--format=', '--name-only', '--no-renames', '-z', commit ?? 'HEAD');
      return names
        .split('\0')
        .filter((name) => name !== '')
        .toSorted();
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** Gives a repository a hook of a shell's words. */
export async function addHook(gitFolder: string, name: string, script: string): Promise<void> {
  await mkdir(join(gitFolder, 'hooks'), { recursive: true });
  await writeFile(join(gitFolder, 'hooks', name), `#!/bin/sh\n${script}\n`);
  await chmod(join(gitFolder, 'hooks', name), 0o755);
}

export interface BadRemote extends AsyncDisposable {
  /** Such as `127.0.0.1:40123`. */
  readonly address: string;
}

/** A server that takes connections and never answers. */
export async function startSilentServer(): Promise<BadRemote> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => void sockets.add(socket.on('error', () => {})));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An HTTP server that has one answer to everything. */
export async function startAnsweringServer(status: number, headers: Readonly<Record<string, string>> = {}): Promise<BadRemote> {
  const server = createServer((_, response) => response.writeHead(status, headers).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
