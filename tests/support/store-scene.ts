import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { delimiter, join } from 'node:path';
import { BackupError } from '../../electron/domain/errors.ts';
import type { GitItem, ItemIntent, ItemState } from '../../electron/domain/git-item.ts';
import { type GitJob, gitJobSchema, isGitJob } from '../../electron/domain/model.ts';
import type { StoreOutcome } from '../../electron/domain/outcomes.ts';
import type { GitSource } from '../../electron/domain/source.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { backUpStore, type StoreRequest } from '../../electron/engine/operations/back-up-store.ts';
import { enqueueItems } from '../../electron/engine/operations/enqueue.ts';
import { setUpStore } from '../../electron/engine/operations/set-up-store.ts';
import type { Ports } from '../../electron/engine/ports.ts';
import { addHook, type GitScene, makeGitScene } from './git-remote.ts';
import { openTestEngine } from './test-engine.ts';

type Scope = StoreRequest['scope'];

export interface StoreSceneOptions {
  /** What the job's source has beside the defaults; it pushes and has the store `notes`. */
  readonly source?: Partial<GitSource>;
  readonly ports?: Partial<Ports>;
  /** What happens in the repository before the job is set up for it. */
  readonly before?: (repository: GitScene) => Promise<unknown>;
}

/**
 * A repository whose folder `notes` is the store of a git job `notes`, with an open engine. The store has a committed file `kept.md`; the
 * remote is empty.
 */
export interface StoreScene extends AsyncDisposable {
  readonly repository: GitScene;
  /** The folder that `openTestEngine` was given. */
  readonly engineFolder: string;
  readonly engine: Engine;
  readonly job: GitJob;
  /** Writes files of the project and asks for the backup of each, under its path. */
  change(files: Readonly<Record<string, string>>): Promise<void>;
  /** Asks for the backup of paths, each an item of its own, or of whole intents. */
  enqueue(...items: readonly (string | ItemIntent)[]): GitItem[];
  backUp(scope?: Scope, job?: GitJob): Promise<StoreOutcome>;
  /** What a backup failed with. */
  failure(scope?: Scope): Promise<BackupError>;
  /** The item; throws where there is none. */
  item(name: string): GitItem;
  states(): Readonly<Record<string, ItemState>>;
  /** Sets the job up anew with another source. */
  setSource(change: Partial<GitSource>): void;
  /** Closes the engine and opens it again, as another process would. */
  reopen(ports?: Partial<Ports>): Promise<void>;
  /** The subjects of the commits since the job was set up, oldest first. */
  commits(): Promise<readonly string[]>;
  head(): Promise<string>;
  /** The commit of a branch at the remote; `null` where it is not there. */
  remoteHead(branch?: string): Promise<string | null>;
}

export function intentOf(item: string, reason = 'changed'): ItemIntent {
  return { item, paths: [item], reason };
}

export function gitJobOf(name: string, source: Partial<GitSource> & Pick<GitSource, 'path'>): GitJob {
  return gitJobSchema.parse({ name, schedule: { cron: '17 3 * * *', zone: 'UTC' }, source: { kind: 'git', ...source } });
}

/** Sets a git job up as a person would, and keeps it in the settings. */
export async function addGitJob(engine: Engine, job: GitJob): Promise<GitJob> {
  const found = await setUpStore(engine, job, 'take');
  keepJob(engine, found);
  return found;
}

function keepJob(engine: Engine, job: GitJob): void {
  engine.settings.change((settings) => ({ ...settings, jobs: [...settings.jobs.filter(({ name }) => name !== job.name), job] }));
}

