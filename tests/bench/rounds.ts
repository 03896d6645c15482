import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { countRows } from '../support/prove-object.ts';
import { type Application, openApplication } from './application.ts';
import { type Change, comparePages, digestPages, measureChange } from './changed-pages.ts';
import type { Contender, Place } from './contender.ts';
import { type Day, days } from './days.ts';
import { type Measured, type Series, type StepName, stepNames } from './results.ts';
import { say } from './say.ts';
import { type Conditions, makePlace, measureBackup, measureRestore } from './step.ts';

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
 * Lets all contenders back up the same database on the same three days, in so many rounds, while the application that it belongs to has
 * it open. Each round begins with another contender, so that none always runs after the same one. One that fails is left out from
 * there on. Afterwards the database is as the last day left it, and nobody has it open.
 */
export async function measureRounds(
  contenders: readonly Contender[],
  { source, folder, rounds, conditions }: { source: string; folder: string; rounds: number; conditions: Conditions },
): Promise<Rounds> {
  const firstDay = join(folder, 'first-day.db');
  if (rounds > 1) await copyFile(source, firstDay);
  const entrants = contenders.map((contender): Entrant => ({ contender, steps: noSteps(), failure: null }));
  let changes: Rounds['changes'] | undefined;
  for (let round = 0; round < rounds; round++) {
    say(`round ${round + 1} of ${rounds}`);
    if (round > 0) await copyFile(firstDay, source);
    const roundFolder = join(folder, `round-${round + 1}`);
    await mkdir(roundFolder);
    const application = await openApplication(source);
    try {
      const inTurn = [...entrants.slice(round % entrants.length), ...entrants.slice(0, round % entrants.length)];
      changes = await measureRound(inTurn, { source, folder: roundFolder, application, conditions });
    } finally {
      await application.close();
      await rm(roundFolder, { recursive: true, force: true });
    }
  }
  await rm(firstDay, { force: true });
  if (!changes) throw new RangeError('no round was made');
  return { series: entrants.map(({ contender: { id, name }, steps, failure }) => ({ id, name, steps, failure })), changes };
}

interface RoundScene {
  readonly source: string;
  readonly folder: string;
  readonly application: Application;
  readonly conditions: Conditions;
}

async function measureRound(entrants: readonly Entrant[], scene: RoundScene): Promise<Rounds['changes']> {
  const { source, folder, conditions } = scene;
  const places = new Map<Entrant, Place>();
  const prove =
    ({ contender }: Entrant) =>
    (restored: string) =>
      contender.keepsPages ? comparePages(source, restored) : compareRows(source, restored);
  const forEach = async (work: (entrant: Entrant, place: Place) => Promise<void>) => {
    for (const entrant of entrants)
      await leavingOutFailures(entrant, conditions.signal, async () => {
        const place = places.get(entrant) ?? (await makePlace(entrant.contender, folder, source));
        places.set(entrant, place);
        await work(entrant, place);
      });
  };
  const backUp = async (entrant: Entrant, place: Place, step: StepName) =>
    void entrant.steps[step].push(await measureBackup(entrant.contender, place, conditions));
  const restore = async (entrant: Entrant, place: Place, step: StepName) =>
    void entrant.steps[step].push(await measureRestore(entrant.contender, place, conditions, prove(entrant)));

  say('first backup');
  await forEach(async (entrant, place) => {
    await backUp(entrant, place, 'first');
    await restore(entrant, place, 'restore-first');
  });
  const mixed = await spendDay(scene, 'mixed', days.mixed);
  await forEach(async (entrant, place) => {
    await backUp(entrant, place, 'mixed');
    if (entrant.contender.sends === 'changes') await restore(entrant, place, 'restore-mixed');
  });
  const appends = await spendDay(scene, 'appends', days.appends);
  await forEach(async (entrant, place) => {
    if (entrant.contender.sends === 'changes') await backUp(entrant, place, 'appends');
  });
  return { mixed, appends };
}

async function spendDay({ source, application }: RoundScene, name: keyof Rounds['changes'], day: Day): Promise<Change> {
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
