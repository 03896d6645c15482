import { chmodSync, copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BackupError } from '../domain/errors.ts';
import { issuesOf } from '../domain/issues.ts';
import {
  type DestinationConfig,
  type GitJob,
  isGitJob,
  isSqliteJob,
  type Job,
  type Settings,
  type SqliteJob,
  sameName,
  settingsSchema,
} from '../domain/model.ts';
import { privateFile, replaceFile } from './platform/atomic-file.ts';
import { errnoOf } from './platform/errno.ts';
import type { Ports, SettingsFile } from './ports.ts';

const fileName = 'settings';

/** The name of the settings file in a data folder. */
export const settingsFileName = `${fileName}.json`;

/** What the settings file holds; `null` where there is none. */
export interface SettingsText {
  readonly text: string | null;
}

/**
 * The settings file of a data folder. Only the engine that holds the lock writes it. A broken file is set aside, never wiped, and
 * the last good settings stay in force.
 */
export class SettingsStore {
  readonly #folder: string;
  readonly #open: Ports['settingsFile'];
  #settings: Settings;
  /** What the file holds as far as we know: what was read, or written, last. */
  #text: string | null;
  #beforeChange: () => void = () => {};
  #afterChange: () => void = () => {};

  private constructor(folder: string, open: Ports['settingsFile'], text: string | null) {
    this.#folder = folder;
    this.#open = open;
    this.#settings = parseText(text, folder);
    this.#text = text;
  }

  /** Reads the file, or falls back to the last good one and says so. Throws `settings-invalid` where there is neither. */
  static open(folder: string, ports: Pick<Ports, 'clock' | 'settingsFile'>, notice: (message: string) => void): SettingsStore {
    const path = join(folder, settingsFileName);
    const lastGood = join(folder, `${fileName}.last-good.json`);
    try {
      return new SettingsStore(folder, ports.settingsFile, readText(folder));
    } catch (error) {
      if (!(error instanceof BackupError) || !existsSync(lastGood)) throw error;
      const aside = join(folder, `${fileName}.broken-${ports.clock.now()}.json`);
      // Copied aside, then replaced in one rename: at no moment is there no settings file.
      copyFileSync(path, aside);
      replaceFile(path, readFileSync(lastGood, 'utf8'));
      notice(`${error.message}; it was set aside as ${aside}, and the last good settings are in force`);
      return new SettingsStore(folder, ports.settingsFile, readText(folder));
    }
  }

  get current(): Settings {
    return this.#settings;
  }

