import { join } from 'node:path';
import { Arch, build, type Configuration, Platform } from 'electron-builder';
import { projectFolder } from '../support/built-app.ts';
import { writeLinuxStub, writeMacStub } from './stub-distribution.ts';

/** Packs what was built into stubs of Electron: `node pack-stubs.ts FOLDER SYSTEM...`, with `linux` and `darwin` as systems. */
const [folder = '', ...systems] = process.argv.slice(2);
const stubs = { linux: join(folder, 'stub-linux'), darwin: join(folder, 'stub-darwin') };
writeLinuxStub(stubs.linux);
writeMacStub(stubs.darwin);

const arch = process.arch === 'arm64' ? Arch.arm64 : Arch.x64;
const targets = new Map([
  ...(systems.includes('linux') ? Platform.LINUX.createTarget('dir', arch) : []),
  ...(systems.includes('darwin') ? Platform.MAC.createTarget('dir', Arch.arm64) : []),
]);
const config: Configuration = {
  extends: 'build/electron-builder.yml',
  directories: { output: join(folder, 'packed'), buildResources: 'build' },
  electronDist: ({ platformName }) => (platformName === 'darwin' ? stubs.darwin : stubs.linux),
  // Nobody can sign a stub.
  mac: { identity: null },
};
await build({ projectDir: projectFolder, publish: 'never', targets, config });
