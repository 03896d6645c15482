import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BackupError } from '../../electron/domain/errors.ts';
import { type Settings, settingsSchema } from '../../electron/domain/model.ts';
import { encodeSettings, parseSettingsFile, planImport } from '../../electron/domain/settings-file.ts';

const atMs = Date.parse('2026-11-22T03:17:00Z');
const origin = { program: 'nightjar 1.2.3', atMs };

const usb = { kind: 'folder', name: 'usb', id: 'dest-1', path: '/mnt/usb' };
const gdrive = {
  kind: 'drive',
  name: 'gdrive',
  id: 'dest-2',
  folder: 'Backups',
  folderId: 'folder-1',
  credentials: { kind: 'own' },
  account: { id: '1', email: 'ada@example.org' },
  apiRoot: 'https://ada:s3cret@example.org/api',
};
const notes = {
  name: 'notes',
  schedule: { cron: '17 3 * * *', zone: 'UTC' },
  source: { kind: 'sqlite', path: '/data/notes.db' },
  destinations: ['usb'],
  retention: {},
};
const journal = {
  name: 'journal',
  schedule: { cron: '17 3 * * *', zone: 'UTC' },
  source: { kind: 'git', path: '/data/journal', stores: [''] },
};

const settingsOf = (jobs: readonly object[], destinations: readonly object[] = [usb, gdrive], preferences: object = {}): Settings =>
  settingsSchema.parse({ jobs, destinations, preferences });

function fileOf(change: (file: Record<string, unknown> & { settings: Record<string, unknown[]> }) => void): string {
  const file = JSON.parse(encodeSettings(settingsOf([notes, journal]), origin));
  change(file);
  return JSON.stringify(file);
}

