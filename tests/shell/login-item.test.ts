import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LoginItem } from '../../electron/domain/desktop.ts';
import { errorFacts } from '../../electron/domain/errors.ts';
import type { LoginItemSettings } from '../../electron/shell/electron-api.ts';
import { systemLoginItem } from '../../electron/shell/login-item.ts';
import type { Surroundings } from '../../electron/shell/surroundings.ts';
import { openAppScene } from '../support/app-scene.ts';
import { FakeElectron } from '../support/fake-electron.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

const around = (changes: Partial<Surroundings>): Surroundings => ({
  platform: 'linux',
  environment: {},
  execPath: '/opt/Nightjar/nightjar-app',
  args: [],
  ...changes,
});

describe('the login item', () => {
  it.each<[LoginItemSettings['status'], LoginItem['state'], string | null]>([
    ['enabled', 'on', null],
    ['not-registered', 'off', null],
    ['requires-approval', 'needs-approval', 'macOS waits for you to allow it: System Settings, General, Login Items'],
    ['not-found', 'off', 'macOS does not know this app: move it into the Applications folder'],
  ])('of macOS that is %s is %s', async (status, state, message) => {
    const { app } = new FakeElectron({ isPackaged: true });
    app.loginItem = { ...app.loginItem, status };
    expect(await systemLoginItem(app, around({ platform: 'darwin' })).read()).toEqual({ state, message });
  });

  it('of macOS is what the system has made of it, not what was asked for', async () => {
    const { app } = new FakeElectron({ isPackaged: true });
    const item = systemLoginItem(app, around({ platform: 'darwin' }));
    app.onLoginItem = () => ({ status: 'requires-approval' });
    expect(await item.set(true)).toMatchObject({ state: 'needs-approval' });
    app.onLoginItem = () => ({ status: 'not-registered' });
    expect(await item.set(true)).toEqual({ state: 'off', message: expect.stringContaining('only for an app that is signed') });
    expect(await item.set(false)).toEqual({ state: 'off', message: null });
  });

  it.each<[boolean, boolean, LoginItem['state']]>([
    [true, true, 'on'],
    [true, false, 'needs-approval'],
    [false, false, 'off'],
  ])('of Windows that is set (%s) and not switched off (%s) is %s', async (openAtLogin, executableWillLaunchAtLogin, state) => {
    const { app } = new FakeElectron({ isPackaged: true });
    app.loginItem = { ...app.loginItem, openAtLogin, executableWillLaunchAtLogin };
    expect((await systemLoginItem(app, around({ platform: 'win32' })).read()).state).toBe(state);
  });

  it.each(['darwin', 'win32', 'linux'] as const)('of a checkout on %s cannot be set, and says what can', async (platform) => {
    const { app } = new FakeElectron({ isPackaged: false });
    const item = systemLoginItem(app, around({ platform }));
    expect(await item.read()).toMatchObject({ state: 'unavailable', message: expect.stringContaining('nightjar serve --print-unit') });
    const error = await item.set(true).catch((reason: unknown) => reason);
    expect(errorFacts(error).code).toBe('usage-invalid');
  });
});

