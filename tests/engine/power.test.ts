import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePmset, readSupplies } from '../../electron/engine/platform/power.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

type Supply = Readonly<Record<string, string>>;
const mains: Supply = { type: 'Mains', online: '1' };
const battery = (status: string, capacity?: string): Supply => ({ type: 'Battery', status, ...(capacity ? { capacity } : {}) });

describe("Linux's power supplies", () => {
  it.each<[string, readonly Supply[], unknown]>([
    ['a desktop', [mains], null],
    ['nothing', [], null],
    ['a desktop with a mouse', [mains, { ...battery('Discharging', '10'), scope: 'Device' }], null],
    ['a notebook at the mains', [mains, battery('Charging', '55')], { onBattery: false, percent: 55 }],
    ['a full notebook', [mains, battery('Full', '100')], { onBattery: false, percent: 100 }],
    ['a notebook on the way', [battery('Discharging', '41')], { onBattery: true, percent: 41 }],
    ['two batteries, one at work', [battery('Unknown', '5'), battery('Discharging', '90')], { onBattery: true, percent: 90 }],
    ['a battery that does not say how full it is', [battery('Discharging')], { onBattery: true, percent: null }],
  ])('of %s', async (_, supplies, power) => {
    await using folder = await makeTempFolder();
    for (const [at, supply] of supplies.entries()) {
      await mkdir(join(folder.path, `S${at}`));
      for (const [file, text] of Object.entries(supply)) await writeFile(join(folder.path, `S${at}`, file), `${text}\n`);
    }
    expect(await readSupplies(folder.path)).toEqual(power);
  });
});

describe('what pmset says', () => {
  it.each([
    [
      "Now drawing from 'AC Power'\n -InternalBattery-0 (id=1)\t97%; charging; 0:20 remaining present: true",
      { onBattery: false, percent: 97 },
    ],
    ["Now drawing from 'Battery Power'\n -InternalBattery-0 (id=1)\t8%; discharging; 0:20 remaining", { onBattery: true, percent: 8 }],
    ["Now drawing from 'AC Power'\n", { onBattery: false, percent: null }],
    ['pmset: no such thing', null],
  ])('%j', (text, power) => {
    expect(parsePmset(text)).toEqual(power);
  });
});