function refusal(act: () => unknown): BackupError {
  try {
    act();
  } catch (error) {
    if (error instanceof BackupError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('an exported settings file', () => {
  it('has nothing of what the app keeps of this machine, and an import leaves that as it is', () => {
    const app = { window: { x: 1, y: 2, width: 900, height: 640, isMaximized: false }, keepsSecretsInFile: true };
    const present: Settings = { ...settingsOf([notes]), app };
    const text = encodeSettings(present, origin);
    expect(Object.keys(JSON.parse(text).settings)).toEqual(['preferences', 'destinations', 'jobs']);
    const { next } = planImport(present, parseSettingsFile(text, 'a.json', atMs), 'replace', atMs);
    expect(next.app).toEqual(app);
    const foreign = fileOf((file) => Object.assign(file.settings, { app }));
    expect(refusal(() => parseSettingsFile(foreign, 'a.json', atMs)).message).toContain('app');
  });

  it('gives the settings back, without the password of an address', () => {
    const settings = settingsOf([notes, journal], [usb, gdrive], { gzipLevel: 3 });
    const text = encodeSettings(settings, origin);
    expect(text).not.toMatch(/s3cret/);
    expect(JSON.parse(text)).toMatchObject({
      format: 'nightjar-settings',
      version: 1,
      exportedAt: '2026-11-22T03:17:00.000Z',
      program: 'nightjar 1.2.3',
    });
    const bare = { ...gdrive, apiRoot: 'https://example.org/api' };
    expect(parseSettingsFile(text, 'a.json', atMs)).toEqual(settingsOf([notes, journal], [usb, bare], { gzipLevel: 3 }));
  });

  it('leaves out whatever a later field calls a secret', () => {
    const settings = {
      ...settingsOf([]),
      webhook: { url: 'https://ada:s3cret@example.org', apiKey: 's3cret', hasToken: true, tokens: ['s3cret'] },
    };
    const file = JSON.parse(encodeSettings(settings, origin));
    expect(file.settings.webhook).toEqual({ url: 'https://example.org/', hasToken: true });
  });

  it.each([
    ['that is not JSON', '{', /a\.json is not JSON/],
    ['that is something else', '{"jobs":[]}', /a\.json holds no exported settings/],
    ['of a newer Nightjar', fileOf((file) => Object.assign(file, { version: 2 })), /a\.json has version 2 .* this Nightjar knows 1/],
    [
      'with much that is wrong, all of it at once',
      fileOf(({ settings }) => {
        Object.assign(settings.jobs?.[0] as object, { limitSeconds: 0, retention: { daily: -1 } });
        Object.assign(settings.jobs?.[1] as object, { colour: 'red' });
        Object.assign(settings.destinations?.[0] as object, { path: 7 });
        Object.assign(settings.preferences as object, { gzipLevel: 10 });
      }),
      /settings\.preferences\.gzipLevel: it must be at most 9; settings\.destinations\.0\.path: it must be a string; settings\.jobs\.0\.(limitSeconds|retention\.daily): .*; settings\.jobs\.0\.(retention\.daily|limitSeconds): .*; settings\.jobs\.1: it has keys that are not known: colour/,
    ],
    [
      'that does not hold together, all of it at once',
      fileOf(({ settings }) => {
        Object.assign(settings.jobs?.[0] as object, { destinations: ['usb', 'nas'], schedule: { cron: '99 * * * *', zone: 'UTC' } });
        Object.assign(settings.jobs?.[1] as object, { source: { ...journal.source, path: 'journal' } });
        settings.jobs?.push({ ...journal, name: 'NOTES' });
      }),
      /settings\.jobs\.2\.name: "NOTES" is there twice; settings\.jobs\.0\.destinations: there is no destination "nas"; settings\.jobs\.0\.schedule: the schedule "99 \* \* \* \*" cannot be read; settings\.jobs\.1\.source\.path: "journal" must be an absolute path/,
    ],
  ])('%s is refused', (_, text, message) => {
    const error = refusal(() => parseSettingsFile(text, 'a.json', atMs));
    expect([error.code, error.hint === undefined]).toEqual(['settings-invalid', false]);
    expect(error.message).toMatch(message);
  });
});

describe('planImport', () => {
  const present = settingsOf([notes], [usb]);

  it('adds and replaces by name, and takes nothing away', () => {
    const imported = settingsOf(
      [{ ...notes, name: 'Notes', source: { ...notes.source, path: '/other.db' }, paused: true, destinations: ['USB'] }, journal],
      [{ ...usb, name: 'USB' }, gdrive],
      { gzipLevel: 9 },
    );
    const local = { ...present, jobs: [...present.jobs, ...settingsOf([{ ...journal, name: 'local' }]).jobs] };
    const { changes, next } = planImport(local, imported, 'merge', atMs);
    expect(changes).toEqual([
      { kind: 'changed', what: 'preferences', name: 'preferences', fields: ['gzipLevel'] },
      { kind: 'same', what: 'destination', name: 'usb', fields: [] },
      { kind: 'added', what: 'destination', name: 'gdrive', fields: [] },
      { kind: 'changed', what: 'job', name: 'notes', fields: ['paused', 'source.path'] },
      { kind: 'same', what: 'job', name: 'local', fields: [] },
      { kind: 'added', what: 'job', name: 'journal', fields: [] },
    ]);
    expect(next.jobs.map(({ name, source }) => `${name} ${source.path}`)).toEqual([
      'notes /other.db',
      'local /data/journal',
      'journal /data/journal',
    ]);
    expect(next.destinations.map(({ name }) => name)).toEqual(['usb', 'gdrive']);
  });

  it('takes away with replace what is not in the file, and says so', () => {
    const { changes, next } = planImport(present, settingsOf([journal], []), 'replace', atMs);
    expect(changes.filter(({ kind }) => kind !== 'same')).toEqual([
      { kind: 'removed', what: 'destination', name: 'usb', fields: [] },
      { kind: 'removed', what: 'job', name: 'notes', fields: [] },
      { kind: 'added', what: 'job', name: 'journal', fields: [] },
    ]);
    expect(next).toEqual(settingsOf([journal], []));
  });

  const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'A', 'D'), { selector: (name) => name.toLowerCase() });
  const some = fc.record({ jobs: names, destinations: names, level: fc.integer({ min: 1, max: 9 }) }).map(({ jobs, destinations, level }) =>
    settingsOf(
      jobs.map((name) => ({ ...journal, name, limitSeconds: level })),
      destinations.map((name) => ({ ...usb, name, id: `dest-${level}` })),
      { gzipLevel: level },
    ),
  );

  it('never drops anything silently, and changes nothing the second time', () => {
    fc.assert(
      fc.property(some, some, fc.constantFrom('merge' as const, 'replace' as const), (before, imported, mode) => {
        const { changes, next } = planImport(before, imported, mode, atMs);
        for (const what of ['job', 'destination'] as const) {
          const [was, is] = [before, next].map((settings) => settings[`${what}s`].map(({ name }) => name.toLowerCase()));
          const of = (kind: string) =>
            changes.filter((change) => change.what === what && change.kind === kind).map(({ name }) => name.toLowerCase());
          expect(of('removed').toSorted()).toEqual(was?.filter((name) => !is?.includes(name)).toSorted());
          expect(of('added').toSorted()).toEqual(is?.filter((name) => !was?.includes(name)).toSorted());
          if (mode === 'merge') expect(of('removed')).toEqual([]);
        }
        const again = planImport(next, imported, mode, atMs);
        expect(again.next).toEqual(next);
        expect(again.changes.filter(({ kind }) => kind !== 'same')).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
