import { describe, expect, it } from 'vitest';
import { errorFacts } from '../../electron/domain/errors.ts';
import { openAppScene, withNotes } from '../support/app-scene.ts';
import { type BackupDocument, openSandbox } from '../support/cli.ts';
import { version } from '../support/version.ts';

describe('a command beside the app', () => {
  it('is its client: the app backs up, with its own workers, and shows it', async () => {
    await using box = await openSandbox();
    await using scene = await openAppScene({ version, prepare: withNotes() });
    const { client } = await scene.begin();
    const { run, snapshot } = await box.json<BackupDocument>(['backup', 'notes', '--home', scene.home.path]);
    expect(await client.runs.list({})).toMatchObject([{ id: run.id, status: 'succeeded' }]);
    expect((await client.snapshots.list({})).map(({ id }) => id)).toEqual([snapshot.id]);
    expect(scene.electron.workers.length).toBeGreaterThan(0);
  });

  it('is told that the app has a window of its own', async () => {
    await using box = await openSandbox();
    await using scene = await openAppScene({ version });
    const { client } = await scene.begin();
    const error = await client.engine.window().catch((reason: unknown) => reason);
    expect(errorFacts(error)).toMatchObject({ code: 'usage-invalid', hint: 'click its icon, or start the app once more' });
    const { code, message } = await box.fails(['open', '--home', scene.home.path], 2);
    expect([code, message]).toEqual(['usage-invalid', 'the app is at work here, and has a window of its own']);
  });
});
