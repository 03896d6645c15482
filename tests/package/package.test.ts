import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trayImages } from '../../build/icons/drawing.ts';
import { buildApp } from '../support/built-app.ts';
import { type PackedFile, readArchive, readFuses } from '../support/packed-app.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';

const hasMac = process.platform !== 'win32';
if (!hasMac) process.stderr.write('the app for macOS is not packed here: that needs links, which Windows keeps for administrators\n');

/**
 * runAsNode, cookie encryption, NODE_OPTIONS, --inspect, integrity of the archive, only from the archive, a snapshot of its own, more rights
 * for file: addresses.
 */
const wantedFuses = '01001100';

let folder: TempFolder;
let linux: string;
let mac: string;

beforeAll(async () => {
  await buildApp();
  folder = await makeTempFolder();
  const systems = ['linux', ...(hasMac ? ['darwin'] : [])];
  const program = join(import.meta.dirname, 'pack-stubs.ts');
  // In a test it would link what it packs to what is in the project.
  const { VITEST: _, ...env } = process.env;
  await promisify(execFile)(process.execPath, [program, folder.path, ...systems], { env });
  linux = join(folder.path, 'packed', process.arch === 'arm64' ? 'linux-arm64-unpacked' : 'linux-unpacked');
  mac = join(folder.path, 'packed/mac-arm64/Nightjar.app/Contents');
});
afterAll(() => folder[Symbol.asyncDispose]());

