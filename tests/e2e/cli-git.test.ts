import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CliSandbox, openSandbox, writeNotes } from '../support/cli.ts';

interface GitBox extends AsyncDisposable {
  readonly box: CliSandbox;
  /** The person's own git in the project. */
  git(...args: readonly string[]): string;
  write(path: string, text: string): void;
  read(path: string): string;
}

/** A sandbox with a repository `project`, its bare remote `remote.git`, and a folder `notes` with two files, nothing of it committed. */
async function openGitBox(): Promise<GitBox> {
  const box = await openSandbox();
  const env = { PATH: process.env.PATH ?? '', HOME: box.path, GIT_CONFIG_NOSYSTEM: '1' };
  const gitIn = (cwd: string, args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...args], { cwd, env, encoding: 'utf8' }).trim();
  writeFileSync(box.at('.gitconfig'), '[init]\n\tdefaultBranch = main\n');
  gitIn(box.path, ['init', '--quiet', '--bare', 'remote.git']);
  gitIn(box.path, ['init', '--quiet', 'project']);
  const git = (...args: readonly string[]) => gitIn(box.at('project'), args);
  git('remote', 'add', 'origin', box.at('remote.git'));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(box.at('project', path)), { recursive: true });
    writeFileSync(box.at('project', path), text);
  };
  write('notes/a.md', 'a\n');
  write('notes/deep/b.md', 'b\n');
  write('code.txt', 'not a note\n');
  return {
    box,
    git,
    write,
    read: (path) => readFileSync(box.at('project', path), 'utf8'),
    [Symbol.asyncDispose]: () => box[Symbol.asyncDispose](),
  };
}

const addJournal = (box: CliSandbox, ...options: readonly string[]) =>
  box.json(['job', 'add', 'journal', '--git', 'project', '--store', 'notes', '--push', ...options]);

interface StatusDocument {
  readonly safe: boolean;
  readonly repository: {
    readonly head: string | null;
    readonly remoteHead: string | null;
    readonly ahead: boolean | null;
    readonly blocked: { readonly code: string; readonly message: string } | null;
  };
  readonly items: readonly {
    readonly item: string;
    readonly state: string;
    readonly lastBackupAt: string | null;
    readonly lastError: { readonly code: string; readonly message: string } | null;
    readonly committed: boolean;
    readonly pushed: boolean;
  }[];
}

const statusOf = (box: CliSandbox, exitCode: number, ...options: readonly string[]) =>
  box.json<StatusDocument>(['git', 'status', 'journal', ...options], exitCode);

