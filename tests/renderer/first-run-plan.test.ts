import { expect, it } from 'vitest';
import { type FoundDatabase, nameForSource } from '../../electron/domain/found-sources.ts';
import { defaultRetention, jobSchema, settingsSchema } from '../../electron/domain/model.ts';
import { type FoundSource, planFirstRun, suggestSources } from '../../renderer/pages/overview/first-run-plan.ts';

const nowMs = Date.UTC(2026, 10, 25);
const dayMs = 86_400_000;

function database(path: string, change: Partial<FoundDatabase> = {}): FoundSource & { readonly kind: 'sqlite' } {
  return { kind: 'sqlite', path, name: '', bytes: 1, lastWriteMs: nowMs, journalMode: 'wal', isInUse: null, job: null, ...change };
}

const store: FoundSource = { kind: 'git', path: '/home/ada/wiki', name: 'wiki', branch: 'trunk', remote: 'ssh://host/wiki', job: null };
const plan = (sources: readonly FoundSource[], settings: object = {}) =>
  planFirstRun(sources, '/media/usb/Nightjar', settingsSchema.parse(settings), 'Europe/Berlin', nameForSource);

it('plans one destination and a job for each source, every night at 03:17', () => {
  const { destination, jobs, runs } = plan([database('/a/notes.db'), database('/b/notes.db'), store]);
  expect({ destination, runs }).toEqual({
    destination: { name: 'Nightjar', path: '/media/usb/Nightjar' },
    runs: ['notes', 'notes-2', 'wiki'],
  });
  const schedule = { cron: '17 3 * * *', zone: 'Europe/Berlin' };
  expect(jobs.map((job) => jobSchema.parse(job))).toMatchObject([
    { name: 'notes', schedule, source: { kind: 'sqlite', path: '/a/notes.db' }, destinations: ['Nightjar'], retention: defaultRetention },
    { name: 'notes-2', schedule, source: { path: '/b/notes.db' } },
    { name: 'wiki', schedule, source: { kind: 'git', path: '/home/ada/wiki', stores: [''], branch: 'trunk', push: true } },
  ]);
});

it('needs no folder for git alone, and pushes nothing that has no remote', () => {
  const { destination, jobs } = plan([{ ...store, kind: 'git', remote: null, branch: null }]);
  expect(destination).toBeNull();
  expect(jobs.map((job) => jobSchema.parse(job))).toMatchObject([{ source: { branch: 'main', push: false } }]);
});

it('takes what an attempt before has set up as it is', () => {
  const first = plan([database('/a/notes.db')]);
  const made = {
    destinations: [{ kind: 'folder', id: 'dest-1', ...first.destination }],
    jobs: first.jobs,
  };
  expect(plan([database('/a/notes.db'), database('/a/tasks.db')], made)).toMatchObject({
    destination: null,
    jobs: [{ name: 'tasks', destinations: ['Nightjar'] }],
    runs: ['notes', 'tasks'],
  });
});

it('switches on what is in use or was written lately, three at most', () => {
  const old = nowMs - 30 * dayMs;
  const found = [
    database('/old', { lastWriteMs: old }),
    database('/old-in-use', { lastWriteMs: old, isInUse: true }),
    database('/1'),
    database('/2'),
    database('/3'),
  ];
  expect([...suggestSources(found, nowMs)]).toEqual(['/old-in-use', '/1', '/2']);
});
