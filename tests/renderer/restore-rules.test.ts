import { describe, expect, it } from 'vitest';
import type { LiveRun, LiveStep } from '../../electron/domain/run-event.ts';
import { checklistOf, copySteps } from '../../renderer/pages/restore/checklist-steps.ts';
import { dayByKey, daysOf, weeksOf } from '../../renderer/pages/restore/month.ts';
import { copyNameOf, folderOf, inFolder, versionNameOf } from '../../renderer/pages/restore/restore-target.ts';
import { changeSince, formatChange } from '../../renderer/pages/restore/snapshot-change.ts';
import { deletedFiles, entriesIn, isFolderOf, parentOf } from '../../renderer/pages/restore/store-tree.ts';

function runOf(...steps: readonly (Pick<LiveStep, 'step'> & Partial<LiveStep>)[]): LiveRun {
  return {
    runId: 'restore-1',
    job: 'brain',
    status: 'running',
    warnings: [],
    steps: steps.map((step) => ({ label: step.step, startedAtMs: 0, ...step })),
  };
}

describe('the checklist of a restore', () => {
  const states = (run: LiveRun | null) => checklistOf(copySteps, run).map(({ state }) => state);
  const failed = { code: 'digest-mismatch', message: 'damaged' } as const;

  it('has everything to be done before it begins', () => {
    expect(states(null)).toEqual(['waiting', 'waiting', 'waiting', 'waiting']);
  });

  it('ticks what is done, and names the step under way as the engine does', () => {
    const run = runOf({ step: 'guard', endedAtMs: 5 }, { step: 'fetch', label: 'Bringing it back from usb' });
    expect(states(run)).toEqual(['done', 'running', 'waiting', 'waiting']);
    expect(checklistOf(copySteps, run)[1]?.label).toBe('Bringing it back from usb');
  });

  it('begins again at the next copy where one is damaged', () => {
    const first = [
      { step: 'guard', endedAtMs: 5 },
      { step: 'fetch', endedAtMs: 6 },
      { step: 'check', endedAtMs: 7, failed },
    ] as const;
    expect(states(runOf(...first))).toEqual(['done', 'done', 'failed', 'waiting']);
    expect(states(runOf(...first, { step: 'fetch' }))).toEqual(['done', 'running', 'waiting', 'waiting']);
    expect(states(runOf(...first, { step: 'fetch', endedAtMs: 8 }, { step: 'check' }))).toEqual(['done', 'done', 'running', 'waiting']);
  });
});

describe('the calendar of what can be restored', () => {
  it('has the days of a zone with the newest snapshot of each', () => {
    const at = (text: string, isVerified: boolean) => ({ id: text, createdAtMs: Date.parse(text), isVerified });
    const snapshots = [at('2026-11-24T23:30:00Z', true), at('2026-11-25T12:00:00Z', false), at('2026-11-24T12:00:00Z', false)];
    expect(daysOf(snapshots, 'Europe/Berlin')).toEqual([
      { day: '2026-11-24', snapshots: 1, isVerified: false, id: '2026-11-24T12:00:00Z' },
      { day: '2026-11-25', snapshots: 2, isVerified: true, id: '2026-11-25T12:00:00Z' },
    ]);
  });

  it('lays a month out in weeks from Monday on', () => {
    const november = weeksOf('2026-11');
    expect(november).toHaveLength(6);
    expect(november[0]).toEqual([null, null, null, null, null, null, '2026-11-01']);
    expect(november[5]).toEqual(['2026-11-30', null, null, null, null, null, null]);
    expect(weeksOf('2027-02').flat().filter(Boolean)).toHaveLength(28);
    expect(weeksOf('2028-02').flat().filter(Boolean)).toHaveLength(29);
  });

  const days = ['2026-09-30', '2026-10-05', '2026-11-02', '2026-11-03', '2026-11-20'];
  it.each([
    ['ArrowLeft', '2026-11-03', '2026-11-02'],
    ['ArrowRight', '2026-11-03', '2026-11-20'],
    ['ArrowRight', '2026-11-20', null],
    ['ArrowUp', '2026-11-20', '2026-11-03'],
    ['ArrowDown', '2026-11-03', '2026-11-20'],
    ['PageUp', '2026-11-20', '2026-10-05'],
    ['PageDown', '2026-09-30', '2026-10-05'],
    ['Home', '2026-11-03', '2026-09-30'],
    ['End', '2026-09-30', '2026-11-20'],
    ['a', '2026-11-03', null],
  ])('goes with %s from %s to %s', (key, from, to) => {
    expect(dayByKey(key, from, days)).toBe(to);
  });
});

