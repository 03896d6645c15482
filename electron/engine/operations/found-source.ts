import { realpath } from 'node:fs/promises';
import { type FoundDatabase, nameForSource } from '../../domain/found-sources.ts';
import type { Engine } from '../engine.ts';
import { databaseFiles } from '../sqlite/database-file.ts';

/** A database as its files are, before it is known what the engine has to do with it. */
export type DatabaseFacts = Pick<FoundDatabase, 'path' | 'bytes' | 'lastWriteMs' | 'journalMode'>;

/** What the engine has to do with a source: the job that backs it up and its name, or a name that no other has been given. */
export type Known = (path: string) => { readonly name: string; readonly job: string | null };

/** Knows the sources of the jobs by their real paths. */
export async function knowSources({ catalog, settings }: Engine): Promise<Known> {
  const jobs = new Map<string, string>();
  for (const { name, source } of settings.current.jobs) {
    // A source that is away cannot have been found either.
    jobs.set(await realpath(source.path).catch(() => source.path), name);
  }
  const taken = [...jobs.values(), ...catalog.knownJobs()];
  return (path) => {
    const job = jobs.get(path) ?? null;
    const name = job ?? nameForSource(path, taken);
    taken.push(name);
    return { name, job };
  };
}

/** Asks which of the databases other programs have open now. */
export async function usedAmong({ ports }: Engine, paths: readonly string[]): Promise<(path: string) => boolean | null> {
  const open = paths.length === 0 ? new Set<string>() : await ports.handles.among(paths.flatMap(databaseFiles));
  return (path) => open && databaseFiles(path).some((file) => open.has(file));
}
