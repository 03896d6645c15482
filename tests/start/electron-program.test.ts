import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchElectron, findElectron } from '../../build/electron-program.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';

let folder: TempFolder;
beforeAll(async () => {
  folder = await makeTempFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

/** A package as Electron's is, whose installer does what is given. */
function packageWith(name: string, installer: string): string {
  const path = join(folder.path, name);
  mkdirSync(path);
  writeFileSync(join(path, 'install.js'), installer);
  return path;
}

const installs = `
  const { mkdirSync, writeFileSync } = require('node:fs');
  mkdirSync(__dirname + '/dist');
  writeFileSync(__dirname + '/dist/electron', 'a program');
  writeFileSync(__dirname + '/path.txt', 'electron');`;

function options(patienceMs: number, signal = new AbortController().signal) {
  return { patienceMs, environment: process.env, signal };
}

describe('findElectron', () => {
  it('finds nothing before it was fetched', () => {
    expect(findElectron(packageWith('empty', ''), {})).toEqual({ state: 'absent' });
  });

  it('finds nothing where what was fetched is gone', () => {
    const path = packageWith('gone', '');
    writeFileSync(join(path, 'path.txt'), 'electron');
    expect(findElectron(path, {})).toEqual({ state: 'absent' });
  });

  it('finds what a person put elsewhere', () => {
    const path = packageWith('elsewhere', '');
    writeFileSync(join(path, 'electron'), 'a program');
    expect(findElectron(path, { ELECTRON_OVERRIDE_DIST_PATH: path })).toEqual({ state: 'present', path: join(path, 'electron') });
  });
});

describe('fetchElectron', () => {
  it('gives the program that was fetched', async () => {
    const path = packageWith('fetched', installs);
    expect(await fetchElectron(path, options(60_000))).toEqual({ state: 'present', path: join(path, 'dist/electron') });
  });

  it('says why it failed, in the words of the installer', async () => {
    const path = packageWith('failing', 'console.error("TypeError: fetch failed\\n    at fetch (file.js:1:1)"); process.exit(1)');
    expect(await fetchElectron(path, options(60_000))).toEqual({ state: 'unobtainable', why: 'fetch failed' });
  });

  it('does not take an installer at its word', async () => {
    const path = packageWith('lying', '');
    expect(await fetchElectron(path, options(60_000))).toEqual({ state: 'unobtainable', why: 'what was fetched has no program' });
  });

  it('gives a line up on which nothing arrives', async () => {
    await using server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const path = packageWith('silent', `require('node:net').connect(${port}, '127.0.0.1')`);
    expect(await fetchElectron(path, options(500))).toEqual({ state: 'unobtainable', why: 'nothing arrived for 0.5 seconds' });
  });

  it('waits for a slow line as long as something arrives', async () => {
    const slow = `
      const { appendFileSync } = require('node:fs');
      const file = require('node:os').tmpdir() + '/part';
      let times = 0;
      const timer = setInterval(() => {
        appendFileSync(file, 'x');
        if (++times < 80) return;
        clearInterval(timer);
        ${installs}
      }, 50);`;
    const path = packageWith('slow', slow);
    expect(await fetchElectron(path, options(2500))).toEqual({ state: 'present', path: join(path, 'dist/electron') });
  });

  it('ends when it is told to', async () => {
    const stop = new AbortController();
    const fetched = fetchElectron(packageWith('stopped', 'setInterval(() => {}, 1000)'), options(60_000, stop.signal));
    stop.abort();
    expect(await fetched).toEqual({ state: 'unobtainable', why: 'it was told to stop' });
  });
});
