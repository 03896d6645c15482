import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Power } from '../../domain/job-rules.ts';
import type { Clock } from '../ports.ts';
import { runCommand } from './command.ts';

const linuxFolder = '/sys/class/power_supply';

/** Where the machine's power comes from; `null` where this platform cannot tell. Never throws. */
export async function readPower(clock: Clock): Promise<Power | null> {
  try {
    if (process.platform === 'linux') return await readSupplies(linuxFolder);
    if (process.platform === 'darwin') return parsePmset(await pmset(clock));
  } catch {
    // A machine without a battery may have neither.
  }
  return null;
}

/** Reads Linux's folder of power supplies (Documentation/ABI/testing/sysfs-class-power); `null` where no battery feeds the machine. */
export async function readSupplies(folder: string): Promise<Power | null> {
  const batteries = [];
  for (const name of await readdir(folder)) {
    const read = (file: string) =>
      readFile(join(folder, name, file), 'utf8').then(
        (text) => text.trim(),
        () => null,
      );
    // The battery of a mouse has the scope "Device".
    if ((await read('type')) !== 'Battery' || (await read('scope')) === 'Device') continue;
    batteries.push({ status: await read('status'), capacity: await read('capacity') });
  }
  if (batteries.length === 0) return null;
  const percents = batteries.flatMap(({ capacity }) => (capacity !== null && /^\d+$/.test(capacity) ? Number(capacity) : []));
  return {
    onBattery: batteries.some(({ status }) => status === 'Discharging'),
    percent: percents.length === 0 ? null : Math.max(...percents),
  };
}

/** Reads what `pmset -g batt` says on macOS. */
export function parsePmset(text: string): Power | null {
  const source = /drawing from '([^']+)'/.exec(text)?.[1];
  if (source === undefined) return null;
  const percent = /(\d{1,3})%/.exec(text)?.[1];
  return { onBattery: source === 'Battery Power', percent: percent === undefined ? null : Number(percent) };
}

async function pmset(clock: Clock): Promise<string> {
  const command = { program: '/usr/bin/pmset', args: ['-g', 'batt'], cwd: '/', env: {}, limitMs: 5000, maxOutputBytes: 65_536 };
  return (await runCommand(command, clock)).stdout.toString();
}
