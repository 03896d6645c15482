import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settingsSchema } from '../../electron/domain/model.ts';
import { withNotes } from '../support/app-scene.ts';
import { buildApp } from '../support/built-app.ts';
import { buildClient } from '../support/built-client.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { countNotes, openTestEngine } from '../support/test-engine.ts';
import type { BuiltReport } from './built-process.ts';

let folder: TempFolder;
let out: string;
let report: BuiltReport;

beforeAll(async () => {
  out = await buildApp();
  folder = await makeTempFolder();
  const engine = await openTestEngine(folder.path);
  await withNotes(5000)(engine, folder.path);
  engine.close();
  const client = await buildClient(folder.path);
  const child = fork(join(import.meta.dirname, 'built-process.ts'), [out, client, join(folder.path, 'restored.db')], {
    // Nothing of the test runner.
    env: { PATH: process.env.PATH, HOME: folder.path, NIGHTJAR_HOME: join(folder.path, 'home'), TZ: 'UTC' },
    execArgv: [],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(([code]) => {
    throw new Error(`the built app ended with ${code}: ${stderr}`);
  });
  [report] = (await Promise.race([once(child, 'message'), ended])) as [BuiltReport];
  ended.catch(() => {});
});
afterAll(() => folder[Symbol.asyncDispose]());

describe('the built app', () => {
  it('begins as its sources do, with the native module, and quits in order', () => {
    expect(report.calls).toEqual(['path userData', 'lock', 'scheme app', 'ready', 'handle app', 'tray', 'window', 'quit', 'quit']);
    expect(report.nativeModules.map((path) => basename(path))).toEqual([expect.stringMatching(/\.node$/)]);
    expect(report.nativeModules[0]).toContain('better-sqlite3');
    expect(report.exitCode).toBe(0);
  });

  it('makes its tray of the icons that are built beside it', () => {
    expect(report.trayLabels).toContain('Restore…');
    expect(report.trayLabels.some((label) => label.startsWith('notes, '))).toBe(true);
    const built = readdirSync(join(out, 'icons'));
    expect(report.pictures.filter((path) => !(path.startsWith(join(out, 'icons')) && built.includes(basename(path))))).toEqual([]);
  });

  it('opens its window at its page, with its preload script', () => {
    expect(report.window).toEqual({ urls: ['app://nightjar/#/'], preload: join(out, 'preload/index.cjs') });
  });

  it('serves every file that the page refers to, under its policy', () => {
    const paths = report.files.map(({ path }) => path);
    expect(
      report.files.filter(({ bytes, policy, status }) => status !== 200 || bytes === 0 || !policy.includes("default-src 'none'")),
    ).toEqual([]);
    const built = readdirSync(join(out, 'renderer/assets')).map((name) => `/assets/${name}`);
    // Licences and the like are for whoever looks.
    const unseen = built.filter((path) => !paths.includes(path));
    expect([paths.includes('/'), unseen]).toEqual([true, []]);
  });

  it('has a preload script that hands over a port, and exposes nothing else', () => {
    expect(report.preloadGlobals).toEqual(['addEventListener', 'postMessage']);
  });

  it('keeps its settings through electron-store in the one file, for its person alone', () => {
    const path = join(folder.path, 'home', 'settings.json');
    const { app, jobs } = settingsSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    expect([app?.window?.isMaximized, jobs.map(({ name }) => name), statSync(path).mode & 0o777]).toEqual([false, ['notes'], 0o600]);
    expect(readdirSync(join(folder.path, 'home', 'app'))).toEqual([]);
  });

  it('backs up over that port for the client of its page, with progress, in its own worker, and what it restores is whole', () => {
    expect(report.events.at(0)).toBe('run-started');
    expect(report.events.at(-1)).toBe('run-finished');
    expect(Math.max(...report.percents)).toBe(100);
    expect(report.snapshots).toEqual(['notes']);
    expect(new Set(report.workers)).toEqual(new Set([join(out, 'main/sqlite-worker.js')]));
    expect(countNotes(join(folder.path, 'restored.db'))).toBe(5000);
  });
});
