import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inspectQueue } from '../../electron/engine/operations/store-status.ts';
import { addHook, startAnsweringServer, startSilentServer } from '../support/git-remote.ts';
import { makeStoreScene } from '../support/store-scene.ts';

const token = 'q7XJ2mWv9RkT4bLs';

/** The files of a folder, each with all its bytes. */
async function bytesBelow(folder: string): Promise<Readonly<Record<string, Buffer>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ name, parentPath }) => join(parentPath, name));
  return Object.fromEntries(await Promise.all(files.map(async (path) => [path, await readFile(path)])));
}

/** Fails to push to a remote with a secret in its address, and resolves to everything that was left of that anywhere. */
async function tracesOf(url: string, port?: string): Promise<{ readonly text: string; readonly files: Readonly<Record<string, Buffer>> }> {
  await using scene = await makeStoreScene({
    source: { remoteLimitSeconds: 1 },
    before: ({ git }) => git('remote', 'set-url', 'origin', url.replace('PORT', port ?? '')),
  });
  await scene.change({ 'notes/a.md': 'a\n' });
  const error = await scene.failure();
  const causes: unknown[] = [];
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) causes.push(cause.message, cause.stack, { ...cause });
  const { engine, job } = scene;
  const status = await inspectQueue(job, engine.catalog, engine.ports, true);
  const text = JSON.stringify([
    causes,
    status,
    engine.queue('notes').record(),
    engine.catalog.runs(),
    engine.settings.current,
    engine.notices,
  ]);
  return { text, files: await bytesBelow(scene.engineFolder) };
}

describe('a secret in the address of a remote', () => {
  it.each([
    ['that lets nobody in', `http://ada:${token}@127.0.0.1:PORT/a.git`, 401],
    ['that lets nobody in, by a token alone', `http://${token}@127.0.0.1:PORT/a.git`, 401],
    ['that fails', `http://ada:${token}@127.0.0.1:PORT/a.git`, 500],
    ['that has no such repository, as a parameter', `http://127.0.0.1:PORT/a.git?private_token=${token}`, 404],
    ['that is silent', `http://ada:${token}@127.0.0.1:PORT/a.git`, 0],
    ['that is not there', `ssh://ada:${token}@127.0.0.1:1/a.git`, 0],
  ])('%s is nowhere in catalog, log, settings or error', async (_, url, status) => {
    await using server = status === 0 ? await startSilentServer() : await startAnsweringServer(status);
    const { files, text } = await tracesOf(url, server.address.split(':')[1]);
    expect(text).not.toContain(token);
    const names = Object.keys(files);
    expect(names.filter((name) => files[name]?.includes(token))).toEqual([]);
    // The traces are there: the failure is in the catalog and in the log.
    const withFailure = names.filter((name) => files[name]?.includes('the remote origin')).map((name) => name.split('/engine/home/')[1]);
    expect(withFailure).toEqual(expect.arrayContaining([expect.stringMatching(/^catalog\.db/), expect.stringMatching(/^logs\//)]));
  });

  it('is nowhere either where the remote itself says it', async () => {
    await using scene = await makeStoreScene();
    await addHook(
      scene.repository.remote,
      'pre-receive',
      `echo "Authorization: Bearer ${token}; see https://ada:${token}@example.org" >&2; exit 1`,
    );
    await scene.change({ 'notes/a.md': 'a\n' });
    const error = await scene.failure();
    expect(error.message).toMatch(/Authorization: .*\*\*\*/);
    const files = await bytesBelow(scene.engineFolder);
    expect(Object.keys(files).filter((name) => files[name]?.includes(token))).toEqual([]);
    expect(error.message + error.stack).not.toContain(token);
  });
});
