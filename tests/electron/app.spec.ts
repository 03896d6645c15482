import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { _electron, type ElectronApplication, expect, type Page, test } from '@playwright/test';
import { locateHome } from '../../electron/engine/home.ts';
import { readSettings } from '../../electron/engine/settings-store.ts';
import { projectFolder } from '../support/built-app.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { addFolderDestination, addJob, countNotes, makeNotes, openTestEngine } from '../support/test-engine.ts';

/** The app in Electron itself, with a job `notes` of 2,000 rows, in a folder of its own. */
interface RealApp {
  readonly folder: TempFolder;
  readonly app: ElectronApplication;
  readonly page: Page;
  readonly environment: Record<string, string>;
}

const { NIGHTJAR_ELECTRON: executablePath = '' } = process.env;

async function openApp(): Promise<RealApp> {
  const folder = await makeTempFolder();
  makeNotes(join(folder.path, 'notes.db'), 2000);
  const engine = await openTestEngine(folder.path);
  await addFolderDestination(engine, folder.path, 'usb');
  addJob(engine, { name: 'notes', path: join(folder.path, 'notes.db'), destinations: ['usb'], drill: 'off' });
  engine.close();
  const inherited = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const environment = { ...Object.fromEntries(inherited), NIGHTJAR_HOME: join(folder.path, 'home'), XDG_CONFIG_HOME: folder.path };
  const app = await _electron.launch({ executablePath, args: [projectFolder], env: environment });
  const page = await app.firstWindow();
  return { folder, app, page, environment };
}

async function withApp(work: (real: RealApp) => Promise<void>): Promise<void> {
  const real = await openApp();
  try {
    await work(real);
  } finally {
    await real.app.close();
    await real.folder[Symbol.asyncDispose]();
  }
}

/** Asks the engine over a port of its own, as the page does; the answer as it comes. */
function ask(page: Page, path: string): Promise<string> {
  return page.evaluate(`new Promise((resolve) => {
    addEventListener('message', ({ data, ports: [port] }) => {
      if (data !== 'nightjar-port' || port === undefined) return;
      port.onmessage = (answer) => resolve(String(answer.data));
      port.postMessage(JSON.stringify({ i: 'asked', p: { u: '${path}' } }));
    });
    postMessage('nightjar-port-wanted', location.origin);
  })`);
}

test('the window shows the page of the app, which has nothing of Node or Electron', async () => {
  await withApp(async ({ page }) => {
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    expect(page.url()).toMatch(/^app:\/\/nightjar\/#\//);
    const names = ['require', 'process', 'module', 'global', 'Buffer', 'ipcRenderer'];
    const reach = await page.evaluate(`${JSON.stringify(names)}.filter((name) => name in globalThis)`);
    expect(reach).toEqual([]);
    expect(await ask(page, '/desktop/info')).toContain('"kind":"app"');
  });
});

test('the window is sandboxed, and stays on its page', async () => {
  await withApp(async ({ app, page }) => {
    const preferences = await app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> };
      return contents.getLastWebPreferences();
    });
    expect(preferences).toMatchObject({ contextIsolation: true, sandbox: true, nodeIntegration: false, webSecurity: true });
    await page.evaluate("location.href = 'https://example.org/'");
    expect(await page.evaluate("window.open('file:///etc/passwd') === null")).toBe(true);
    expect(page.url()).toMatch(/^app:\/\/nightjar\//);
  });
});

test('there is an icon in the tray, or the window knows that there is none', async () => {
  await withApp(async ({ app, page }) => {
    const answer = await ask(page, '/desktop/info');
    const hasTray = answer.includes('"hasTray":true');
    expect(answer).toMatch(/"hasTray":(true|false)/);
    const isHidden = await app.evaluate(async ({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      window?.close();
      return window?.isDestroyed() === false && !window.isVisible();
    });
    expect(isHidden).toBe(hasTray);
  });
});

test('a second one leaves it to the first', async () => {
  await withApp(async ({ environment }) => {
    const second = spawn(executablePath, [projectFolder], { env: environment, stdio: 'ignore' });
    expect(await once(second, 'exit')).toEqual([0, null]);
  });
});

test('a backup from the window, and a copy of it that is restored, are whole', async () => {
  await withApp(async ({ folder, page }) => {
    await page.getByRole('listitem', { name: 'notes', exact: true }).getByRole('button', { name: 'Back up now' }).click();
    const stored = () => readdirSync(join(folder.path, 'usb'), { recursive: true, encoding: 'utf8' });
    await expect.poll(() => stored().filter((name) => /^notes.\d.*\.json$/.test(name)).length, { timeout: 60_000 }).toBe(1);
    await page.evaluate("location.hash = '#/restore'");
    await page.getByRole('link', { name: 'Restore a copy…' }).click();
    const field = page.getByRole('textbox', { name: 'Where to' });
    await field.fill(join(folder.path, 'restored.db'));
    await field.press('Escape');
    await page.getByRole('button', { name: 'Restore this copy' }).click();
    await expect(page.getByRole('heading', { level: 2, name: 'restored.db is restored' })).toBeVisible({ timeout: 60_000 });
    expect(countNotes(join(folder.path, 'restored.db'))).toBe(2000);
  });
});

test('quitting keeps where the window was', async () => {
  const { app, environment, folder } = await openApp();
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setBounds({ x: 40, y: 60, width: 1000, height: 700 }));
  await app.close();
  const home = locateHome(environment['NIGHTJAR_HOME'], {});
  expect(readSettings(home.path).app?.window).toMatchObject({ width: 1000, height: 700 });
  await folder[Symbol.asyncDispose]();
});