describe('a git job', () => {
  it('backs up its store and nothing else, proves it, and says so', async () => {
    await using scene = await openGitBox();
    const { box, git } = scene;
    await addJournal(box);
    const first = await box.json<{ commits: string[]; saved: number; proof: object; run: object }>(['backup', 'journal']);
    const head = git('rev-parse', 'HEAD');
    expect(first).toMatchObject({
      commits: [head],
      saved: 2,
      failed: [],
      proof: { commit: head, branch: 'main', remoteHead: head },
      run: { job: 'journal', status: 'succeeded', trigger: 'manual' },
    });
    expect(git('ls-tree', '-r', '--name-only', 'HEAD').split('\n')).toEqual(['notes/a.md', 'notes/deep/b.md']);
    expect(git('--git-dir', box.at('remote.git'), 'rev-parse', 'main')).toBe(head);
    expect(git('status', '--porcelain')).toBe('?? code.txt');
    const safe = { state: 'success', lastBackupAt: expect.stringMatching(/Z$/), lastError: null, committed: true, pushed: true };
    expect(await statusOf(box, 0)).toMatchObject({
      job: 'journal',
      safe: true,
      repository: { path: box.at('project'), head, remoteHead: head, ahead: false, blocked: null },
      items: [
        { item: 'notes/a.md', paths: ['notes/a.md'], reason: 'added', ...safe },
        { item: 'notes/deep/b.md', ...safe },
      ],
    });
    expect(await box.json(['status'])).toMatchObject({ healthy: true, jobs: [{ job: 'journal', healthy: true, problems: [] }] });
    expect(await box.json(['backup', 'journal'])).toMatchObject({ commits: [], saved: 0, failed: [], proof: { commit: head } });
  });

  it('keeps what was asked for until it is safe, whatever the remote does', async () => {
    await using scene = await openGitBox();
    const { box, git, write } = scene;
    await addJournal(box);
    await box.json(['backup', 'journal']);
    const backedUp = (await statusOf(box, 0)).items[0]?.lastBackupAt;
    execFileSync('mv', [box.at('remote.git'), box.at('away.git')]);
    write('notes/a.md', 'changed\n');
    const queued = await box.json<{ items: object[] }>(['git', 'enqueue', 'journal', 'notes/a.md', '--reason', 'edited'], 0, {
      cwd: box.at('project'),
    });
    expect(queued).toMatchObject({ items: [{ item: 'notes/a.md', state: 'queued', reason: 'edited', committed: false }], outcome: null });
    expect(await box.fails(['backup', 'journal'], 1)).toMatchObject({
      code: 'git-unreachable',
      message: expect.stringContaining('origin'),
    });
    const failed = await statusOf(box, 1);
    expect(failed).toMatchObject({
      safe: false,
      repository: { ahead: true, blocked: { code: 'git-unreachable' } },
      items: [{ item: 'notes/a.md', state: 'failed', lastBackupAt: backedUp, committed: true, pushed: false }, { state: 'success' }],
    });
    expect(await box.json(['status'], 1)).toMatchObject({ healthy: false, jobs: [{ problems: [expect.stringContaining('origin')] }] });
    expect(git('log', '-1', '--format=%B')).toBe('back up notes/a.md (edited)');
    execFileSync('mv', [box.at('away.git'), box.at('remote.git')]);
    const head = git('rev-parse', 'HEAD');
    expect(await box.json(['backup', 'journal'])).toMatchObject({ commits: [], saved: 1, proof: { remoteHead: head } });
    expect(await statusOf(box, 0, '--ask')).toMatchObject({ repository: { head, remoteHead: head, ahead: false } });
  });

  it('is refused with one sentence where the repository is not what it should be', async () => {
    await using scene = await openGitBox();
    const { box, git } = scene;
    const add = ['job', 'add', 'journal', '--git', 'project', '--store'];
    mkdirSync(box.at('plain'));
    symlinkSync('notes', box.at('project', 'link'));
    expect(await box.fails(['job', 'add', 'x', '--git', 'plain', '--store', '.'], 3)).toMatchObject({ code: 'git-not-root' });
    expect(await box.fails(['job', 'add', 'x', '--git', 'project/notes', '--store', '.'], 3)).toMatchObject({ code: 'git-not-root' });
    expect(await box.fails([...add, 'nowhere'], 1)).toMatchObject({ code: 'source-missing', message: expect.stringContaining('nowhere') });
    expect(await box.fails([...add, '../plain'], 3)).toMatchObject({ code: 'git-path-refused' });
    expect(await box.fails([...add, '.git'], 3)).toMatchObject({ code: 'git-path-refused' });
    expect(await box.fails([...add, 'link'], 3)).toMatchObject({ code: 'git-path-refused', message: expect.stringContaining('link') });
    expect(await box.fails([...add, 'notes', '--branch', 'other'], 3)).toMatchObject({ code: 'git-branch' });
    expect(await box.fails([...add, 'notes', '--branch', '-x'], 2)).toMatchObject({ code: 'usage-invalid' });
    expect(await box.fails([...add, 'notes', '--to', 'usb'], 2)).toMatchObject({
      code: 'usage-invalid',
      message: expect.stringMatching(/^--to/),
    });
    expect(await box.fails(['job', 'add', 'x', '--git', 'project'], 2)).toMatchObject({ code: 'usage-invalid' });
    expect(await box.json(['job', 'list'])).toEqual([]);
    await addJournal(box);
    expect(await box.fails(['job', 'add', 'x', '--git', 'project', '--store', 'notes/deep'], 2)).toMatchObject({ code: 'job-exists' });
    expect(await box.fails(['job', 'set', 'journal', '--keep-daily', '3'], 2)).toMatchObject({ code: 'usage-invalid' });
    for (const command of ['retain', 'verify']) expect(await box.fails([command, 'journal'], 2)).toMatchObject({ code: 'usage-invalid' });
    await box.json(['backup', 'journal']);
    git('checkout', '--quiet', '--detach');
    expect(await box.fails(['backup', 'journal'], 3)).toMatchObject({ code: 'git-detached' });
    expect(await statusOf(box, 1)).toMatchObject({ safe: false, repository: { blocked: { code: 'git-detached' } } });
    git('checkout', '--quiet', 'main');
    git('remote', 'set-url', 'origin', box.at('elsewhere.git'));
    expect(await box.fails(['backup', 'journal'], 3)).toMatchObject({ code: 'git-remote-changed' });
    await box.json(['job', 'set', 'journal', '--remote', 'origin']);
    expect(await box.fails(['backup', 'journal'], 1)).toMatchObject({ code: 'git-unreachable' });
  });

  it('takes its settings, changes them, and can be switched off', async () => {
    await using scene = await openGitBox();
    const { box, write, git } = scene;
    await box.json(['job', 'add', 'journal', '--git', 'project', '--store', 'notes', '--message', 'keep {item}: {reason} {other}']);
    expect(await box.json(['job', 'show', 'journal'])).toMatchObject({
      source: { kind: 'git', path: box.at('project'), stores: ['notes'], branch: 'main', remote: 'origin', push: false, hooks: false },
    });
    expect(await box.json(['git', 'enqueue', 'journal', 'project/notes/a.md', '--wait'])).toMatchObject({
      items: [{ state: 'success', committed: true, pushed: false }],
      outcome: { saved: 1, proof: null },
    });
    expect(git('log', '-1', '--format=%s')).toBe('keep notes/a.md: asked for {other}');
    expect(() => git('--git-dir', box.at('remote.git'), 'rev-parse', '--verify', '--quiet', 'main')).toThrow();
    await box.json(['job', 'set', 'journal', '--push', '--no-enable']);
    write('notes/a.md', 'more\n');
    expect(await box.json(['git', 'enqueue', 'journal', 'notes/a.md', '--wait'])).toMatchObject({
      items: [{ state: 'disabled' }],
      outcome: null,
    });
    expect(await box.fails(['backup', 'journal'], 2)).toMatchObject({ code: 'usage-invalid' });
    await box.json(['job', 'set', 'journal', '--enable']);
    expect(await box.json(['backup', 'journal'])).toMatchObject({ saved: 2, proof: { branch: 'main' } });
    expect(await box.json(['job', 'remove', 'journal'])).toMatchObject({ removed: { name: 'journal' } });
    await box.json(['job', 'add', 'journal', '--git', 'project', '--store', 'notes']);
    expect(await statusOf(box, 0)).toMatchObject({ items: [] });
  });

  it('stands beside jobs for databases', async () => {
    await using scene = await openGitBox();
    const { box } = scene;
    box.folder('usb');
    writeNotes(box.at('notes.db'));
    await box.json(['destination', 'add', 'folder', 'usb', 'usb']);
    await box.json(['job', 'add', 'notes', '--sqlite', 'notes.db', '--to', 'usb']);
    await addJournal(box);
    expect((await box.run(['job', 'list'])).stdout).toMatch(/journal .*origin\/main .*every commit/);
    expect(await box.fails(['git', 'status', 'notes'], 2)).toMatchObject({ code: 'usage-invalid' });
    await box.json(['backup', 'notes']);
    await box.json(['backup', 'journal']);
    expect(await box.json(['history'])).toMatchObject([{ job: 'journal' }, { job: 'notes' }]);
    expect((await box.json<unknown[]>(['snapshots'])).length).toBe(1);
    const doctor = await box.run(['doctor']);
    expect(doctor.stdout).toMatch(/✓ git: \/.*version \d/);
    expect(doctor.stdout).toMatch(/✓ repository of journal: .*origin answers/);
  });
});

