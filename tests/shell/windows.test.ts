import { describe, expect, it } from 'vitest';
import { type Area, defaultSize, placeWindow, smallestSize } from '../../electron/shell/window-place.ts';
import { HandClock, openAppScene } from '../support/app-scene.ts';

const screen = { x: 0, y: 25, width: 1440, height: 875 };
const beside = { x: 1440, y: 0, width: 1920, height: 1080 };
const place = { x: 200, y: 100, width: 1000, height: 700, isMaximized: false };

describe('the place of the window', () => {
  it.each<[string, Parameters<typeof placeWindow>[0], readonly Area[], Partial<Area>]>([
    ['is the middle at first', null, [screen], defaultSize],
    ['is where it was', place, [screen], { x: 200, y: 100, width: 1000, height: 700 }],
    ['is on the second screen still', { ...place, x: 1600 }, [screen, beside], { x: 1600, y: 100, width: 1000, height: 700 }],
    ['is the middle where its screen is gone', { ...place, x: 1600 }, [screen], { width: 1000, height: 700 }],
    ['is the middle where its upper edge is out of reach', { ...place, y: 10 }, [screen], { width: 1000, height: 700 }],
    ['is the middle where it would be below the screen', { ...place, y: 860 }, [screen], { width: 1000, height: 700 }],
    ['may be half outside', { ...place, x: -800 }, [screen], { x: -800, y: 100, width: 1000, height: 700 }],
    ['is no larger than its screen', { ...place, width: 4000, height: 3000 }, [screen], { x: 200, y: 100, width: 1440, height: 875 }],
    ['is no smaller than it may be', { ...place, width: 10, height: 10, x: 20 }, [{ ...screen, x: -200 }], { ...smallestSize }],
  ])('%s', (_, former, screens, expected) => {
    expect(placeWindow(former, screens)).toEqual(expected);
  });
});

describe('the window', () => {
  it('has a page that gets nothing of Node, and no tools in a package', async () => {
    await using scene = await openAppScene({ isPackaged: true });
    await scene.begin();
    const [window] = scene.electron.windows;
    expect(window?.options.webPreferences).toMatchObject({
      preload: '/app/out/preload/index.cjs',
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      devTools: false,
    });
    expect([window?.options.minWidth, window?.options.minHeight, window?.options.show]).toEqual([720, 520, false]);
  });

  it('is where it was when it is opened again, also after the next start', async () => {
    const formerly = { x: 300, y: 200, width: 1200, height: 800 };
    await using scene = await openAppScene({
      prepare: (engine) =>
        engine.settings.change((settings) => ({
          ...settings,
          app: { window: { ...formerly, isMaximized: true }, keepsSecretsInFile: false },
        })),
    });
    await scene.begin();
    const [window] = scene.electron.windows;
    await Promise.resolve();
    expect([window?.bounds, window?.isMaximized(), window?.isShown]).toEqual([formerly, true, true]);
  });

  it('is a new one after its page has crashed', async () => {
    await using scene = await openAppScene();
    await scene.begin();
    const { app, windows } = scene.electron;
    windows[0]?.webContents.emit('render-process-gone');
    // The app goes on without a window.
    expect(scene.electron.calls).not.toContain('quit');
    expect(windows[0]?.isDestroyed()).toBe(true);
    app.emit('second-instance');
    expect(windows.map(({ urls }) => urls)).toEqual([['app://nightjar/#/'], ['app://nightjar/#/']]);
  });

  it('looks as a person has chosen, title bar and dialogs too', async () => {
    const clock = new HandClock();
    await using scene = await openAppScene({ ports: { clock } });
    const { client } = await scene.begin();
    const { nativeTheme } = scene.electron;
    const looks = [nativeTheme.themeSource];
    await client.settings.set({ key: 'appearance', value: 'dark' });
    clock.look(2000);
    looks.push(nativeTheme.themeSource);
    expect(looks).toEqual(['system', 'dark']);
  });

  it('makes the app one with a Dock icon as long as it is open, on macOS', async () => {
    await using scene = await openAppScene({ surroundings: { platform: 'darwin' } });
    await scene.begin();
    await Promise.resolve();
    const { app, tray, windows } = scene.electron;
    const policies = [app.policy];
    tray.choose('Restore…');
    await Promise.resolve();
    windows[0]?.close();
    policies.push(app.policy);
    windows[1]?.close();
    policies.push(app.policy);
    expect(policies).toEqual(['regular', 'regular', 'accessory']);
  });
});
