import { cp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fault, Mutation } from './faulty-cli.ts';
import { startRandom } from './sample-content.ts';
import { makeTempFolder } from './temp-folder.ts';

const laneCount = 3;

/**
 * Works on every item in a fresh scene, several at a time, and resolves to all that was found wrong, each with its item named. A
 * lane makes its scene once and copies it back for each item, byte for byte in the same place, since paths are part of it.
 */
export async function tryAll<S extends { readonly root: string }, T>(
  items: readonly T[],
  makeScene: (root: string) => Promise<S>,
  nameOf: (item: T) => string,
  attempt: (scene: S, item: T) => Promise<readonly string[]>,
): Promise<string[]> {
  const left = [...items];
  const problems: string[] = [];
  const runLane = async () => {
    await using folder = await makeTempFolder();
    const template = join(folder.path, 'template');
    const scene = await makeScene(join(folder.path, 'scene'));
    await rename(scene.root, template);
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      await cp(template, scene.root, { recursive: true, preserveTimestamps: true });
      const found = await attempt(scene, item).catch((error: Error) => [`the attempt failed: ${error.stack}`]);
      problems.push(...found.map((problem) => `${nameOf(item as T)}: ${problem}`));
      await rm(scene.root, { recursive: true, force: true });
    }
  };
  await Promise.all(Array.from({ length: laneCount }, runLane));
  return problems;
}

/** A fault at one change of a command. */
export interface FaultPoint extends Omit<Fault, 'list'> {
  readonly mutation: Mutation;
}

/** Every way to be killed at these changes: before it, after it, and in the middle of one that writes. */
export function killPoints(mutations: readonly Mutation[]): FaultPoint[] {
  return mutations.flatMap((mutation) => {
    const acts = ['kill-before', 'kill-after', ...(mutation.tears ? (['kill-torn'] as const) : [])] as const;
    return acts.map((act) => ({ role: 'main' as const, at: mutation.n, act, mutation }));
  });
}

/** Every way in which the disk can be full at these changes: for that one alone, and from then on. */
export function fullPoints(mutations: readonly Mutation[]): FaultPoint[] {
  const needing = mutations.filter(({ allocates }) => allocates);
  return needing.flatMap((mutation) =>
    (['full-once', 'full-from'] as const).map((act) => ({ role: 'main' as const, at: mutation.n, act, mutation })),
  );
}

/** The changes from the first one on whose description has this text; what comes before is the same start for every command. */
export function changesFrom(mutations: readonly Mutation[], text: string): readonly Mutation[] {
  const from = mutations.findIndex(({ what }) => what.startsWith(text));
  if (from === -1) throw new RangeError(`no change is "${text}"`);
  return mutations.slice(from);
}

/** The changes without those in the middle of a row of equal ones, such as the rows of a table: the first and the last stand for them. */
export function withoutRepeats(mutations: readonly Mutation[]): readonly Mutation[] {
  const isSame = (one: Mutation, other: Mutation | undefined) => one.op === other?.op && one.what === other.what;
  return mutations.filter((mutation, i) => !isSame(mutation, mutations[i - 1]) || !isSame(mutation, mutations[i + 1]));
}

/** True for a point at which a name comes, goes or changes, or a write is torn. */
export function isTelling({ mutation: { op }, act }: FaultPoint): boolean {
  return op === 'rename' || op === 'unlink' || op === 'link' || act === 'kill-torn';
}

/**
 * A seeded choice of so many points, and all that are of a kind that must not be left out. Prints the seed. NIGHTJAR_TEST_SAMPLE=5 chooses
 * five times as many.
 */
export function sampleOf(points: readonly FaultPoint[], count: number, isForced: (point: FaultPoint) => boolean = isTelling): FaultPoint[] {
  const seed = Number(process.env.NIGHTJAR_TEST_SEED ?? Date.now() % 1_000_000);
  process.stdout.write(`sample with NIGHTJAR_TEST_SEED=${seed}\n`);
  const random = startRandom(seed);
  const wanted = count * Number(process.env.NIGHTJAR_TEST_SAMPLE ?? 1);
  const left = points.filter((point) => !isForced(point));
  while (left.length > wanted) left.splice(random.below(left.length), 1);
  return points.filter((point) => isForced(point) || left.includes(point));
}

export function nameOfPoint({ act, at, mutation, role }: FaultPoint): string {
  return `${act} ${role === 'worker' ? "worker's " : ''}${at} (${mutation.op} ${mutation.what})`;
}