describe('the autostart file of Linux', () => {
  it('starts this app, and is gone when it is switched off', async () => {
    await using folder = await makeTempFolder();
    const { app } = new FakeElectron({ isPackaged: true });
    const item = systemLoginItem(app, around({ environment: { HOME: folder.path } }));
    const path = join(folder.path, '.config/autostart/nightjar.desktop');
    expect(await item.read()).toEqual({ state: 'off', message: null });
    expect(await item.set(true)).toEqual({ state: 'on', message: null });
    expect(readFileSync(path, 'utf8')).toBe(
      '[Desktop Entry]\nType=Application\nName=Nightjar\nComment=Backs up while you sleep\nExec="/opt/Nightjar/nightjar-app" "--at-login"\nTerminal=false\n',
    );
    expect(readdirSync(dirname(path))).toEqual(['nightjar.desktop']);
    expect([await item.set(false), existsSync(path)]).toEqual([{ state: 'off', message: null }, false]);
  });

  it('starts the AppImage itself, from wherever it lies, and goes where the system has it', async () => {
    await using folder = await makeTempFolder();
    const { app } = new FakeElectron({ isPackaged: true });
    const environment = { HOME: '/nowhere', XDG_CONFIG_HOME: folder.path, APPIMAGE: '/home/me/My "Apps"/100% $new\\Nightjar.AppImage' };
    const item = systemLoginItem(app, around({ environment, execPath: '/tmp/.mount_NightjAbCdEf/nightjar-app' }));
    expect(await item.set(true)).toEqual({ state: 'on', message: null });
    const text = readFileSync(join(folder.path, 'autostart/nightjar.desktop'), 'utf8');
    expect(text).toContain(String.raw`Exec="/home/me/My \\"Apps\\"/100%% \\$new\\\\Nightjar.AppImage" "--at-login"`);
  });

  it('is not written for a program that will be gone', async () => {
    await using folder = await makeTempFolder();
    const { app } = new FakeElectron({ isPackaged: true });
    const item = systemLoginItem(app, around({ environment: { HOME: folder.path }, execPath: '/tmp/.mount_NightjAbCdEf/nightjar-app' }));
    const error = await item.set(true).catch((reason: unknown) => reason);
    expect(errorFacts(error)).toMatchObject({ code: 'usage-invalid', hint: 'start the AppImage itself' });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('that starts another copy is read also by a program that will be gone', async () => {
    await using folder = await makeTempFolder();
    const { app } = new FakeElectron({ isPackaged: true });
    const item = systemLoginItem(app, around({ environment: { HOME: folder.path }, execPath: '/tmp/.mount_NightjAbCdEf/nightjar-app' }));
    mkdirSync(join(folder.path, '.config/autostart'), { recursive: true });
    writeFileSync(join(folder.path, '.config/autostart/nightjar.desktop'), '[Desktop Entry]\nExec=/usr/bin/other\n');
    expect(await item.read()).toEqual({ state: 'on', message: 'another copy of Nightjar is started: /usr/bin/other' });
  });

  it.each([
    ['Hidden=true', 'off'],
    ['X-GNOME-Autostart-enabled=false', 'off'],
    ['X-GNOME-Autostart-enabled=true', 'on'],
  ])('that somebody has changed (%s) is %s', async (line, state) => {
    await using folder = await makeTempFolder();
    const { app } = new FakeElectron({ isPackaged: true });
    const item = systemLoginItem(app, around({ environment: { HOME: folder.path } }));
    mkdirSync(join(folder.path, '.config/autostart'), { recursive: true });
    writeFileSync(join(folder.path, '.config/autostart/nightjar.desktop'), `[Desktop Entry]\nExec=/usr/bin/other\n${line}\n`);
    const read = await item.read();
    expect(read.state).toBe(state);
    if (state === 'on') expect(read.message).toBe('another copy of Nightjar is started: /usr/bin/other');
  });
});

describe('"Start at login" in the tray', () => {
  it('is ticked as the system says, and leads to the settings where that wants an approval', async () => {
    await using scene = await openAppScene({ isPackaged: true, surroundings: { platform: 'darwin' } });
    await scene.begin();
    const { app, openedOutside, tray } = scene.electron;
    const ticked = () => (tray.menus.at(-1) ?? []).find(({ label }) => label === 'Start at login')?.checked;
    expect(ticked()).toBe(false);
    app.onLoginItem = () => ({ status: 'requires-approval' });
    tray.choose('Start at login');
    await tray.shows((shown) => shown.labels().includes('Allow it in the settings…'));
    expect(ticked()).toBe(true);
    tray.choose('Allow it in the settings…');
    expect(openedOutside).toEqual(['x-apple.systempreferences:com.apple.LoginItems-Settings.extension']);
  });
});
