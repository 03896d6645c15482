import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openApplication } from './application.ts';
import { makeBrain } from './brain.ts';
import { digestPages, measureChange } from './changed-pages.ts';
import { listFiles, runUnmeasured } from './contender.ts';
import type { Day } from './days.ts';
import { inHome } from './nightjar.ts';
import type { ThirtyDays } from './results.ts';
import { say } from './say.ts';

const days = 30;
/** Rows are shorter than pages, and their index changes with them: this changes about 1 % of the pages. */
const dayOfEdits: Day = { edited: 0.004, appended: 0, deleted: 0 };
const preload = new URL('shifted-days.ts', import.meta.url).href;

interface BackupAnswer {
  readonly snapshot: { readonly copies: readonly { readonly objectName: string; readonly bytes: number }[] };
}

/** Runs Nightjar, as it is set up by default, once on each of thirty days between which rows at scattered places are edited. */
export async function measureThirtyDays(parent: string, bytes: number, signal: AbortSignal): Promise<ThirtyDays> {
  const folder = join(parent, 'thirty-days');
  const [source, home, destination] = [join(folder, 'brain.db'), join(folder, 'home'), join(folder, 'destination')];
  await mkdir(destination, { recursive: true });
  await makeBrain(source, bytes, 1, signal);
  const nightjar = (day: number, ...args: readonly string[]) => {
    const { command, env } = inHome(home, ...args);
    const later = { ...env, NODE_OPTIONS: `--import=${preload}`, NIGHTJAR_BENCH_DAYS_LATER: String(day) };
    return runUnmeasured({ command, env: later });
  };
  nightjar(0, 'destination', 'add', 'folder', 'usb', destination);
  nightjar(0, 'job', 'add', 'brain', '--sqlite', source, '--to', 'usb');
  const application = await openApplication(source);
  const objects: { readonly objectName: string; readonly bytes: number }[] = [];
  const shares: number[] = [];
  try {
    for (let day = 0; day < days; day++) {
      signal.throwIfAborted();
      if (day > 0) {
        const before = await digestPages(source);
        await application.spendDay(dayOfEdits, day);
        const change = await measureChange(source, before);
        shares.push(change.changedPages / change.pages);
      }
      const { snapshot } = JSON.parse(nightjar(day, 'backup', 'brain')) as BackupAnswer;
      objects.push(...snapshot.copies);
      if (day % 10 === 9) say(`  ${day + 1} of ${days} days`);
    }
  } finally {
    await application.close();
  }
  const storedBytes = [...listFiles(destination).values()].reduce((total, file) => total + file.bytes, 0);
  const { size: databaseBytes } = await stat(source);
  await rm(folder, { recursive: true });
  return {
    databaseBytes,
    fullBytes: objects[0]?.bytes ?? Number.NaN,
    storedBytes,
    fulls: objects.filter(({ objectName }) => !objectName.includes('.delta.')).length,
    changedShare: shares.toSorted((a, b) => a - b)[Math.floor(shares.length / 2)] ?? Number.NaN,
    dailyBytes: objects.map(({ bytes: daily }) => daily),
  };
}
