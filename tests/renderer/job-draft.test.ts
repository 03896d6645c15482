import { describe, expect, it } from 'vitest';
import type { Job } from '../../electron/domain/model.ts';
import { errorsOf, errorsOfFailure, isChanged, newDatabaseJob, newStoreJob, withPause } from '../../renderer/pages/jobs/job-draft.ts';
import { parseJobsPlace, partsOfDestination, partsOfJob } from '../../renderer/pages/jobs/jobs-place.ts';
import { nameError, nameFrom, pathError } from '../../renderer/pages/jobs/name-text.ts';

const now = Date.parse('2026-11-25T13:00:00Z');
const notes = newDatabaseJob('/data/notes.db', 'notes', ['usb'], 'Europe/Berlin');
const wiki = newStoreJob('/home/ada/wiki', 'wiki', { branch: 'main', push: true }, 'UTC');

describe('what of a job cannot be so stands at its field', () => {
  it.each<[string, Job, Record<string, string>]>([
    ['nothing', notes, {}],
    ['nothing of a store', wiki, {}],
    ['no name', { ...notes, name: '' }, { name: expect.stringMatching(/^Use letters/) }],
    ['no place', { ...notes, destinations: [] }, { destinations: 'Choose at least one place for its snapshots.' }],
    [
      'a path that is not whole',
      { ...notes, source: { ...notes.source, path: 'notes.db' } },
      { 'source.path': expect.stringMatching(/^Write the whole path/) },
    ],
    ['no path', { ...notes, source: { ...notes.source, path: '' } }, { 'source.path': 'Choose what is backed up.' }],
    [
      'an empty number',
      { ...notes, retention: { ...notes.retention, daily: Number.NaN } },
      { 'retention.daily': 'Days to keep: it must be a number.' },
    ],
    [
      'nothing to keep',
      { ...notes, retention: { ...notes.retention, daily: 0, monthly: 0 } },
      { retention: 'A policy must keep at least one snapshot.' },
    ],
    [
      'a zone that is none',
      { ...notes, schedule: { ...notes.schedule, zone: 'Moon' } },
      { schedule: expect.stringMatching(/^The time zone "Moon" is not known/) },
    ],
    [
      'a day that never comes',
      { ...notes, schedule: { ...notes.schedule, cron: '0 0 31 2 *' } },
      { schedule: expect.stringMatching(/never comes/) },
    ],
    [
      'a limit without a time',
      { ...wiki, rules: { ...wiki.rules, bandwidth: [{ from: '', to: '18:00', bytesPerSecond: 2000 }] } },
      { 'rules.bandwidth.0.from': 'Write a time of day as 08:00.' },
    ],
    ['no branch', { ...wiki, source: { ...wiki.source, branch: '' } }, { 'source.branch': 'Branch: it must not be empty.' }],
  ])('%s', (_name, job, errors) => {
    expect(errorsOf(job, now)).toEqual(errors);
  });
});

it.each([
  ['job-exists', 'there is a job notes already', null, { name: 'there is a job notes already.' }],
  ['source-missing', 'It is away', 'Plug it in', { 'source.path': 'It is away. Plug it in.' }],
  ['source-missing', 'It is away', 'Look with: nightjar job list', { 'source.path': 'It is away.' }],
  ['git-branch', 'It is on another branch', null, { 'source.branch': 'It is on another branch.' }],
  ['series-foreign', 'Another database', null, {}],
  ['internal', 'What nobody foresaw', null, {}],
])('puts the engine’s sentence of %s where it belongs', (code, message, hint, errors) => {
  expect(errorsOfFailure({ code, message, hint })).toEqual(errors);
});

it('takes a pause for no change, and keeps the one that the job has', () => {
  const paused = { ...notes, paused: true, pausedUntil: '2026-11-26T00:00:00.000Z' };
  expect(isChanged(notes, paused)).toBe(false);
  expect(isChanged({ ...notes, drill: 'off' }, paused)).toBe(true);
  expect(withPause({ ...notes, drill: 'off' }, paused)).toEqual({ ...paused, drill: 'off' });
});

it.each(['notes', 'new', 'destinations', 'named', 'a b', 'ä.b-c'])('finds the job and the destination %j by their addresses', (name) => {
  expect(parseJobsPlace(partsOfJob(name))).toEqual({ kind: 'job', name });
  expect(parseJobsPlace(partsOfDestination(name))).toEqual({ kind: 'destination', name });
});

it.each([
  [[], 'list'],
  [['destinations'], 'list'],
  [['new'], 'new-job'],
  [['destinations', 'new'], 'new-destination'],
])('reads the parts %j', (parts, kind) => {
  expect(parseJobsPlace(parts)).toEqual({ kind });
});

it.each([
  ['USB Stick', 'USB-Stick'],
  ['.hidden', 'hidden'],
  ['Ada’s backups (2).', 'Ada-s-backups-2'],
  ['con', ''],
  ['', ''],
])('makes of %j the name %j', (text, name) => {
  expect(nameFrom(text)).toBe(name);
});

it('says what a name and a path must be', () => {
  expect([nameError(''), nameError('notes'), nameError('con')]).toEqual([
    'Give it a name.',
    null,
    'This name cannot be a folder on every system.',
  ]);
  expect([pathError('', 'None.'), pathError('/a', 'None.'), pathError('~/a', 'None.'), pathError('a', 'None.')]).toEqual([
    'None.',
    null,
    'Write the whole path, from / or ~ on.',
    'Write the whole path, from / or ~ on.',
  ]);
});
