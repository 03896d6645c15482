import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { GitScene } from '../support/git-remote.ts';
import { type Random, startRandom } from '../support/sample-content.ts';

/** What a file of the person's is in the last commit, in the index, and on disk; `null` where it is not. */
interface Versions {
  readonly head: string | null;
  readonly index: string | null;
  readonly work: string | null;
}

/** Files by their paths, each as git names its content. */
export type Contents = Readonly<Record<string, string>>;

/** Somebody who works with their own git beside a store, and knows what they have done. */
export interface Person {
  /** Edits, stages and commits other files until the time is over, and then leaves one change of every kind. */
  work(overMs: number): Promise<void>;
  /** What the last commit, the index and the disk must have of the files outside the store. */
  expected(): { readonly head: Contents; readonly index: Contents; readonly work: Contents };
  /** The subjects of their commits, oldest first. */
  readonly commits: readonly string[];
  /** How often their git was in the way of another one, and was called again. */
  readonly retries: number;
}

const names = ['src/main.c', 'src/a file.txt', 'src/deep/übung.txt', 'docs/one.md', 'docs/two.md', 'todo.txt', '-n.txt', 'storehouse.txt'];
/** What git says where another git is at work at the same moment. */
const inTheWay = /Unable to create '.+\.lock': File exists|cannot lock ref|index file (?:open|corrupt)/;

/** Starts with every file committed; `git` must stand at that commit. */
export async function hirePerson(scene: GitScene, seed: number): Promise<Person> {
  const random = startRandom(seed);
  const files = new Map<string, Versions>();
  const commits: string[] = [];
  let retries = 0;

  const git = async (...args: readonly string[]): Promise<void> => {
    for (let tries = 1; ; tries += 1) {
      try {
        await scene.git(...args);
        return;
      } catch (error) {
        if (tries === 100 || !inTheWay.test(String((error as { stderr?: unknown }).stderr))) throw error;
        retries += 1;
        await wait(20 + random.below(200));
      }
    }
  };
  const change = (name: string, versions: Partial<Versions>) => files.set(name, { ...versionsOf(name), ...versions });
  const versionsOf = (name: string): Versions => files.get(name) ?? { head: null, index: null, work: null };
  const edit = async (name: string) => {
    const text = textBy(random);
    await scene.write({ [name]: text });
    change(name, { work: text });
  };
  const stage = async (name: string) => {
    const { index, work } = versionsOf(name);
    if (index === null && work === null) return;
    await git('add', '--', name);
    change(name, { index: work });
  };
  const commit = async (...only: readonly string[]) => {
    const subject = `work ${commits.length + 1}`;
    await git('commit', '--quiet', '-m', subject, '--', ...only);
    commits.push(subject);
    for (const [name, { index, work }] of files) {
      if (only.includes(name)) change(name, { head: work, index: work });
      else if (only.length === 0) change(name, { head: index });
    }
  };
  const remove = async (name: string) => {
    await rm(join(scene.project, name), { force: true });
    change(name, { work: null });
  };
  const act = async () => {
    const name = names[random.below(names.length)] as string;
    const { head, index, work } = versionsOf(name);
    switch (random.below(9)) {
      case 0:
      case 1:
        return edit(name);
      case 2:
        await edit(name);
        return stage(name);
      case 3: // Half of it is staged.
        await edit(name);
        await stage(name);
        return edit(name);
      case 4:
        return [...files.values()].some((each) => each.head !== each.index) ? commit() : edit(name);
      case 5:
        return index !== null && work !== null && work !== head ? commit(name) : edit(name);
      case 6:
        if (index === head) return stage(name);
        await git('restore', '--staged', '--', name);
        change(name, { index: head });
        return;
      case 7:
        return remove(name);
      default:
        await git('status', '--short');
        await git('diff', '--cached', '--stat');
    }
  };
  const leave = async () => {
    const [half = '', staged = '', unstaged = '', gone = '', fresh = '', unknown = ''] = names;
    for (const name of [half, staged, unstaged, gone]) {
      await edit(name);
      await stage(name);
    }
    await git('rm', '--quiet', '--cached', '--force', '--ignore-unmatch', '--', fresh, unknown);
    for (const name of [fresh, unknown]) change(name, { index: null });
    await commit();
    for (const name of [half, staged, fresh]) {
      await edit(name);
      await stage(name);
    }
    for (const name of [half, unstaged, unknown]) await edit(name);
    await git('rm', '--quiet', '--', gone);
    change(gone, { index: null, work: null });
  };

  await scene.write({ 'README.md': 'read me\n' });
  files.set('README.md', { head: 'read me\n', index: 'read me\n', work: 'read me\n' });
  for (const name of names) {
    await edit(name);
    await stage(name);
  }
  await commit();
  return {
    commits,
    get retries() {
      return retries;
    },
    work: async (overMs) => {
      const endMs = performance.now() + overMs;
      while (performance.now() < endMs) {
        await act();
        await wait(random.below(300));
      }
      await leave();
    },
    expected: () => ({ head: contentsOf(files, 'head'), index: contentsOf(files, 'index'), work: contentsOf(files, 'work') }),
  };
}

function textBy(random: Random): string {
  return Array.from({ length: 1 + random.below(20) }, () => `line ${random.below(1_000_000)}\n`).join('');
}

function contentsOf(files: ReadonlyMap<string, Versions>, version: keyof Versions): Contents {
  const known = [...files].flatMap(([name, { [version]: text }]) => (text === null ? [] : [[name, blobOf(Buffer.from(text))] as const]));
  return Object.fromEntries(known.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** How git names the content of a file. */
export function blobOf(bytes: Buffer): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
