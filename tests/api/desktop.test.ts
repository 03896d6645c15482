import { expect, it } from 'vitest';
import { localClient } from '../../electron/api/client.ts';
import type { Desktop } from '../../electron/api/desktop.ts';
import { hostEngine } from '../../electron/api/engine-host.ts';
import { BackupError } from '../../electron/domain/errors.ts';
import { failureOf, openHost, transports } from '../support/engine-clients.ts';

it('a window in a browser learns what it cannot have, and the way around it', async () => {
  await using scene = await transports['in its process']();
  const { desktop } = scene.client;
  expect(await desktop.info()).toEqual({
    kind: 'browser',
    platform: process.platform,
    hasTray: false,
    loginItem: { state: 'unavailable', message: expect.any(String) },
    update: { state: 'unsupported', version: null, message: null },
    homeFolder: scene.engine.ports.userHome,
    logFolder: scene.engine.home.logFolder,
  });
  const asked = [
    desktop.choosePath({ want: 'folder', title: 'Where to?' }),
    desktop.reveal({ path: scene.path }),
    desktop.openSystemPage({ page: 'full-disk-access' }),
    desktop.setLoginItem({ on: true }),
    desktop.checkForUpdate(),
    desktop.installUpdate(),
  ];
  for (const call of asked) {
    const { code, hint, message } = await failureOf(call);
    expect({ code, message, hint }).toEqual({
      code: 'usage-invalid',
      message: expect.stringMatching(/^a window in a browser cannot /),
      hint: expect.any(String),
    });
  }
});

it('the app is asked what its window asks for, and answers', async () => {
  const asked: unknown[] = [];
  const login = { state: 'needs-approval', message: 'allow it in the settings of the system' } as const;
  const update = { state: 'ready', version: '2.0.0', message: null } as const;
  const note =
    <A, R>(name: string, answer: R) =>
    async (given?: A): Promise<R> => {
      asked.push([name, given]);
      return answer;
    };
  const app: Desktop = {
    info: async () => ({ kind: 'app', platform: 'darwin', hasTray: true, loginItem: login, update }),
    choosePath: note('choosePath', '/Volumes/USB'),
    reveal: note('reveal', undefined),
    openSystemPage: note('openSystemPage', undefined),
    setLoginItem: note('setLoginItem', login),
    checkForUpdate: note('checkForUpdate', update),
    installUpdate: async () => {
      throw new BackupError('home-busy', 'a run is under way', { retryable: true });
    },
  };
  const { engine, remove } = await openHost();
  const host = hostEngine(engine, app);
  const { desktop } = localClient(host);
  expect(await desktop.info()).toMatchObject({ kind: 'app', hasTray: true, loginItem: login, logFolder: engine.home.logFolder });
  const question = { want: 'database', title: 'Which?', start: '/Users/ada' } as const;
  expect(await desktop.choosePath(question)).toEqual({ path: '/Volumes/USB' });
  expect(await desktop.reveal({ path: '/a.db' })).toEqual({ path: '/a.db' });
  expect(await desktop.openSystemPage({ page: 'login-items' })).toEqual({ page: 'login-items' });
  expect(await desktop.setLoginItem({ on: true })).toEqual(login);
  expect(await desktop.checkForUpdate()).toEqual(update);
  expect(await failureOf(desktop.installUpdate())).toMatchObject({ code: 'home-busy', retryable: true });
  expect(await failureOf(desktop.reveal({ path: 'a.db' }))).toMatchObject({ code: 'usage-invalid' });
  expect(asked).toEqual([
    ['choosePath', question],
    ['reveal', '/a.db'],
    ['openSystemPage', 'login-items'],
    ['setLoginItem', true],
    ['checkForUpdate', undefined],
  ]);
  await host.end();
  engine.close();
  await remove();
});
