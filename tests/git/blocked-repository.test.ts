import { writeFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../electron/domain/errors.ts';
import type { StoreStep } from '../../electron/domain/git-item.ts';
import type { Clock } from '../../electron/engine/ports.ts';
import type { GitScene } from '../support/git-remote.ts';
import { makeStoreScene, type StoreScene } from '../support/store-scene.ts';
import { testPorts } from '../support/test-engine.ts';

interface Block {
  readonly code: ErrorCode;
  readonly step: StoreStep;
  readonly message: RegExp;
  readonly prepare: (repository: GitScene) => Promise<unknown>;
  readonly mend: (repository: GitScene) => Promise<unknown>;
}

const lockOf = ({ project }: GitScene) => join(project, '.git/index.lock');

/** Another branch with another text of README.md, so that a merge of it stops. */
async function makeConflict({ git, write }: GitScene): Promise<void> {
  await git('switch', '--quiet', '-c', 'side');
  await write({ 'README.md': 'theirs\n' });
  await git('commit', '--quiet', '-m', 'theirs', 'README.md');
  await git('switch', '--quiet', 'main');
  await write({ 'README.md': 'ours\n' });
  await git('commit', '--quiet', '-m', 'ours', 'README.md');
}

const blocks: Readonly<Record<string, Block>> = {
  'is on no branch': {
    code: 'git-detached',
    step: 'guard',
    message: /is on no branch/,
    prepare: ({ git }) => git('switch', '--quiet', '--detach'),
    mend: ({ git }) => git('switch', '--quiet', 'main'),
  },
  'is on another branch': {
    code: 'git-branch',
    step: 'guard',
    message: /is on the branch topic, and main is to be backed up/,
    prepare: ({ git }) => git('switch', '--quiet', '-c', 'topic'),
    mend: ({ git }) => git('switch', '--quiet', 'main'),
  },
  'is in the middle of a merge': {
    code: 'git-in-progress',
    step: 'guard',
    message: /a merge is in progress/,
    prepare: async (repository) => {
      await makeConflict(repository);
      await repository.git('merge', 'side').catch(() => {});
    },
    mend: ({ git }) => git('merge', '--abort'),
  },
  'leads to another remote': {
    code: 'git-remote-changed',
    step: 'guard',
    message: /leads elsewhere than it did/,
    prepare: ({ git, root }) => git('remote', 'set-url', 'origin', join(root, 'other.git')),
    mend: ({ git, remote }) => git('remote', 'set-url', 'origin', remote),
  },
  'is no repository any more': {
    code: 'git-not-root',
    step: 'guard',
    message: /is not a git repository/,
    prepare: ({ project }) => rename(join(project, '.git'), join(project, '.gone')),
    mend: ({ project }) => rename(join(project, '.gone'), join(project, '.git')),
  },
  'is not there': {
    code: 'source-missing',
    step: 'guard',
    message: /is not there/,
    prepare: ({ project }) => rename(project, `${project}.away`),
    mend: ({ project }) => rename(`${project}.away`, project),
  },
  'has lost the folder of its store': {
    code: 'source-missing',
    step: 'guard',
    message: /notes is not there, and its files would count as deleted/,
    prepare: ({ project }) => rename(join(project, 'notes'), join(project, '..', 'notes.away')),
    mend: ({ project }) => rename(join(project, '..', 'notes.away'), join(project, 'notes')),
  },
  'is locked by another git': {
    code: 'git-locked',
    step: 'commit',
    message: /another git is at work in the repository: .*index\.lock is there/,
    prepare: (repository) => writeFile(lockOf(repository), ''),
    mend: (repository) => rm(lockOf(repository)),
  },
};

const halfFirstWaitMs = 47.5;

/** A clock with which only the waits for another git's lock are over at once: with these fractions, they are multiples of 47.5 ms. */
function patientPorts() {
  const { clock, ids } = testPorts();
  const sleep: Clock['sleep'] = (ms, signal) => clock.sleep(ms > 0 && ms <= 1900 && ms % halfFirstWaitMs === 0 ? 0 : ms, signal);
  return { clock: { ...clock, sleep }, ids: { ...ids, fraction: () => 0.9 } };
}

/** Everything that a backup may change in a repository. */
async function traceOf({ head, remoteHead }: StoreScene, { git }: GitScene): Promise<unknown> {
  return [await head(), await remoteHead(), await git('status', '--porcelain'), await git('for-each-ref')];
}

describe('a repository that', () => {
  it.each(Object.entries(blocks))('%s fails the run and what waits, with that reason; mended, it is a success', async (_, block) => {
    await using scene = await makeStoreScene({ ports: patientPorts() });
    const { repository } = scene;
    await scene.change({ 'notes/a.md': 'a\n' });
    await scene.backUp();
    const lastBackupAtMs = scene.item('notes/a.md').lastBackupAtMs;
    await scene.change({ 'notes/a.md': 'a2\n', 'notes/b.md': 'b\n' });
    await block.prepare(repository);
    const isThere = block.code !== 'source-missing' && block.code !== 'git-not-root';
    const before = isThere ? await traceOf(scene, repository) : [];

    const { code, hint, message } = await scene.failure();
    expect([code, message]).toEqual([block.code, expect.stringMatching(block.message)]);
    const lastError = { code, message, ...(hint === undefined ? {} : { hint }) };
    expect(scene.item('notes/a.md')).toMatchObject({ state: 'failed', lastError, lastBackupAtMs, committed: false, pushed: false });
    expect(scene.item('notes/b.md')).toMatchObject({ state: 'failed', lastError, lastBackupAtMs: null, committed: false, pushed: false });
    expect(scene.engine.queue('notes').record()).toMatchObject({ problem: { ...lastError, step: block.step }, failures: 1 });
    expect(scene.engine.catalog.runs()[0]).toMatchObject({ status: 'failed', error: lastError });
    if (isThere) expect(await traceOf(scene, repository)).toEqual(before);

    await block.mend(repository);
    expect(await scene.backUp('everything')).toMatchObject({ saved: 2, failed: [] });
    expect(scene.states()).toEqual({ 'notes/a.md': 'success', 'notes/b.md': 'success' });
    expect(await repository.pathsOf('HEAD')).toEqual(['notes/a.md', 'notes/b.md']);
    expect(await scene.remoteHead()).toBe(await scene.head());
    expect(scene.engine.queue('notes').record()).toMatchObject({ problem: null, failures: 0, retryAtMs: null });
  });

  it('another branch is checked out in while a run is under way gets nothing on it', async () => {
    await using scene = await makeStoreScene();
    await scene.change({ 'notes/a.md': 'a\n' });
    await scene.repository.git('branch', 'topic');
    const before = await scene.head();
    // After the repository was found to be in order.
    const stop = scene.engine.listen((event) => {
      if (event.type !== 'step-started' || event.step !== 'commit') return;
      stop();
      writeFileSync(join(scene.repository.project, '.git/HEAD'), 'ref: refs/heads/topic\n');
    });
    expect((await scene.failure()).code).toBe('git-branch');
    expect([await scene.repository.git('rev-parse', 'main'), await scene.repository.git('rev-parse', 'topic')]).toEqual([before, before]);
    expect(scene.states()).toEqual({ 'notes/a.md': 'failed' });
  });
});

describe('a store', () => {
  it('whose folder is gone is no deletion, whatever is asked for', async () => {
    await using scene = await makeStoreScene();
    await rm(join(scene.repository.project, 'notes'), { recursive: true });
    const before = await scene.head();
    expect(await scene.failure('everything')).toMatchObject({
      code: 'source-missing',
      hint: expect.stringContaining('as an empty folder'),
    });
    scene.enqueue('notes', 'notes/kept.md');
    expect((await scene.failure()).code).toBe('source-missing');
    expect([await scene.head(), await scene.repository.git('ls-files', 'notes')]).toEqual([before, 'notes/kept.md']);
  });

  it('that was emptied has its deletions committed', async () => {
    await using scene = await makeStoreScene();
    await scene.change({ 'notes/a.md': 'a\n' });
    await scene.backUp();
    await rm(join(scene.repository.project, 'notes'), { recursive: true });
    await mkdir(join(scene.repository.project, 'notes'));
    const { saved } = await scene.backUp('everything');
    expect([saved, await scene.repository.git('ls-files')]).toEqual([2, 'README.md']);
    // What nobody asked for by its name is in the history now, and nothing of it is left to be backed up.
    expect(scene.engine.queue('notes').items()).toMatchObject([{ item: 'notes/a.md', reason: 'deleted', state: 'success', pushed: true }]);
    expect(await scene.remoteHead()).toBe(await scene.head());
  });
});