/** What an archive holds, without what is named by its content or comes with the native module as it is. */
function pathsIn(files: readonly PackedFile[]): string[] {
  return files
    .map(({ path }) => path)
    .filter((path) => !/^out\/(main|renderer\/assets)\/|^node_modules\/better-sqlite3\/lib\//.test(path))
    .toSorted();
}

function expectedPaths(icons: readonly string[], nativeModule: string): string[] {
  const ofSqlite = ['LICENSE', 'package.json', `prebuilds/${nativeModule}`].map((name) => `node_modules/better-sqlite3/${name}`);
  const page = ['favicon.svg', 'index.html'].map((name) => `out/renderer/${name}`);
  return [...ofSqlite, ...icons.map((name) => `out/icons/${name}`), 'out/preload/index.cjs', ...page, 'package.json'].toSorted();
}

function withScales(endings: readonly string[]): string[] {
  return trayImages.flatMap((image) => endings.flatMap((ending) => [`${image}${ending}.png`, `${image}${ending}@2x.png`]));
}

function bytesOfCode(files: readonly PackedFile[]): number {
  return files.filter(({ path }) => !path.endsWith('.node')).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** What a property list has under a key: its text, or true or false. */
function entryOf(list: string, key: string): string | boolean | undefined {
  const [, text, truth] = new RegExp(`<key>${key}</key>\\s*(?:<string>([^<]*)</string>|<(true|false)/>)`).exec(list) ?? [];
  return text ?? (truth === undefined ? undefined : truth === 'true');
}

describe('for Linux', () => {
  it('has what was built and one native module, and nothing else', () => {
    const files = readArchive(join(linux, 'resources/app.asar'));
    expect(pathsIn(files)).toEqual(expectedPaths([...withScales(['-white', '-ink']), 'nightjar.png'], `linux-${process.arch}.node`));
    expect(files.filter(({ path }) => /\.(ts|tsx|map|c|cpp|h)$/.test(path))).toEqual([]);
    expect(files.map(({ path }) => path)).toEqual(expect.arrayContaining(['out/main/index.js', 'out/main/sqlite-worker.js']));
  });

  it('keeps the native module beside the archive, and only that', () => {
    const files = readArchive(join(linux, 'resources/app.asar')).filter(({ isUnpacked }) => isUnpacked);
    expect(files.map(({ path }) => path)).toEqual([`node_modules/better-sqlite3/prebuilds/linux-${process.arch}.node`]);
    expect(files.every(({ path }) => existsSync(join(linux, 'resources/app.asar.unpacked', path)))).toBe(true);
  });

  it('opens a database with what it has of the native module', () => {
    const files = readArchive(join(linux, 'resources/app.asar')).filter(({ path }) => path.startsWith('node_modules/better-sqlite3/'));
    const place = join(folder.path, 'native');
    for (const { path, content } of files) {
      mkdirSync(dirname(join(place, path)), { recursive: true });
      writeFileSync(join(place, path), content ?? readFileSync(join(linux, 'resources/app.asar.unpacked', path)));
    }
    if (process.platform !== 'linux') return;
    const Database = createRequire(join(place, 'main.js'))('better-sqlite3') as typeof import('better-sqlite3');
    const database = new Database(join(folder.path, 'native.db'));
    database.exec('CREATE TABLE notes (body TEXT); INSERT INTO notes VALUES (1), (2)');
    expect(database.prepare('SELECT count(*) FROM notes').pluck().get()).toBe(2);
    database.close();
  });

  it('is less than 6 MB of code', () => {
    expect(bytesOfCode(readArchive(join(linux, 'resources/app.asar')))).toBeLessThan(6_000_000);
  });

  it('has its fuses set', () => {
    expect(readFuses(join(linux, 'nightjar-app'))).toBe(wantedFuses);
  });

  it('starts with its main file as a module, and is found by its desktop', () => {
    const packed = readArchive(join(linux, 'resources/app.asar')).find(({ path }) => path === 'package.json');
    expect(JSON.parse(String(packed?.content))).toMatchObject({
      main: 'out/main/index.js',
      type: 'module',
      desktopName: 'nightjar.desktop',
    });
  });
});

describe.runIf(hasMac)('for macOS', () => {
  it('has what was built and one native module, and nothing else', () => {
    const files = readArchive(join(mac, 'Resources/app.asar'));
    expect(pathsIn(files)).toEqual(expectedPaths(withScales(['Template']), 'darwin-arm64.node'));
    expect(files.filter(({ isUnpacked }) => isUnpacked).map(({ path }) => path)).toEqual([
      'node_modules/better-sqlite3/prebuilds/darwin-arm64.node',
    ]);
    expect(bytesOfCode(files)).toBeLessThan(6_000_000);
  });

  it('is an app of the menu bar that says who it is and why it reads folders', () => {
    const list = readFileSync(join(mac, 'Info.plist'), 'utf8');
    const keys = [
      'CFBundleIdentifier',
      'CFBundleName',
      'LSUIElement',
      'NSAppSleepDisabled',
      'LSApplicationCategoryType',
      'LSMinimumSystemVersion',
    ];
    expect(Object.fromEntries(keys.map((key) => [key, entryOf(list, key)]))).toEqual({
      CFBundleIdentifier: 'io.github.nightjar',
      CFBundleName: 'Nightjar',
      LSUIElement: true,
      NSAppSleepDisabled: true,
      LSApplicationCategoryType: 'public.app-category.utilities',
      LSMinimumSystemVersion: '13.0',
    });
    for (const folderName of ['DocumentsFolder', 'DesktopFolder', 'DownloadsFolder', 'RemovableVolumes', 'NetworkVolumes']) {
      expect(entryOf(list, `NS${folderName}UsageDescription`)).toMatch(/^Nightjar \w+ .*\.$/);
    }
  });

  it('has its fuses set, and the digest of its archive in the list that is signed', () => {
    expect(readFuses(join(mac, 'Frameworks/Electron Framework.framework/Electron Framework'))).toBe(wantedFuses);
    expect(readFileSync(join(mac, 'Info.plist'), 'utf8')).toMatch(
      /<key>Resources\/app\.asar<\/key>\s*<dict>\s*<key>algorithm<\/key>\s*<string>SHA256</,
    );
  });

  it('shows its own icon', () => {
    const icon = entryOf(readFileSync(join(mac, 'Info.plist'), 'utf8'), 'CFBundleIconFile');
    const drawn = readFileSync(join(import.meta.dirname, '../../build/icons/app/icon.icns'));
    expect(readFileSync(join(mac, 'Resources', String(icon)))).toEqual(drawn);
  });
});
