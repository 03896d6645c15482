import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  type BackupDocument,
  type CliSandbox,
  countNotes,
  openSandbox,
  type RunDocument,
  type SnapshotDocument,
  writeNotes,
} from '../support/cli.ts';

async function addJob(box: CliSandbox, options: readonly string[] = []): Promise<void> {
  box.folder('usb');
  writeNotes(box.at('notes.db'), { rows: 3000 });
  await box.json(['destination', 'add', 'folder', 'usb', 'usb']);
  await box.json(['job', 'add', 'notes', '--sqlite', 'notes.db', '--to', 'usb', ...options]);
}

/** Sets up a job whose next snapshots are deltas on its first one. */
async function setUp(box: CliSandbox, options: readonly string[] = []): Promise<SnapshotDocument> {
  await addJob(box, options);
  return backUp(box);
}

/** Backs up after one more note. */
async function backUpChange(box: CliSandbox): Promise<SnapshotDocument> {
  writeNotes(box.at('notes.db'), { rows: 1 });
  return backUp(box);
}

async function backUp(box: CliSandbox): Promise<SnapshotDocument> {
  return (await box.json<BackupDocument>(['backup', 'notes'])).snapshot;
}

/** What a command says to people, where it succeeds. */
async function said(box: CliSandbox, ...args: readonly string[]): Promise<string> {
  const { code, stderr, stdout } = await box.run(args);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return stdout;
}

const dayOf = ({ createdAt }: SnapshotDocument) => createdAt.slice(0, 10);

describe('a snapshot', () => {
  it('says its form in its document', async () => {
    await using box = await openSandbox();
    const full = await setUp(box);
    const delta = await backUpChange(box);
    expect([full, delta]).toMatchObject([
      { form: 'full', base: null, changedPages: null, objectName: `${dayOf(full)}.db.gz` },
      { form: 'delta', base: { id: full.id, objectName: full.objectName }, objectName: expect.stringMatching(/_\d{6}\.delta\.gz$/) },
    ]);
    expect(delta.changedPages).toBeGreaterThan(0);
    expect(delta.changedPages).toBeLessThan(delta.pageCount / 10);
    expect(delta.storedBytes).toBe(delta.copies[0]?.bytes);
    expect(delta.storedBytes).toBeLessThan(full.storedBytes);
    expect(delta.rawBytes).toBeGreaterThanOrEqual(full.rawBytes);
    expect(await box.json(['snapshots', 'notes'])).toEqual([delta, full]);
  });

  it('says why it is full, and as a delta what it is on and how much has changed, to people', async () => {
    await using box = await openSandbox();
    await addJob(box);
    expect(await said(box, 'backup', 'notes')).toContain('\n  full: there is no full snapshot yet\n');
    writeNotes(box.at('notes.db'), { rows: 1 });
    const second = await said(box, 'backup', 'notes');
    const [delta, full] = await box.json<SnapshotDocument[]>(['snapshots']);
    const form = `delta on ${full && dayOf(full)}`;
    expect(second).toContain(`\n  ${form}: ${delta?.changedPages} of ${delta?.pageCount} pages changed\n`);
    expect((await said(box, 'snapshots', 'notes')).split('\n')).toEqual([
      expect.stringMatching(/TAKEN +FORM +DATABASE/),
      expect.stringMatching(new RegExp(` ${form} `)),
      expect.stringMatching(/ full /),
      '',
    ]);
  });

  it('is verified together with its base, which stays for it', async () => {
    await using box = await openSandbox();
    const full = await setUp(box, ['--keep-daily', '1', '--keep-monthly', '0', '--keep-at-least', '1']);
    const delta = await backUpChange(box);
    const together = `together with its base ${full.objectName}`;
    expect(await said(box, 'verify', delta.id)).toContain(`quick verification passed, ${together}\n`);
    expect(await said(box, 'verify', delta.id, '--full')).toContain(`full verification passed, ${together}, 3,001 of 3,001 rows\n`);
    expect(await said(box, 'verify', full.id)).toMatch(/quick verification passed\n$/);
    expect(await said(box, 'retain', 'notes', '--dry-run')).toMatch(/\.db\.gz .* base of 1 delta\n/);
  });

  it('is not restorable while its base is damaged, and is again when that is right', async () => {
    await using box = await openSandbox();
    const full = await setUp(box);
    const delta = await backUpChange(box);
    const object = box.at('usb', 'notes', full.objectName);
    copyFileSync(object, box.at('kept'));
    const bytes = readFileSync(object);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(object, bytes);
    expect(await box.json(['verify', delta.id], 1)).toMatchObject({
      copies: [{ ok: false, message: expect.stringContaining(full.objectName) }],
    });
    expect((await said(box, 'snapshots', 'notes')).split('\n').slice(1, 3)).toEqual([
      expect.stringMatching(/ usb \(base damaged\)$/),
      expect.stringMatching(/ usb \(damaged\)$/),
    ]);
    copyFileSync(box.at('kept'), object);
    await box.json(['verify', delta.id]);
    expect((await said(box, 'snapshots', 'notes')).split('\n').slice(1, 3)).toEqual([
      expect.stringMatching(/ usb$/),
      expect.stringMatching(/ usb$/),
    ]);
  });

  it('comes back from a folder alone, where its base lies beside it', async () => {
    await using box = await openSandbox();
    await setUp(box);
    await backUpChange(box);
    const nowhere = { home: box.at('nowhere') };
    await box.json(['restore', '--from', 'usb', '--job', 'notes', '--to', 'restored.db'], 0, nowhere);
    expect(countNotes(box.at('restored.db'))).toBe(3001);
  });
});