describe('nightjar note', () => {
  it('writes a note that was never there, and backs it up', async () => {
    await using scene = await openGitBox();
    const { box, git, read } = scene;
    await addJournal(box);
    expect(await box.json(['note', 'journal', 'today.md', '--text', '# Today', '--wait'])).toMatchObject({
      item: { item: 'notes/today.md', state: 'success', committed: true, pushed: true },
      outcome: { saved: 1 },
    });
    expect(read('notes/today.md')).toBe('# Today\n');
    expect(git('show', 'HEAD:notes/today.md')).toBe('# Today');
    const piped = await box.json(['note', 'journal', 'notes/new/list.md'], 0, { stdin: 'milk\nbread\n' });
    expect(piped).toMatchObject({ item: { item: 'notes/new/list.md', state: 'queued' }, outcome: null });
    expect(read('notes/new/list.md')).toBe('milk\nbread\n');
    expect(await box.fails(['note', 'journal', 'today.md', '--text', 'other'], 3)).toMatchObject({ code: 'target-exists' });
    expect(await box.fails(['note', 'journal', '../code.txt', '--text', 'x'], 3)).toMatchObject({ code: 'git-path-refused' });
    expect(await box.fails(['note', 'journal', 'empty.md'], 2)).toMatchObject({ code: 'usage-invalid' });
    expect({ today: read('notes/today.md'), empty: existsSync(box.at('project/notes/empty.md')) }).toEqual({
      today: '# Today\n',
      empty: false,
    });
    await box.json(['backup', 'journal']);
    expect(await statusOf(box, 0)).toMatchObject({ safe: true });
  });
});

