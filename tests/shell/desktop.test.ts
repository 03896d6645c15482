import { describe, expect, it } from 'vitest';
import { errorFacts } from '../../electron/domain/errors.ts';
import { openAppScene } from '../support/app-scene.ts';

describe('what the app does for its window', () => {
  it('asks for paths with the dialog of the system', async () => {
    await using scene = await openAppScene();
    const { client } = await scene.begin();
    const { dialog } = scene.electron;
    dialog.chosen = '/data/notes.db';
    const paths = [];
    for (const want of ['database', 'file', 'folder', 'new-file'] as const) {
      paths.push((await client.desktop.choosePath({ want, title: 'Choose', start: '/data' })).path);
    }
    dialog.chosen = null;
    paths.push((await client.desktop.choosePath({ want: 'new-file', title: 'Choose' })).path);
    expect(paths).toEqual(['/data/notes.db', '/data/notes.db', '/data/notes.db', '/data/notes.db', null]);
    expect(dialog.questions).toMatchObject([
      { title: 'Choose', defaultPath: '/data', properties: ['openFile', 'showHiddenFiles'], filters: [{ name: 'Databases' }, {}] },
      { properties: ['openFile', 'showHiddenFiles'] },
      { properties: ['openDirectory', 'createDirectory'] },
      { properties: ['createDirectory', 'showOverwriteConfirmation'] },
      { title: 'Choose' },
    ]);
  });

  it('shows files in their folders', async () => {
    await using scene = await openAppScene();
    const { client } = await scene.begin();
    await client.desktop.reveal({ path: '/data/restored.db' });
    expect(scene.electron.revealed).toEqual(['/data/restored.db']);
  });

  it.each([
    ['darwin', 'full-disk-access', 'x-apple.systempreferences:com.apple.preference.security?Privacy_AllFiles'],
    ['darwin', 'login-items', 'x-apple.systempreferences:com.apple.LoginItems-Settings.extension'],
    ['win32', 'login-items', 'ms-settings:startupapps'],
    ['win32', 'full-disk-access', null],
    ['linux', 'full-disk-access', null],
  ] as const)('leads on %s to the page for %s', async (platform, page, url) => {
    await using scene = await openAppScene({ surroundings: { platform } });
    const { client } = await scene.begin();
    const error = await client.desktop.openSystemPage({ page }).then(
      () => null,
      (reason: unknown) => errorFacts(reason).code,
    );
    expect([error, scene.electron.openedOutside]).toEqual(url === null ? ['usage-invalid', []] : [null, [url]]);
  });

  it('keeps a sign-in in a file only with consent, which is remembered', async () => {
    await using scene = await openAppScene();
    const { engine } = await scene.begin();
    const { dialog, safeStorage } = scene.electron;
    safeStorage.backend = 'basic_text';
    dialog.presses.push(1);
    const error = await engine.secrets.set('one', 'first').catch((reason: unknown) => reason);
    expect([errorFacts(error).code, engine.settings.current.app?.keepsSecretsInFile]).toEqual(['home-unusable', undefined]);
    dialog.presses.push(0);
    await engine.secrets.set('one', 'first');
    await engine.secrets.set('two', 'second');
    expect([dialog.asked.length, engine.settings.current.app?.keepsSecretsInFile, await engine.secrets.get('two')]).toEqual([
      2,
      true,
      'second',
    ]);
  });
});
