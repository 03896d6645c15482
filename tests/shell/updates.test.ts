import { describe, expect, it } from 'vitest';
import { errorFacts } from '../../electron/domain/errors.ts';
import type { Updater } from '../../electron/shell/updates.ts';
import { openAppScene, withNotes } from '../support/app-scene.ts';

/** electron-updater with a newer version, or without one. */
class FakeUpdater implements Updater {
  autoDownload = true;
  autoInstallOnAppQuit = true;
  readonly calls: string[] = [];
  readonly installed = Promise.withResolvers<void>();
  readonly downloaded = Promise.withResolvers<void>();
  newer: string | null = '0.2.0';
  failure: Error | null = null;

  async checkForUpdates() {
    this.calls.push('check');
    if (this.failure !== null) throw this.failure;
    return { isUpdateAvailable: this.newer !== null, updateInfo: { version: this.newer ?? '0.1.0' } };
  }
  async downloadUpdate(): Promise<void> {
    this.calls.push('download');
    await this.downloaded.promise;
  }
  quitAndInstall(): void {
    this.calls.push('install');
    this.installed.resolve();
  }
  on(_: 'error', listener: (error: Error) => void): void {
    this.fail = listener;
  }
  fail: (error: Error) => void = () => {};
}

describe('a newer version', () => {
  it('is looked for, downloaded and installed only when asked, and never during a run', async () => {
    const updater = new FakeUpdater();
    await using scene = await openAppScene({ isPackaged: true, updater, prepare: withNotes(50_000) });
    const { client, told } = await scene.begin();
    expect([updater.calls, (await client.desktop.info()).update.state]).toEqual([[], 'unknown']);
    expect(await client.desktop.checkForUpdate()).toEqual({ state: 'available', version: '0.2.0', message: null });
    expect([updater.autoDownload, updater.autoInstallOnAppQuit, updater.calls]).toEqual([false, false, ['check']]);
    expect((await client.desktop.installUpdate()).state).toBe('downloading');
    updater.downloaded.resolve();
    await updater.downloaded.promise;
    while ((await client.desktop.info()).update.state !== 'ready');

    const began = told('step-progress');
    const finished = told('run-finished');
    await client.jobs.trigger({ job: 'notes' });
    await began;
    expect(await client.desktop.installUpdate()).toMatchObject({
      state: 'ready',
      message: 'it is installed as soon as no run is under way',
    });
    expect(updater.calls).toEqual(['check', 'download']);
    expect((await finished).status).toBe('succeeded');
    await updater.installed.promise;
    expect(updater.calls).toEqual(['check', 'download', 'install']);
    // What installs it quits the app, and nothing is in its way any more.
    expect(scene.electron.app.ask('before-quit')).toBe(true);
  });

  it('that does not exist, or cannot be looked for, is no newer version', async () => {
    const updater = new FakeUpdater();
    updater.newer = null;
    await using scene = await openAppScene({ isPackaged: true, updater });
    const { client } = await scene.begin();
    expect(await client.desktop.checkForUpdate()).toEqual({ state: 'current', version: null, message: null });
    updater.failure = new Error('no network');
    expect(await client.desktop.checkForUpdate()).toEqual({ state: 'failed', version: null, message: 'no network' });
    const error = await client.desktop.installUpdate().catch((reason: unknown) => reason);
    expect(errorFacts(error).code).toBe('usage-invalid');
  });

  it.each([
    ['the app', {}, undefined],
    ['the AppImage', { APPIMAGE: '/home/me/Nightjar.AppImage' }, '/home/me/Nightjar.AppImage'],
  ])('that cannot be put in its place leaves %s running, with an engine', async (_, environment, execPath) => {
    const updater = new FakeUpdater();
    const surroundings = { environment, args: ['--at-login', '--disable-gpu'] };
    await using scene = await openAppScene({ isPackaged: true, updater, surroundings });
    const { client } = await scene.begin();
    await client.desktop.checkForUpdate();
    updater.fail(new Error('an error of the search'));
    await client.desktop.installUpdate();
    updater.downloaded.resolve();
    while ((await client.desktop.info()).update.state !== 'ready');
    await client.desktop.installUpdate();
    await client.desktop.installUpdate();
    await updater.installed.promise;
    const { app } = scene.electron;
    expect(app.relaunches).toEqual([]);
    updater.fail(new Error('the folder of the app is read-only'));
    expect([app.relaunches, updater.calls]).toEqual([
      [{ args: ['--disable-gpu'], ...(execPath === undefined ? {} : { execPath }) }],
      ['check', 'download', 'install'],
    ]);
    expect(await app.ended.promise).toBe(0);
  });

  it.each([
    ['a checkout', { updater: new FakeUpdater() }],
    ['a package that knows of no releases', { isPackaged: true }],
  ])('is none of the business of %s', async (_, options) => {
    await using scene = await openAppScene(options);
    const { client } = await scene.begin();
    expect((await client.desktop.checkForUpdate()).state).toBe('unsupported');
    const error = await client.desktop.installUpdate().catch((reason: unknown) => reason);
    expect(errorFacts(error)).toMatchObject({ code: 'usage-invalid', hint: 'update it the way it was installed' });
  });
});
