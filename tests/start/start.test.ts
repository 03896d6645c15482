import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../support/built-app.ts';
import { asOrdinaryUser, skipWhereClosed } from '../support/ordinary-user.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

const isPosix = process.platform !== 'win32';
if (!isPosix) process.stderr.write('npm start is not tried here: its end needs signals, which Windows has not\n');
const isLinux = process.platform === 'linux';
if (!isLinux) process.stderr.write('npm start without a display is not tried here: only Linux can be without one\n');

/** `npm start` of what was built, with an environment of its own. */
function start(home: string, environment: Readonly<Record<string, string>>, user: { readonly uid?: number } = {}) {
  const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...rest } = process.env;
  const child = spawn(process.execPath, [join(projectFolder, 'build/start.ts'), '--no-build'], {
    env: { ...rest, NIGHTJAR_HOME: home, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
    ...user,
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return {
    child,
    said: () => said,
    seen: async (pattern: RegExp): Promise<string> => {
      for (;;) {
        const found = pattern.exec(said);
        if (found !== null) return found[0];
        const [ended] = await Promise.race([once(child.stdout, 'data').then(() => [false]), once(child, 'close').then(() => [true])]);
        if (ended && !pattern.test(said)) throw new Error(`it ended after saying: ${said}`);
      }
    },
  };
}

describe.runIf(isLinux)('without a display', () => {
  it('says so in one sentence, serves the same window, and ends with it at Ctrl-C', async () => {
    await using folder = await makeTempFolder();
    const started = start(join(folder.path, 'home'), {});
    const url = await started.seen(/http:\/\/127\.0\.0\.1:\S+/);
    const answer = await fetch(url, { redirect: 'manual' });
    expect(answer.status).toBeLessThan(400);
    expect(started.said().split('\n')[0]).toBe(
      'The app does not open here, since there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set); the same window opens in a browser instead.',
    );
    // As a terminal and npm do, both at once.
    started.child.kill('SIGINT');
    started.child.kill('SIGINT');
    expect(await once(started.child, 'close')).toEqual([0, null]);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });
});

describe.runIf(isPosix)('with Electron', () => {
  it('opens the app in the project, and passes Ctrl-C on to it once', async (context) => {
    skipWhereClosed(context);
    await using folder = await makeTempFolder();
    const record = join(folder.path, 'record');
    const program = `#!${process.execPath}
      const { appendFileSync } = require('node:fs');
      appendFileSync(${JSON.stringify(record)}, process.argv[2] + '\\n');
      process.on('SIGINT', () => { appendFileSync(${JSON.stringify(record)}, 'SIGINT\\n'); setTimeout(() => process.exit(3), 500); });
      setInterval(() => {}, 1000);
      console.log('open');`;
    mkdirSync(join(folder.path, 'dist/Electron.app/Contents/MacOS'), { recursive: true });
    for (const name of ['electron', 'Electron.app/Contents/MacOS/Electron']) {
      writeFileSync(join(folder.path, 'dist', name), program);
      chmodSync(join(folder.path, 'dist', name), 0o755);
    }
    const environment = { DISPLAY: ':0', ELECTRON_OVERRIDE_DIST_PATH: join(folder.path, 'dist') };
    const started = start(join(folder.path, 'home'), environment, asOrdinaryUser(folder.path));
    await started.seen(/open/);
    started.child.kill('SIGINT');
    started.child.kill('SIGINT');
    expect(await once(started.child, 'close')).toEqual([3, null]);
    expect(readFileSync(record, 'utf8')).toBe(`${projectFolder}\nSIGINT\n`);
    expect(existsSync(join(folder.path, 'home'))).toBe(false);
  });
});