describe('versions', () => {
  it('are listed, and come back to a new place, also while another engine is at work', async () => {
    await using scene = await openGitBox();
    const { box, git, write } = scene;
    await addJournal(box);
    await box.json(['backup', 'journal']);
    write('notes/a.md', 'second\n');
    await box.json(['backup', 'journal']);
    const versions = await box.json<{ commit: string; subject: string }[]>(['git', 'log', 'journal', 'notes/a.md']);
    expect(versions.map(({ subject }) => subject)).toEqual(['back up notes/a.md (changed)', 'back up notes/a.md and 1 more (added)']);
    const first = versions[1]?.commit ?? '';
    const engine = box.start(['serve', '--no-window']);
    await engine.seen('journal: succeeded');
    const restored = await box.json(['restore', `journal@${first.slice(0, 8)}`, '--path', 'notes/a.md', '--to', 'old.md']);
    expect(restored).toMatchObject({ restored: first, path: box.at('old.md'), files: 1 });
    expect(readFileSync(box.at('old.md'), 'utf8')).toBe('a\n');
    engine.child.kill('SIGTERM');
    await engine.ended();
    expect(await box.fails(['restore', 'journal', '--path', 'notes/a.md', '--to', 'old.md'], 3)).toMatchObject({ code: 'target-exists' });
    expect(readFileSync(box.at('old.md'), 'utf8')).toBe('a\n');
    await box.json(['restore', 'journal@latest', '--path', 'notes/a.md', '--to', 'old.md', '--force']);
    expect(readFileSync(box.at('old.md'), 'utf8')).toBe('second\n');
    expect(await box.json(['restore', 'journal', '--path', 'notes', '--to', 'all'])).toMatchObject({ files: 2 });
    expect(readFileSync(box.at('all', 'deep', 'b.md'), 'utf8')).toBe('b\n');
    expect(await box.fails(['restore', 'journal', '--to', 'x'], 2)).toMatchObject({ code: 'usage-invalid' });
    expect(await box.fails(['restore', 'journal@nope', '--path', 'notes', '--to', 'x'], 2)).toMatchObject({ code: 'usage-invalid' });
    expect(git('status', '--porcelain')).toBe('?? code.txt');
  });
});

