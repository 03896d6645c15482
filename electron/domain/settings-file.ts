import { z } from 'zod';
import { BackupError } from './errors.ts';
import { issuesOf } from './issues.ts';
import { isSqliteJob, type Settings, sameName, settingsSchema } from './model.ts';
import { isSecretKey } from './redact.ts';
import { settingsProblems } from './settings-rules.ts';

const format = 'nightjar-settings';
const newestVersion = 1;

/** What goes to another machine: not what the app keeps of this one. */
const portableSchema = settingsSchema.omit({ app: true });

const envelopeSchema = z.object({ format: z.literal(format), version: z.int().min(1) });
const fileSchema = z.strictObject({
  format: z.literal(format),
  version: z.literal(newestVersion),
  exportedAt: z.string(),
  program: z.string(),
  settings: portableSchema,
});

/** Where settings were exported. */
export interface SettingsOrigin {
  readonly program: string;
  readonly atMs: number;
}

/** Settings as one versioned text for another machine. No secret is in it: those are not part of settings, and addresses lose their password. */
export function encodeSettings(settings: Settings, { program, atMs }: SettingsOrigin): string {
  const file = {
    format,
    version: newestVersion,
    exportedAt: new Date(atMs).toISOString(),
    program,
    settings: withoutSecrets({ ...settings, app: undefined }),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** Takes out what a field of today or of later may hold: user and password of an address, and whatever is called a secret. */
function withoutSecrets(value: unknown): unknown {
  if (typeof value === 'string') return withoutCredentials(value);
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key, inner]) => !isSecretKey(key) || inner === null || typeof inner === 'boolean');
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutSecrets(inner)]));
}

function withoutCredentials(text: string): string {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? URL.parse(text) : null;
  if (url === null || (url.username === '' && url.password === '')) return text;
  url.username = '';
  url.password = '';
  return url.href;
}

/**
 * Reads exported settings. Throws `settings-invalid` that names the file and tells everything that is wrong with it at once, each with its
 * field; also for a file that a newer Nightjar wrote, and for one that is none.
 */
export function parseSettingsFile(text: string, name: string, nowMs: number): Settings {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BackupError('settings-invalid', `${name} is not JSON: ${(cause as Error).message}`, { cause, hint: exportHint });
  }
  const envelope = envelopeSchema.safeParse(value);
  if (!envelope.success) throw new BackupError('settings-invalid', `${name} holds no exported settings of Nightjar`, { hint: exportHint });
  if (envelope.data.version > newestVersion) {
    const newer = `${name} has version ${envelope.data.version} of the settings format, and this Nightjar knows ${newestVersion}`;
    throw new BackupError('settings-invalid', newer, { hint: 'update Nightjar on this machine, then import it' });
  }
  const parsed = fileSchema.safeParse(value);
  const problems = parsed.success ? inField(settingsProblems(parsed.data.settings, nowMs)) : [issuesOf(parsed.error)];
  if (parsed.success && problems.length === 0) return parsed.data.settings;
  throw new BackupError('settings-invalid', `${name} cannot be imported: ${problems.join('; ')}`, {
    hint: 'correct it, and import it again',
  });
}

function inField(problems: readonly string[]): string[] {
  return problems.map((problem) => `settings.${problem}`);
}

const exportHint = 'make such a file on the other machine with: nightjar settings export FILE';

/** What an import does to one job, one destination or the preferences. */
export interface SettingsChange {
  readonly kind: 'added' | 'changed' | 'removed' | 'same';
  readonly what: 'job' | 'destination' | 'preferences';
  readonly name: string;
  /** The fields that differ, for one that is changed. */
  readonly fields: readonly string[];
}

export interface SettingsImport {
  /** The settings afterwards. */
  readonly next: Settings;
  readonly changes: readonly SettingsChange[];
}

export interface ImportRequest {
  /** The exported settings, and what the file is called in sentences. */
  readonly text: string;
  readonly name: string;
  /** `merge` adds and replaces by name; `replace` takes away what is not in the file. */
  readonly mode: 'merge' | 'replace';
  /** Says what would happen, and changes nothing. */
  readonly dryRun: boolean;
}

export interface ImportOutcome {
  readonly changes: readonly SettingsChange[];
  /** What is not on this machine, as sentences. */
  readonly warnings: readonly string[];
  /** Destinations that nobody has signed in to here. */
  readonly signIns: readonly string[];
}

interface Named {
  readonly name: string;
}

/**
 * What an import makes of the present settings: `merge` adds and replaces by name and takes nothing away, `replace` leaves nothing but what
 * is imported. Every job and destination of both is in the changes. Throws `usage-invalid` where the result would not hold together.
 */
export function planImport(present: Settings, imported: Settings, mode: 'merge' | 'replace', nowMs: number): SettingsImport {
  const destinations = combine('destination', present.destinations, imported.destinations, mode);
  // Names that differ only in their case are the same one, and what is there already knows it by its own.
  const nameHere = (name: string) => destinations.next.find((config) => sameName(config.name, name))?.name ?? name;
  const importedJobs = imported.jobs.map((job) => (isSqliteJob(job) ? { ...job, destinations: job.destinations.map(nameHere) } : job));
  const jobs = combine('job', present.jobs, importedJobs, mode);
  const next = { preferences: imported.preferences, destinations: destinations.next, jobs: jobs.next };
  const problems = settingsProblems(next, nowMs);
  if (problems.length > 0) {
    throw new BackupError('usage-invalid', `the settings of both together cannot be used: ${problems.join('; ')}`, {
      hint: 'import them with --replace, or rename one of the two',
    });
  }
  const fields = differing(present.preferences, imported.preferences);
  const preferences = { kind: fields.length === 0 ? 'same' : 'changed', what: 'preferences', name: 'preferences', fields } as const;
  return { next: { ...present, ...imported, ...next }, changes: [preferences, ...destinations.changes, ...jobs.changes] };
}

function combine<T extends Named>(what: SettingsChange['what'], present: readonly T[], imported: readonly T[], mode: 'merge' | 'replace') {
  const importedAs = ({ name }: Named) => {
    const found = imported.find((other) => sameName(other.name, name));
    return found && { ...found, name };
  };
  const added = imported.filter(({ name }) => !present.some((other) => sameName(other.name, name)));
  const changes: SettingsChange[] = present.map((before) => {
    const after = importedAs(before);
    if (after === undefined) return { kind: mode === 'merge' ? 'same' : 'removed', what, name: before.name, fields: [] };
    const fields = differing(before, after);
    return { kind: fields.length === 0 ? 'same' : 'changed', what, name: after.name, fields };
  });
  changes.push(...added.map(({ name }) => ({ kind: 'added' as const, what, name, fields: [] })));
  const kept = present.flatMap((before) => importedAs(before) ?? (mode === 'merge' ? before : []));
  return { next: [...kept, ...added], changes };
}

/** The fields whose values differ, one level deep where both have objects: `source.path`. */
function differing(before: object, after: object, prefix = ''): string[] {
  const [a, b] = [before, after] as readonly Readonly<Record<string, unknown>>[];
  const keys = [...new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})])];
  return keys.flatMap((key) => {
    const [was, is] = [a?.[key], b?.[key]];
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    return isPlain(was) && isPlain(is) && prefix === '' ? differing(was, is, `${key}.`) : `${prefix}${key}`;
  });
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
