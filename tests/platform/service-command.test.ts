import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { commandOf } from '../../electron/engine/platform/service-command.ts';

const node = '/usr/bin/node';

describe('the command line of the program that runs now', () => {
  it.each([
    [
      'in a checkout',
      { execPath: '/src/nightjar/node_modules/node/bin/node', modulePath: '/src/nightjar/electron/headless/cli.ts', isApp: false },
      ['/src/nightjar/node_modules/node/bin/node', '/src/nightjar/electron/headless/launcher.cjs', 'serve'],
    ],
    [
      'in a checkout, from a command',
      { execPath: node, modulePath: '/src/nightjar/electron/headless/commands/serve.ts', isApp: false },
      [node, '/src/nightjar/electron/headless/launcher.cjs', 'serve'],
    ],
    [
      'installed from npm, below folders with names of ours',
      { execPath: node, modulePath: '/opt/out/headless/lib/node_modules/nightjar/out/headless/commands/serve.js', isApp: false },
      [node, '/opt/out/headless/lib/node_modules/nightjar/electron/headless/launcher.cjs', 'serve'],
    ],
    [
      'on Windows',
      { execPath: 'C:\\Program Files\\nodejs\\node.exe', modulePath: 'C:\\npm\\nightjar\\out\\headless\\cli.js', isApp: false },
      ['C:\\Program Files\\nodejs\\node.exe', 'C:\\npm\\nightjar\\electron\\headless\\launcher.cjs', 'serve'],
    ],
    [
      'in an app',
      {
        execPath: '/Applications/Nightjar.app/Contents/MacOS/Nightjar',
        modulePath: '/Applications/Nightjar.app/Contents/Resources/app.asar/out/headless/cli.js',
        isApp: true,
      },
      ['/Applications/Nightjar.app/Contents/MacOS/Nightjar', 'serve'],
    ],
    [
      'in an AppImage',
      {
        execPath: '/tmp/.mount_NighAbC/nightjar',
        modulePath: '/tmp/.mount_NighAbC/resources/app.asar/out/headless/cli.js',
        isApp: true,
        appImage: '/home/ada/Nightjar.AppImage',
      },
      ['/home/ada/Nightjar.AppImage', 'serve'],
    ],
  ])('%s', (_, running, expected) => {
    expect(commandOf(running, ['serve'])).toEqual(expected);
  });

  it('leads to a file that is there', () => {
    const modulePath = fileURLToPath(new URL('../../electron/headless/cli.ts', import.meta.url));
    const [execPath = '', launcher = ''] = commandOf({ execPath: process.execPath, modulePath, isApp: false }, []);
    expect([existsSync(execPath), existsSync(launcher)]).toEqual([true, true]);
  });

  it.each([
    ['a bare name', { execPath: 'node', modulePath: '/a/electron/headless/cli.ts', isApp: false }, /no absolute path/],
    ['a module from somewhere else', { execPath: node, modulePath: '/a/b/cli.ts', isApp: false }, /not where a module/],
    [
      'the cache of npx',
      { execPath: node, modulePath: '/home/ada/.npm/_npx/1f/node_modules/nightjar/out/headless/cli.js', isApp: false },
      /cache of npx/,
    ],
    [
      'a download',
      { execPath: '/private/var/folders/x/T/AppTranslocation/1/d/Nightjar.app/Contents/MacOS/Nightjar', modulePath: '/x', isApp: true },
      /downloaded/,
    ],
    ['a mount of one start', { execPath: '/tmp/.mount_NighAbC/nightjar', modulePath: '/x', isApp: true }, /mounted/],
  ])('is refused for %s', (_, running, message) => {
    expect(() => commandOf(running, ['serve'])).toThrow(message);
  });
});
