import { realpath } from 'node:fs/promises';
import { type FoundDatabase, nameForSource } from '../../domain/found-sources.ts';
import type { Engine } from '../engine.ts';
import { withinLimit } from '../platform/within-limit.ts';
import type { Ports } from '../ports.ts';
import { databaseFiles } from '../sqlite/database-file.ts';

/** A database as its files are, before it is known what the engine has to do with it. */
export type DatabaseFacts = Pick<FoundDatabase, 'path' | 'bytes' | 'lastWriteMs' | 'journalMode'>;

/** What the engine has to do with a source: the job that backs it up and its name, or a name that no other has been given. */
export type Known = (path: string) => { readonly name: string; readonly job: string | null };

/** A disk that does not answer is not waited for. */
const lookWithinMs = 2000;
/** A busy machine has thousands of open files to look through. */
const askWithinMs = 10_000;

/** Where a path leads; the path itself where that cannot be told: then nothing was found there either. */
export async function realOrSame({ clock }: Pick<Ports, 'clock'>, path: string): Promise<string> {
  return withinLimit(clock, lookWithinMs, undefined, () => realpath(path)).catch(() => path);
}

/** Knows the sources of the jobs by their real paths. */
export async function knowSources({ catalog, ports, settings }: Engine): Promise<Known> {
  const jobs = new Map<string, string>();
  for (const { name, source } of settings.current.jobs) jobs.set(await realOrSame(ports, source.path), name);
  const taken = [...jobs.values(), ...catalog.knownJobs()];
  return (path) => {
    const job = jobs.get(path) ?? null;
    const name = job ?? nameForSource(path, taken);
    taken.push(name);
    return { name, job };
  };
}

/** Asks which of the databases other programs have open now; `null` for each where the system does not say. */
export async function usedAmong({ ports }: Engine, paths: readonly string[]): Promise<(path: string) => boolean | null> {
  const files = paths.flatMap(databaseFiles);
  const ask = () => withinLimit(ports.clock, askWithinMs, undefined, () => ports.handles.among(files)).catch(() => null);
  const open = files.length === 0 ? null : await ask();
  return (path) => open && databaseFiles(path).some((file) => open.has(file));
}