describe('a run', () => {
  it('is shown with its steps and what they found', async () => {
    await using box = await openSandbox();
    const full = await setUp(box);
    const delta = await backUpChange(box);
    const [second, first] = await box.json<RunDocument[]>(['history', 'notes']);
    expect(await box.json(['history', String(second?.id)])).toEqual(second);
    const ofDelta = await said(box, 'history', String(second?.id));
    expect(ofDelta).toMatch(new RegExp(`^${second?.id} of notes: succeeded, .* \\(manual\\), took `));
    expect(ofDelta).toMatch(
      new RegExp(
        `\nFinding what has changed since ${full.objectName} +done .* ${delta.changedPages} of ${delta.pageCount} pages changed\n`,
      ),
    );
    expect(ofDelta).toMatch(new RegExp(`\nsnapshot ${delta.id}\n$`));
    expect(await said(box, 'history', String(first?.id))).toMatch(/\nCompressing +done .* full: there is no full snapshot yet, /);
    expect(await box.fails(['history', 'run-unheard-of'], 2)).toMatchObject({ code: 'run-unknown' });
  });
});

describe('a job', () => {
  it('stores deltas until it is told not to, also on another machine', async () => {
    await using box = await openSandbox();
    await setUp(box);
    expect(await box.json(['job', 'show', 'notes'])).toMatchObject({ deltas: true });
    expect(await said(box, 'job', 'show', 'notes')).toContain('stores the pages that changed since the last full snapshot\n');
    expect(await box.json(['job', 'set', 'notes', '--deltas', 'off'])).toMatchObject({ deltas: false });
    expect(await said(box, 'job', 'show', 'notes')).toContain('stores every snapshot in full\n');
    expect(await said(box, 'job', 'list')).toMatch(/30 daily \+ 12 monthly, in full\n$/);
    expect(await backUpChange(box)).toMatchObject({ form: 'full' });

    await box.json(['settings', 'export', 'out.json']);
    const other = { home: box.at('other') };
    await box.json(['settings', 'import', 'out.json'], 0, other);
    expect(await box.json(['job', 'list'], 0, other)).toMatchObject([{ name: 'notes', deltas: false }]);
    expect(await box.json(['job', 'set', 'notes', '--keep-daily', '5'])).toMatchObject({ deltas: false });
    expect(await box.json(['job', 'set', 'notes', '--deltas', 'on'])).toMatchObject({ deltas: true });
    expect(await box.fails(['job', 'set', 'notes', '--deltas', 'perhaps'], 2)).toMatchObject({
      message: '"perhaps" is neither on nor off',
    });
  });
});