/** Makes a scene; disposing of it closes the engine and removes everything. */
export async function makeStoreScene({ source = {}, ports = {}, before }: StoreSceneOptions = {}): Promise<StoreScene> {
  const repository = await makeGitScene();
  const engineFolder = join(repository.root, 'engine');
  await repository.write({ 'notes/kept.md': 'kept\n' });
  await repository.git('add', '.');
  await repository.git('commit', '--quiet', '-m', 'second');
  await before?.(repository);
  // What a git that has started the tests says of its repository reaches the engine, as in life.
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('GIT_')));
  const environment = { ...inherited, ...repository.env };
  const open = (changes: Partial<Ports>) => openTestEngine(engineFolder, { environment, ...changes });
  let engine = await open(ports);
  await addGitJob(engine, gitJobOf('notes', { path: repository.project, stores: ['notes'], push: true, ...source }));
  const base = await repository.git('rev-parse', 'HEAD');
  // As the settings have it now: a backup may have learnt something.
  const job = () => engine.settings.current.jobs.filter(isGitJob).find(({ name }) => name === 'notes') as GitJob;
  const enqueue: StoreScene['enqueue'] = (...items) =>
    enqueueItems(
      engine,
      job(),
      items.map((item) => (typeof item === 'string' ? intentOf(item) : item)),
    );
  const backUp: StoreScene['backUp'] = (scope = 'due', of = job()) => backUpStore(engine, { job: of, trigger: 'api', scope });
  return {
    repository,
    engineFolder,
    get engine() {
      return engine;
    },
    get job() {
      return job();
    },
    change: async (files) => {
      await repository.write(files);
      enqueue(...Object.keys(files));
    },
    enqueue,
    backUp,
    failure: (scope) => failureOf(backUp(scope)),
    item: (name) => {
      const item = engine.queue('notes').item(name);
      if (item === undefined) throw new Error(`there is no item ${name}`);
      return item;
    },
    states: () =>
      Object.fromEntries(
        engine
          .queue('notes')
          .items()
          .map(({ item, state }) => [item, state]),
      ),
    setSource: (change) => {
      const before = job();
      keepJob(engine, { ...before, source: { ...before.source, ...change } });
    },
    reopen: async (changes = ports) => {
      engine.close();
      engine = await open(changes);
    },
    commits: async () => {
      const subjects = await repository.git('log', '--reverse', '--format=%s', `${base}..HEAD`);
      return subjects === '' ? [] : subjects.split('\n');
    },
    head: () => repository.git('rev-parse', 'HEAD'),
    remoteHead: async (branch = 'main') =>
      (await repository.gitIn(repository.remote, 'for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`)) || null,
    [Symbol.asyncDispose]: async () => {
      engine.close();
      await repository[Symbol.asyncDispose]();
    },
  };
}

/** What a promise is rejected with. It must be an error of ours. */
export async function failureOf(work: Promise<unknown>): Promise<BackupError> {
  const error = await work.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (error instanceof BackupError) return error;
  throw error;
}

/** A hook that waits until the test lets it go on. */
export interface Gate extends AsyncDisposable {
  /** Resolves when a hook waits at the gate. */
  readonly reached: Promise<void>;
  /** Lets the hook that waits end with this code, and every later one pass. */
  open(code?: number): void;
}

const waitAtGate =
  'let said = ""; require("net").connect(PORT, "127.0.0.1").on("data", (text) => { said += text; }).on("close", () => process.exit(said === "" ? 1 : Number(said)));';

/** Gives a repository a hook that waits at a gate: what a test does meanwhile happens in the middle of the git command. */
export async function addGate(gitFolder: string, hook: string): Promise<Gate> {
  const waiting = new Set<Socket>();
  const reached = Promise.withResolvers<void>();
  let isOpen = false;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    if (isOpen) {
      socket.end('0');
      return;
    }
    waiting.add(socket);
    reached.resolve();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const script = waitAtGate.replace('PORT', String((server.address() as AddressInfo).port));
  await addHook(gitFolder, hook, `exec "${process.execPath}" -e '${script}'`);
  return {
    reached: reached.promise,
    open: (code = 0) => {
      isOpen = true;
      for (const socket of waiting) socket.end(String(code));
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of waiting) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A program `git` in front of the real one, which writes down what it is started with. */
export interface GitRecorder {
  readonly env: NodeJS.ProcessEnv;
  /** The commands that were started, one a line. */
  calls(): Promise<readonly string[]>;
}

export async function recordGit(repository: GitScene): Promise<GitRecorder> {
  const folder = join(repository.root, 'recorder');
  const log = join(folder, 'calls');
  await mkdir(folder);
  await writeFile(log, '');
  const path = repository.env.PATH ?? '';
  await writeFile(join(folder, 'git'), `#!/bin/sh\necho "$*" >> "${log}"\nPATH="${path}" exec git "$@"\n`);
  await chmod(join(folder, 'git'), 0o755);
  return {
    env: { ...repository.env, PATH: `${folder}${delimiter}${path}` },
    calls: async () => (await readFile(log, 'utf8')).split('\n').filter((line) => line !== ''),
  };
}

/** Notes every contact with the remote of the project. Resolves to whether there was any. */
export async function watchRemote(repository: GitScene): Promise<() => Promise<boolean>> {
  const mark = join(repository.root, 'contacted');
  for (const [key, program] of Object.entries({ uploadpack: 'git-upload-pack', receivepack: 'git-receive-pack' })) {
    await repository.git('config', `remote.origin.${key}`, `touch "${mark}"; ${program}`);
  }
  return () =>
    readFile(mark).then(
      () => true,
      () => false,
    );
}
