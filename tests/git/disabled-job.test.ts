import { beforeAll, describe, expect, it } from 'vitest';
import { addNote } from '../../electron/engine/operations/add-note.ts';
import { enqueueAround, intendItem, itemStatus } from '../../electron/engine/operations/enqueue.ts';
import { inspectQueue } from '../../electron/engine/operations/store-status.ts';
import { intentOf, makeStoreScene, recordGit, type StoreScene } from '../support/store-scene.ts';

/** A scene whose job is switched off, and that writes down every git that is started from now on. */
async function makeDisabledScene() {
  const scene = await makeStoreScene();
  const { env, calls } = await recordGit(scene.repository);
  await scene.reopen({ environment: env });
  scene.setSource({ enabled: false });
  return { scene, calls, [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose]() };
}

describe('a job that is switched off (S2-24)', () => {
  it('reports what it is asked for as disabled, and starts no git for it', async () => {
    await using disabled = await makeDisabledScene();
    const { calls, scene } = disabled;
    const told: string[] = [];
    scene.engine.listen(({ type }) => told.push(type));
    const { engine, job } = scene;
    expect(scene.enqueue('notes/a.md')).toMatchObject([{ ...intentOf('notes/a.md'), state: 'disabled' }]);
    expect(itemStatus(engine, job, 'notes/a.md')).toMatchObject({ state: 'disabled' });
    intendItem(engine, job, intentOf('notes/b.md'));
    expect(itemStatus(engine, job, 'notes/b.md')).toBeUndefined();
    expect(await enqueueAround(engine, job, intentOf('notes/c.md'), async () => 'written')).toBe('written');
    expect(scene.states()).toEqual({ 'notes/a.md': 'disabled', 'notes/c.md': 'disabled' });
    expect(await scene.failure()).toMatchObject({ code: 'usage-invalid', message: 'notes is switched off' });
    expect((await scene.failure('everything')).code).toBe('usage-invalid');
    expect(await inspectQueue(job, engine.catalog, engine.ports, true)).toMatchObject({ head: null, ahead: null, blocked: null });
    expect([await calls(), told, engine.catalog.runs()]).toEqual([[], [], []]);
  });

  it('takes a note without a git', async () => {
    await using disabled = await makeDisabledScene();
    const { calls, scene } = disabled;
    expect(await addNote(scene.engine, scene.job, { file: 'a.md', text: 'a\n' })).toMatchObject({ state: 'disabled' });
    expect([await scene.repository.read('notes/a.md'), await calls()]).toEqual(['a\n', []]);
  });

  it('goes on where it stopped when it is switched on again', async () => {
    await using disabled = await makeDisabledScene();
    const { calls, scene } = disabled;
    await scene.change({ 'notes/a.md': 'a\n' });
    scene.setSource({ enabled: true });
    expect((await scene.backUp()).saved).toBe(0);
    await scene.backUp('everything');
    expect(scene.states()).toEqual({ 'notes/a.md': 'success' });
    expect((await calls()).some((call) => / commit /.test(call))).toBe(true);
  });
});

describe('what is asked for', () => {
  let scene: StoreScene;

  beforeAll(async () => {
    scene = await makeStoreScene();
    return () => scene[Symbol.asyncDispose]();
  });

  it.each([
    ['no path', { paths: [] }, 'usage-invalid', /has 0 paths/],
    ['too many paths', { paths: Array.from({ length: 10_001 }, (_, at) => `notes/${at}`) }, 'usage-invalid', /has 10001 paths/],
    ['no name', { item: '' }, 'usage-invalid', /the item of an item is text/],
    ['no reason', { reason: '' }, 'usage-invalid', /the reason of an item is text/],
    ['a name that is too long', { item: 'x'.repeat(4097) }, 'usage-invalid', /1 to 4096 characters/],
    ['a NUL', { item: 'a\0b' }, 'usage-invalid', /the item of an item is text/],
    ['an absolute path', { paths: ['/etc/passwd'] }, 'git-path-refused', /is absolute/],
    ['a path that goes upwards', { paths: ['notes/../../x'] }, 'git-path-refused', /goes upwards/],
    ['a path beside the store', { paths: ['notes/a.md', 'README.md'] }, 'git-path-refused', /^README\.md is outside the paths of notes$/],
    ['the project', { paths: ['.'] }, 'git-path-refused', /^the project itself is outside/],
  ] as const)('with %s is refused before anything is kept', async (_, change, code, message) => {
    const bad = { ...intentOf('notes/bad.md'), ...change };
    const refusal = expect.objectContaining({ code, message: expect.stringMatching(message) });
    expect(() => scene.enqueue('notes/good.md', bad)).toThrow(refusal);
    expect(() => intendItem(scene.engine, scene.job, bad)).toThrow(refusal);
    expect(scene.engine.queue('notes').items()).toEqual([]);
  });

  it('is kept in the form that git has, each path once', async () => {
    const [item] = scene.enqueue({ item: 'x', paths: ['./notes//b.md', 'notes/a.md', 'notes/b.md/'], reason: 'why' });
    expect(item?.paths).toEqual(['notes/b.md', 'notes/a.md']);
    expect(scene.enqueue()).toEqual([]);
  });
});
