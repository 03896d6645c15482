import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { countRows } from '../support/prove-object.ts';
import { type Application, openApplication } from './application.ts';
import { type Change, comparePages, digestPages, measureChange } from './changed-pages.ts';
import type { Contender, Place } from './contender.ts';
import { type Day, days } from './days.ts';
import { type Measured, type Series, type StepName, stepNames } from './results.ts';
import { say } from './say.ts';
import { type Conditions, copyFolder, makePlace, measureBackup, measureRestore } from './step.ts';

const seeds = { mixed: 2, appends: 3 };

interface Entrant {
  readonly contender: Contender;
  readonly steps: Record<StepName, Measured[]>;
  failure: string | null;
}

/** The rounds of all contenders, and what the days between their backups changed. */
export interface Rounds {
  readonly series: readonly Series[];
  readonly changes: { readonly mixed: Change; readonly appends: Change };
}

/**
 * Lets all contenders back up the same database on the same days, in so many rounds, while the application that it belongs to has it
 * open. Each round begins with another contender, so that none always runs after the same one. One that fails is left out from there
 * on. Afterwards the database is as the last day left it, and nobody has it open.
 */
export async function measureRounds(
  contenders: readonly Contender[],
  { source, folder, rounds, conditions }: { source: string; folder: string; rounds: number; conditions: Conditions },
): Promise<Rounds> {
  const firstDay = join(folder, 'first-day.db');
  await copyFile(source, firstDay);
  const entrants = contenders.map((contender): Entrant => ({ contender, steps: noSteps(), failure: null }));
  let changes: Rounds['changes'] | undefined;
  for (let round = 0; round < rounds; round++) {
    say(`round ${round + 1} of ${rounds}`);
    const roundFolder = join(folder, `round-${round + 1}`);
    await mkdir(roundFolder);
    try {
      const inTurn = [...entrants.slice(round % entrants.length), ...entrants.slice(0, round % entrants.length)];
      changes = await measureRound(inTurn, { source, firstDay, folder: roundFolder, conditions });
    } finally {
      await rm(roundFolder, { recursive: true, force: true });
    }
  }
  await rm(firstDay, { force: true });
  if (!changes) throw new RangeError('no round was made');
  return { series: entrants.map(({ contender: { id, name }, steps, failure }) => ({ id, name, steps, failure })), changes };
}

interface RoundScene {
  readonly source: string;
  /** The source as it was before anything changed. */
  readonly firstDay: string;
  readonly folder: string;
  readonly conditions: Conditions;
}

async function measureRound(entrants: readonly Entrant[], scene: RoundScene): Promise<Rounds['changes']> {
  const { source, folder, conditions } = scene;
  const places = new Map<Entrant, Place>();
  const forEach = async (work: (entrant: Entrant, place: Place) => Promise<void>) => {
    for (const entrant of entrants) {
      await leavingOutFailures(entrant, conditions.signal, async () => {
        const place = places.get(entrant) ?? (await makePlace(entrant.contender, folder, source));
        places.set(entrant, place);
        await work(entrant, place);
      });
    }
  };
  const backUp = async (entrant: Entrant, place: Place, step: StepName) =>
    void entrant.steps[step].push(await measureBackup(entrant.contender, place, conditions));
  const restore = async (entrant: Entrant, place: Place, step: StepName) =>
    void entrant.steps[step].push(await measureRestore(entrant.contender, place, conditions, proof(entrant.contender, source)));

  const mixed = await fromFirstDay(scene, async (application) => {
    say('first backup');
    await forEach(async (entrant, place) => {
      await backUp(entrant, place, 'first');
      await restore(entrant, place, 'restore-first');
      if (entrant.contender.sends === 'changes') copyFolder(place.folder, afterFirst(place));
    });
    const change = await spendDay(scene, application, 'mixed', days.mixed);
    await forEach(async (entrant, place) => {
      await backUp(entrant, place, 'mixed');
      if (entrant.contender.sends === 'changes') await restore(entrant, place, 'restore-mixed');
    });
    return change;
  });
  const appends = await fromFirstDay(scene, async (application) => {
    const change = await spendDay(scene, application, 'appends', days.appends);
    await forEach(async (entrant, place) => {
      await rm(place.folder, { recursive: true });
      if (entrant.contender.sends === 'everything') return;
      await rename(afterFirst(place), place.folder);
      await backUp(entrant, place, 'appends');
    });
    return change;
  });
  return { mixed, appends };
}

/** What a contender keeps, as its first backup left it. */
function afterFirst({ folder }: Place): string {
  return `${folder}-after-first`;
}

async function fromFirstDay<T>({ source, firstDay }: RoundScene, work: (application: Application) => Promise<T>): Promise<T> {
  await copyFile(firstDay, source);
  const application = await openApplication(source);
  try {
    return await work(application);
  } finally {
    await application.close();
  }
}

function proof({ keepsPages }: Contender, source: string): (restored: string) => Promise<string[]> {
  return (restored) => (keepsPages ? comparePages(source, restored) : compareRows(source, restored));
}

async function spendDay({ source }: RoundScene, application: Application, name: keyof Rounds['changes'], day: Day): Promise<Change> {
  const before = await digestPages(source);
  await application.spendDay(day, seeds[name]);
  const change = await measureChange(source, before);
  const share = ((change.changedPages / change.pages) * 100).toFixed(1);
  say(`${name} day: ${share} % of the pages changed; gzip -6 of them: ${(change.limitBytes / 1e6).toFixed(1)} MB`);
  return change;
}

async function leavingOutFailures(entrant: Entrant, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  if (entrant.failure !== null) return;
  try {
    await work();
  } catch (error) {
    signal.throwIfAborted();
    entrant.failure = error instanceof Error ? error.message : String(error);
    say(`  ${entrant.contender.name} failed and is left out: ${entrant.failure}`);
  }
}

/** What is wrong with a copy that should have the rows of the source. */
async function compareRows(source: string, copy: string): Promise<string[]> {
  const [expected, found] = [rowsOf(source), rowsOf(copy)];
  return Object.keys(expected)
    .filter((table) => expected[table] !== found[table])
    .map((table) => `${found[table]} rows of ${table}, expected ${expected[table]}`);
}

function rowsOf(path: string): Record<string, number | null> {
  const database = new Database(path, { readonly: true });
  try {
    return countRows(database);
  } finally {
    database.close();
  }
}

function noSteps(): Record<StepName, Measured[]> {
  return Object.fromEntries(stepNames.map((name) => [name, [] as Measured[]])) as Record<StepName, Measured[]>;
}