describe('where a restore goes', () => {
  it.each([
    ['brain.db', 'brain-2026-11-25-0317.db'],
    ['my.notes.sqlite', 'my.notes-2026-11-25-0317.sqlite'],
    ['.hidden', '.hidden-2026-11-25-0317'],
    ['brain', 'brain-2026-11-25-0317'],
  ])('tells a copy of %s by its day', (name, copy) => {
    expect(copyNameOf(name, Date.parse('2026-11-25T03:17:09Z'), 'UTC')).toBe(copy);
  });

  it('keeps to the separators of the system', () => {
    expect(inFolder(folderOf('/home/me/brain.db'), 'a.db')).toBe('/home/me/a.db');
    expect(inFolder(folderOf('/brain.db'), 'a.db')).toBe('/a.db');
    expect(inFolder(folderOf('C:\\Users\\me\\brain.db'), 'a.db')).toBe('C:\\Users\\me\\a.db');
    expect(versionNameOf('notes/a.md', '0123456789abcdef')).toBe('a-01234567.md');
  });
});

describe('a snapshot against the one before', () => {
  const content = (bytes: number, tables: Readonly<Record<string, number>>) =>
    ({ raw: { bytes }, sqlite: { tables: Object.entries(tables).map(([name, rows]) => ({ name, rows })) } }) as Parameters<
      typeof changeSince
    >[0];

  it('has more, less, new and gone tables, the largest first', () => {
    expect(changeSince(content(900, { tags: 5, notes: 120, added: 7 }), content(1000, { notes: 100, tags: 8, gone: 4 }))).toEqual({
      bytes: -100,
      rows: 20,
      tables: [
        { name: 'notes', rows: 120, change: 20 },
        { name: 'added', rows: 7, change: null },
        { name: 'tags', rows: 5, change: -3 },
        { name: 'gone', rows: null, change: -4 },
      ],
    });
    expect(changeSince(content(900, { notes: 1 }), null)).toEqual({ bytes: 0, rows: 0, tables: [{ name: 'notes', rows: 1, change: 0 }] });
  });

  it('says which way', () => {
    expect([1204, 0, -3].map((change) => formatChange(change, (amount) => amount.toLocaleString('en')))).toEqual([
      '+1,204',
      'the same',
      '−3',
    ]);
  });
});

describe('the items of a store', () => {
  const files = ['a.md', 'notes/b.md', 'notes/sub/c.md', 'notesbook.md'];

  it('are listed by their folders, these first', () => {
    expect(entriesIn(files, '').map(({ path, isFolder }) => [path, isFolder])).toEqual([
      ['notes', true],
      ['a.md', false],
      ['notesbook.md', false],
    ]);
    expect(entriesIn(files, 'notes').map(({ name }) => name)).toEqual(['sub', 'b.md']);
    expect([isFolderOf(files, 'notes'), isFolderOf(files, 'note'), isFolderOf(files, 'a.md'), isFolderOf([], '')]).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect([parentOf('notes/sub/c.md'), parentOf('a.md')]).toEqual(['notes/sub', '']);
  });

  it('that are gone are those that its versions speak of', () => {
    const version = (paths: readonly string[]) => ({ commit: '', atMs: 0, subject: '', author: '', paths, pathCount: paths.length });
    const versions = [version(['notes/gone.md', 'notes/b.md']), version(['notes/gone.md', 'elsewhere/x.md', 'notes/older.md'])];
    expect(deletedFiles(versions, files, ['notes'])).toEqual(['notes/gone.md', 'notes/older.md']);
    expect(deletedFiles(versions, files, [''])).toHaveLength(3);
  });
});