describe('nightjar serve', () => {
  it('backs a store up as it changes, beside commands, and stops when it is told to', async () => {
    await using scene = await openGitBox();
    const { box, git, write } = scene;
    await addJournal(box);
    const engine = box.start(['serve', '--no-window']);
    await engine.seen('journal: succeeded');
    write('notes/watched.md', 'seen\n');
    const line = () => new Promise((resolve) => engine.child.stderr?.once('data', resolve));
    while (Number(git('rev-list', '--count', 'HEAD')) < 2) await line();
    expect(git('log', '-1', '--format=%s')).toBe('back up notes/watched.md (changed)');
    write('notes/asked.md', 'for\n');
    while (Number(git('rev-list', '--count', 'HEAD')) < 3) await line(); // Else the watch may queue it once more in the middle of what follows.
    const asked = await box.json(['git', 'enqueue', 'journal', 'notes/asked.md', '--wait']);
    expect(asked).toMatchObject({ items: [{ item: 'notes/asked.md', state: 'success' }], outcome: { run: { trigger: 'manual' } } });
    engine.child.kill('SIGTERM');
    expect(await engine.ended()).toMatchObject({ code: 0 });
    expect(await statusOf(box, 0)).toMatchObject({ safe: true });
  });
});

describe('nightjar job import', () => {
  const config = (changes: object = {}) => ({
    projectPath: './project',
    storePath: './project/notes',
    databasePath: './.trauma/trauma.sqlite',
    backup: { git: { enabled: true, remote: 'origin', branch: 'main', push: true, commitMessageTemplate: 'backup memory {memoryId}' } },
    ...changes,
  });

  it('sets up a git job from the configuration of another program', async () => {
    await using scene = await openGitBox();
    const { box, git } = scene;
    writeFileSync(box.at('config.json'), JSON.stringify(config()));
    expect(await box.json(['job', 'import', 'config.json', '--name', 'memories'])).toMatchObject({
      job: {
        name: 'memories',
        source: { kind: 'git', path: box.at('project'), stores: ['notes'], push: true, message: 'backup memory {item}' },
      },
      notes: [expect.stringContaining(box.at('.trauma/trauma.sqlite'))],
    });
    await box.json(['git', 'enqueue', 'memories', 'project/notes/a.md', '--wait']);
    expect(git('log', '-1', '--format=%s')).toBe('backup memory notes/a.md');
    expect(await box.fails(['job', 'import', 'config.json', '--name', 'memories'], 2)).toMatchObject({ code: 'job-exists' });
  });

  it('names everything that is wrong with it at once', async () => {
    await using scene = await openGitBox();
    const { box } = scene;
    writeFileSync(
      box.at('config.json'),
      JSON.stringify(config({ storePath: 3, backup: { git: { enabled: 'yes', push: 1, hooks: 'x' } } })),
    );
    const { code, message } = await box.fails(['job', 'import', 'config.json'], 1);
    expect(code).toBe('settings-invalid');
    for (const field of [
      'storePath',
      'backup.git.enabled',
      'backup.git.remote',
      'backup.git.branch',
      'backup.git.push',
      'commitMessageTemplate',
    ]) {
      expect(message).toContain(field);
    }
    expect(message).toContain('hooks');
    expect(await box.fails(['job', 'import', 'missing.json'], 2)).toMatchObject({ code: 'usage-invalid' });
    expect(await box.json(['job', 'list'])).toEqual([]);
  });
});

describe('git of the wrong kind', () => {
  it('is told to be missing, and nothing hangs on a hook of the person', async () => {
    await using scene = await openGitBox();
    const { box, git } = scene;
    mkdirSync(box.at('bin'));
    await addJournal(box);
    writeFileSync(box.at('project/.git/hooks/pre-commit'), '#!/bin/sh\necho no >&2\nexit 1\n');
    chmodSync(box.at('project/.git/hooks/pre-commit'), 0o755);
    await box.json(['backup', 'journal']);
    expect(git('log', '--format=%s').split('\n').length).toBe(1);
    await box.json(['job', 'set', 'journal', '--hooks']);
    scene.write('notes/a.md', 'hooked\n');
    expect(await box.fails(['backup', 'journal'], 1)).toMatchObject({ code: 'git-failed', message: expect.stringContaining('no') });
  });
});
