import { execFileSync } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Contender, describeFailure, type Invocation, listFiles, type Place, runUnmeasured, sentBytes } from './contender.ts';
import { megabytes } from './figures.ts';
import { type Measurement, measure } from './measure.ts';
import type { Patience } from './patience.ts';
import type { Measured } from './results.ts';
import { say } from './say.ts';

/** How the steps of a bench are measured. */
export interface Conditions {
  readonly patience: Patience;
  /** After this long a step has failed. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Makes the place of a contender below a folder, and sets the contender up there. */
export async function makePlace(contender: Contender, parent: string, source: string): Promise<Place> {
  const folder = join(parent, contender.id);
  const place = { source, folder, destination: join(folder, 'destination'), restored: join(parent, `${contender.id}-restored`) };
  await mkdir(place.destination, { recursive: true });
  for (const invocation of contender.setUp(place)) runUnmeasured(invocation);
  return place;
}

/** Measures a backup. Throws where it fails; what the contender keeps is then as the backup left it. */
export async function measureBackup(contender: Contender, place: Place, conditions: Conditions): Promise<Measured> {
  const kept = `${place.folder}-before`;
  copyFolder(place.folder, kept);
  const again = async () => {
    await rm(place.folder, { recursive: true });
    copyFolder(kept, place.folder);
  };
  try {
    return await measureUndisturbed(`${contender.name}: backup`, conditions, again, async () => {
      const before = listFiles(place.destination);
      const measured = await measureOnce(contender.backUp(place), [place.folder, dirname(place.source)], conditions, contender.warningCode);
      const facts = contender.readFacts?.(place, measured) ?? {};
      return toMeasured(measured, sentBytes(before, listFiles(place.destination), contender.isSent), facts);
    });
  } finally {
    await rm(kept, { recursive: true, force: true });
  }
}

/** Measures that the latest backup is brought back, and looks at what came back with `prove`. Throws where either fails. */
export async function measureRestore(
  contender: Contender,
  place: Place,
  conditions: Conditions,
  prove: (restored: string) => Promise<readonly string[]>,
): Promise<Measured> {
  const again = async () => {
    await rm(place.restored, { recursive: true, force: true });
    await mkdir(place.restored);
  };
  await again();
  try {
    const measured = await measureUndisturbed(`${contender.name}: restore`, conditions, again, async () => {
      const restore = contender.restore(place);
      return toMeasured(await measureOnce(restore, [place.folder, place.restored], conditions), contender.restoredFrom(place), {});
    });
    const failures = await prove(contender.restoredPath(place));
    if (failures.length > 0) throw new Error(`what it restored is wrong: ${failures.join('; ')}`);
    return measured;
  } finally {
    await rm(place.restored, { recursive: true, force: true });
  }
}

/** Measures again where other programs took much of the machine, as far as the patience goes, and takes the least disturbed. */
async function measureUndisturbed(
  name: string,
  { patience, signal }: Conditions,
  again: () => Promise<void>,
  measureStep: () => Promise<Measured>,
): Promise<Measured> {
  let best: Measured | undefined;
  for (let attempt = 1; ; attempt++) {
    // What was written before must not be written out on this one's time.
    execFileSync('sync');
    await patience.waitForQuiet(signal);
    const measured = await measureStep();
    const seconds = (measured.wallMs / 1000).toFixed(1);
    const others = Math.round(measured.othersShare * 100);
    say(`  ${name}: ${seconds} s, ${megabytes(measured.movedBytes)}, while other programs used ${others} % of the machine`);
    if (!best || measured.othersShare < best.othersShare) best = measured;
    if (!patience.isMadeAgain(measured.othersShare, attempt)) return best;
    await again();
  }
}

async function measureOnce(
  { command, env }: Invocation,
  folders: readonly string[],
  { timeoutMs, signal }: Conditions,
  warningCode = 0,
): Promise<Measurement> {
  const measured = await measure({ command, folders, timeoutMs, signal, ...(env ? { env } : {}) });
  if (measured.exitCode === 0 || measured.exitCode === warningCode) return measured;
  if (measured.exitCode === null) throw new Error(`it did not end within ${timeoutMs / 1000} s`);
  throw new Error(describeFailure(measured.exitCode, `${measured.stderr}${measured.stdout}`));
}

function toMeasured({ stdout: _stdout, stderr: _stderr, ...figures }: Measurement, movedBytes: number, facts: Measured['facts']): Measured {
  return { ...figures, movedBytes, facts };
}

/** Copies a folder with the times of its files, by which some contenders know them. */
export function copyFolder(from: string, to: string): void {
  execFileSync('cp', ['-a', from, to]);
}
