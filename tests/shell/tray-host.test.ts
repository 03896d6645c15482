import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import type { Surroundings } from '../../electron/shell/surroundings.ts';
import { findTrayHost } from '../../electron/shell/tray-host.ts';
import { openAppScene } from '../support/app-scene.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

const around = (platform: NodeJS.Platform, PATH: string): Surroundings => ({ platform, environment: { PATH }, execPath: '', args: [] });

/** A folder with a `gdbus` that says and does this. */
async function withBus(script: string) {
  const folder = await makeTempFolder();
  const path = join(folder.path, 'gdbus');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return folder;
}

const isWindows = process.platform === 'win32';
if (isWindows) process.stderr.write('who shows icons of a tray on Linux is not asked here: that needs a shell\n');

describe.skipIf(isWindows)('who shows icons of a tray', () => {
  it.each([
    ['somebody', 'echo "(true,)"', true],
    ['nobody', 'echo "(false,)"', false],
    ['whoever is on a bus that does not answer', 'echo "Error connecting" >&2; exit 1', null],
  ])('on Linux is %s', async (_, script, expected) => {
    await using folder = await withBus(script);
    expect(await findTrayHost(around('linux', folder.path), systemClock)).toBe(expected);
  });

  it('on Linux is unknown without the means to ask', async () => {
    await using folder = await makeTempFolder();
    expect(await findTrayHost(around('linux', folder.path), systemClock)).toBeNull();
  });

  it.each(['darwin', 'win32'] as const)('on %s is the system', async (platform) => {
    expect(await findTrayHost(around(platform, ''), systemClock)).toBe(true);
  });

  it('where nobody does, the app stays with its window and puts no icon anywhere', async () => {
    await using folder = await withBus('echo "(false,)"');
    await using scene = await openAppScene({ surroundings: around('linux', folder.path) });
    const { client } = await scene.begin();
    expect([scene.electron.trays.length, scene.electron.windows.length, (await client.desktop.info()).hasTray]).toEqual([0, 1, false]);
  });
});