  /**
   * Puts what `next` makes of a job in its place, and returns that. `next` gets the job as it is by now, with what somebody has just
   * written into the file. Throws `job-unknown`, and as `change`.
   */
  replaceJob(name: string, next: (present: Job) => Job): Job {
    this.change((settings) => {
      const present = jobNamed(settings, name);
      return { ...settings, jobs: settings.jobs.map((job) => (job === present ? next(present) : job)) };
    });
    return jobNamed(this.#settings, name);
  }

  /** Replaces the settings on disk and in memory. Throws `settings-invalid` for what the schema refuses; then nothing changed. */
  change(edit: (settings: Settings) => Settings): void {
    this.#beforeChange();
    const next = check(edit(this.#settings), 'the new settings');
    this.#write(next);
    this.#settings = next;
    this.#afterChange();
  }

  /** What somebody else has put into the file since it was read or written last; `null` where nobody has. */
  findEdit(): SettingsText | null {
    const text = readText(this.#folder);
    return text === this.#text ? null : { text };
  }

  /** Puts settings in force that somebody else has written as `text`, and keeps them as the last good ones. */
  acceptEdit(settings: Settings, text: string | null): void {
    chmodSync(join(this.#folder, settingsFileName), privateFile);
    this.#keepLastGood();
    this.#text = text;
    this.#settings = settings;
  }

  /** Keeps what somebody else has written beside the file, under the name that is returned, and puts back what was in it before. */
  refuseEdit({ text }: SettingsText, nowMs: number): string | null {
    const aside = text === null ? null : join(this.#folder, `${fileName}.broken-${nowMs}.json`);
    if (aside !== null && text !== null) writeFileSync(aside, text, { mode: privateFile });
    const path = join(this.#folder, settingsFileName);
    // Not by way of Conf, which reads what is there first.
    if (this.#text === null) rmSync(path, { force: true });
    else replaceFile(path, this.#text);
    return aside;
  }

  /** Has `act` called before every change, so that what somebody else has written a moment ago is not written over. */
  beforeChange(act: () => void): void {
    this.#beforeChange = act;
  }

  /** Has `act` called after every change that is asked for here, when it is in force; what it was asked for by may not be done yet. */
  afterChange(act: () => void): void {
    this.#afterChange = act;
  }

  #write(settings: Settings): void {
    openFile(this.#folder, this.#open).store = settings as unknown as Record<string, unknown>;
    this.#keepLastGood();
    this.#text = readText(this.#folder);
  }

  #keepLastGood(): void {
    copyFileSync(join(this.#folder, settingsFileName), join(this.#folder, `${fileName}.last-good.json`));
  }
}

function readText(folder: string): string | null {
  try {
    return readFileSync(join(folder, settingsFileName), 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Reads and checks the settings of a data folder without changing anything. Throws `settings-invalid`. */
export function readSettings(folder: string): Settings {
  return parseText(readText(folder), folder);
}

function parseText(text: string | null, folder: string): Settings {
  if (text === null) return settingsSchema.parse({});
  const path = join(folder, settingsFileName);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BackupError('settings-invalid', `the settings file ${path} is not JSON: ${(cause as Error).message}`, {
      cause,
      hint: 'correct it, or move it away to begin with empty settings; snapshots at destinations are not affected',
    });
  }
  return check(value, `the settings file ${path}`);
}

/** The configured job of this name. Throws `job-unknown`. */
export function jobNamed(settings: Settings, name: string): Job {
  const job = settings.jobs.find((candidate) => sameName(candidate.name, name));
  if (job) return job;
  throw new BackupError('job-unknown', `there is no job "${name}"`, { hint: listHint('jobs', settings.jobs, 'nightjar job add') });
}

/** The configured destination of this name. Throws `destination-unknown`. */
export function destinationNamed(settings: Settings, name: string): DestinationConfig {
  const config = settings.destinations.find((candidate) => sameName(candidate.name, name));
  if (config) return config;
  throw new BackupError('destination-unknown', `there is no destination "${name}"`, {
    hint: listHint('destinations', settings.destinations, 'nightjar destination add'),
  });
}

/** The configured job of this name, where it is one for a database. Throws `job-unknown`, `usage-invalid`. */
export function sqliteJobNamed(settings: Settings, name: string): SqliteJob {
  const job = jobNamed(settings, name);
  if (isSqliteJob(job)) return job;
  throw new BackupError('usage-invalid', `${job.name} is a git store, and this is for databases`, {
    hint: 'see what can be done with it: nightjar git --help',
  });
}

/** The configured job of this name, where it is one for a git store. Throws `job-unknown`, `usage-invalid`. */
export function gitJobNamed(settings: Settings, name: string): GitJob {
  return expectStore(jobNamed(settings, name));
}

/** Returns the job if it is one for a git store. Throws `usage-invalid`. */
export function expectStore(job: Job): GitJob {
  if (isGitJob(job)) return job;
  throw new BackupError('usage-invalid', `${job.name} is a database, and this is for git stores`, {
    hint: 'set a store up with: nightjar job add NAME --git REPO --store PATH',
  });
}

function listHint(what: string, known: readonly { name: string }[], command: string): string {
  return known.length === 0 ? `there are no ${what} yet: ${command} --help` : `${what}: ${known.map(({ name }) => name).join(', ')}`;
}

function openFile(folder: string, open: Ports['settingsFile']): SettingsFile {
  return open({
    cwd: folder,
    configName: fileName,
    configFileMode: privateFile,
    clearInvalidConfig: false,
    serialize: (value) => `${JSON.stringify(value, null, 2)}\n`,
  });
}

function check(value: unknown, what: string): Settings {
  const parsed = settingsSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new BackupError('settings-invalid', `${what} cannot be used: ${issuesOf(parsed.error)}`, {
    cause: parsed.error,
  });
}
