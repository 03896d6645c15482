import { describe, expect, it } from 'vitest';
import { settingsSchema } from '../../electron/domain/model.ts';
import { isAbsolutePath, refusedChanges, settingsProblems } from '../../electron/domain/settings-rules.ts';

const atMs = Date.parse('2026-11-22T03:17:00Z');
const schedule = { cron: '17 3 * * *', zone: 'UTC' };
const git = (path: string, name = 'journal') => ({ name, schedule, source: { kind: 'git', path, stores: [''] } });
const sqlite = (path: string, name = 'notes') => ({
  name,
  schedule,
  source: { kind: 'sqlite', path },
  destinations: ['usb'],
  retention: {},
});
const usb = { kind: 'folder', name: 'usb', id: 'dest-1', path: '/mnt/usb' };
const shared = {
  kind: 'drive',
  name: 'gdrive',
  id: 'dest-2',
  folder: 'B',
  folderId: null,
  credentials: { kind: 'shared', path: 'keys' },
  account: null,
};

describe('settingsProblems', () => {
  it.each([
    ['nothing', { jobs: [git('/a'), sqlite('C:\\a.db')], destinations: [usb] }, []],
    [
      'a zone',
      { jobs: [{ ...git('/a'), schedule: { ...schedule, zone: 'Mars' } }] },
      ['jobs.0.schedule: the time zone "Mars" is not known'],
    ],
    ['two names', { destinations: [usb, { ...usb, name: 'USB' }] }, ['destinations.1.name: "USB" is there twice']],
    [
      'paths',
      { destinations: [{ ...usb, path: './usb' }, shared], jobs: [git('~/a')] },
      [
        'destinations.0.path: "./usb" must be an absolute path',
        'destinations.1.credentials.path: "keys" must be an absolute path',
        'jobs.0.source.path: "~/a" must be an absolute path',
      ],
    ],
    ['a destination', { jobs: [sqlite('/a')] }, ['jobs.0.destinations: there is no destination "usb"']],
  ])('finds what is wrong with %s', (_, settings, expected) => {
    expect(settingsProblems(settingsSchema.parse(settings), atMs)).toEqual(expected);
  });
});

describe('refusedChanges', () => {
  const before = settingsSchema.parse({ jobs: [git('/a'), sqlite('/a.db')], destinations: [usb] });
  it.each([
    ['another path of a database', [git('/a'), sqlite('/b.db')], []],
    ['another job', [git('/a'), sqlite('/a.db'), git('/b', 'more')], []],
    ['a job less', [git('/a')], []],
    ['another path of a git job', [git('/b')], [/the path of the git job journal cannot change while Nightjar is running/]],
    [
      'another kind',
      [git('/a', 'Notes'), sqlite('/a.db', 'journal')],
      [/Notes cannot become a git store/, /journal cannot become a database/],
    ],
  ])('%s', (_, jobs, expected) => {
    const refused = refusedChanges(before, settingsSchema.parse({ jobs, destinations: [usb] }));
    expect(refused).toEqual(expected.map((words) => expect.stringMatching(words)));
  });
});

it.each([
  ['/a', true],
  ['C:\\a', true],
  ['c:/a', true],
  ['\\\\nas\\a', true],
  ['a', false],
  ['./a', false],
  ['~/a', false],
  ['C:a', false],
  ['', false],
])('%j is an absolute path: %s', (path, expected) => {
  expect(isAbsolutePath(path)).toBe(expected);
});
