import { watch } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openInBrowser } from '../../electron/engine/platform/open-url.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

const signs = ['DISPLAY', 'WAYLAND_DISPLAY', 'WSL_DISTRO_NAME', 'BROWSER'];

describe.runIf(process.platform === 'linux')('openInBrowser', () => {
  const former = new Map<string, string | undefined>();
  beforeEach(() => {
    for (const sign of signs) {
      former.set(sign, process.env[sign]);
      delete process.env[sign];
    }
  });
  afterEach(() => {
    for (const [sign, value] of former) {
      if (value === undefined) delete process.env[sign];
      else process.env[sign] = value;
    }
  });

  it('opens nothing where there is no browser', async () => {
    expect(await openInBrowser('http://127.0.0.1:9/')).toBe(false);
  });

  it.each(['file:///etc/passwd', 'javascript:alert(1)', '--version', 'not an address', ''])(
    'opens nothing but web addresses: %j',
    async (url) => {
      process.env['BROWSER'] = 'true';
      expect(await openInBrowser(url)).toBe(false);
    },
  );

  it("opens the whole address in the person's own browser", async () => {
    await using folder = await makeTempFolder();
    const browser = join(folder.path, 'browser');
    const opened = join(folder.path, 'opened');
    await writeFile(browser, `#!/bin/sh\nprintf %s "$1" > "${opened}.part" && mv "${opened}.part" "${opened}"\n`);
    await chmod(browser, 0o755);
    process.env['BROWSER'] = browser;
    const url = 'http://127.0.0.1:9/auth?scope=a%20b&state=x-y_z';
    const seen = new Promise<void>((resolve) => {
      const watcher = watch(folder.path, (_, name) => {
        if (name !== 'opened') return;
        watcher.close();
        resolve();
      });
    });
    expect(await openInBrowser(url)).toBe(true);
    await seen;
    expect(await readFile(opened, 'utf8')).toBe(url);
  });
});
