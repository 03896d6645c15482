import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What electron-builder needs of Electron for Linux: a program with fuses, each the other way round, and a folder for the app. */
export function writeLinuxStub(folder: string): void {
  write(folder, 'electron', fuseWire());
  write(folder, 'LICENSE', 'of Electron');
}

/** The same for macOS: the app and its helpers, each with a property list; the fuses are in the framework. */
export function writeMacStub(folder: string): void {
  writeBundle(folder, 'Electron.app', 'Electron');
  write(folder, 'Electron.app/Contents/Resources/electron.icns', '');
  const frameworks = 'Electron.app/Contents/Frameworks';
  write(folder, `${frameworks}/Electron Framework.framework/Electron Framework`, fuseWire());
  for (const kind of ['', ' (GPU)', ' (Plugin)', ' (Renderer)']) {
    writeBundle(folder, `${frameworks}/Electron Helper${kind}.app`, `Electron Helper${kind}`);
  }
}

/** A text that stands before the fuses of every Electron, the version of the list, its length, and each fuse as a digit. */
function fuseWire(): Buffer {
  return Buffer.concat([Buffer.from('\x7fELF dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'), Buffer.from([1, 8]), Buffer.from('10110011 the end')]);
}

function writeBundle(folder: string, path: string, name: string): void {
  write(folder, `${path}/Contents/MacOS/${name}`, '');
  const entries = { CFBundleExecutable: name, CFBundleIdentifier: 'com.github.Electron', CFBundleName: name, CFBundlePackageType: 'APPL' };
  const lines = Object.entries(entries).map(([key, value]) => `<key>${key}</key><string>${value}</string>`);
  write(
    folder,
    `${path}/Contents/Info.plist`,
    `<?xml version="1.0" encoding="UTF-8"?><plist version="1.0"><dict>${lines.join('')}</dict></plist>`,
  );
}

function write(folder: string, path: string, content: string | Buffer): void {
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
  chmodSync(target, 0o755);
}
