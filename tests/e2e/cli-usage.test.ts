import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliSandbox, filesIn, openSandbox, writeNotes } from '../support/cli.ts';

/** What was typed, the code and a part of the sentence that must come back; the exit code is 2 where none is given. */
type Case = readonly [args: readonly string[], code: string, message: RegExp, exitCode?: number];

const add = (...rest: string[]) => ['job', 'add', ...rest];
const source = ['--sqlite', 'notes.db', '--to', 'usb'];
const bad = 'usage-invalid';

const cases: Record<string, readonly Case[]> = {
  'job add': [
    [add('x'), bad, /needs a database and a destination/],
    [add('a/b', ...source), bad, /letters, digits/],
    [add('..', ...source), bad, /letters, digits/],
    [add('con', ...source), bad, /cannot be a folder on every system/],
    [add('LPT1.notes', ...source), bad, /cannot be a folder on every system/],
    [add('x'.repeat(64), ...source), bad, /at most 63/],
    [add('NOTES', ...source), 'job-exists', /job notes already/],
    [add('x', '--sqlite', 'notes.db', '--to', 'nowhere'), 'destination-unknown', /no destination "nowhere"/],
    [add('x', ...source, '--at', 'every day'), bad, /"every day" does not have five fields/],
    [add('x', ...source, '--at', '61 3 * * *'), bad, /"61 3 \* \* \*" cannot be read/],
    [add('x', ...source, '--at', '0 0 30 2 *'), bad, /never comes/],
    [add('x', ...source, '--zone', 'Mars/Olympus'), bad, /time zone "Mars\/Olympus" is not known/],
    [add('x', ...source, '--check', 'thorough'), bad, /quick_check.*integrity_check/],
    [add('x', ...source, '--keep-daily', '-1'), bad, /"-1" is not a whole number/],
    [add('x', ...source, '--keep-weekly=-1'), bad, /"-1" is not a whole number/],
    [add('x', ...source, '--keep-monthly', 'many'), bad, /"many" is not a whole number/],
    [add('x', ...source, '--keep-daily', '99999'), bad, /3650/],
    [add('x', ...source, '--keep-daily', '0', '--keep-monthly', '0'), bad, /at least one/],
    [add('x', ...source, '--keep-at-least', '0'), bad, /keep-at-least|minVerified/],
    [add('x', ...source, '--limit', '0'), bad, /limit/],
    [add('x', ...source, '--lock-wait', '1.5'), bad, /"1\.5" is not a whole number/],
    [add('x', ...source, '--compression', 'brotli'), bad, /--compression: it must be one of gzip, zstd/],
    [add('x', ...source, '--level', '10'), bad, /--level: the levels of gzip are 1 to 9/],
    [add('x', ...source, '--compression', 'zstd', '--level', '20'), bad, /--level: the levels of zstd are 1 to 19/],
    [add('x', ...source, '--level', 'best'), bad, /"best" is not a whole number/],
  ],
  'other commands on jobs': [
    [['job', 'set', 'nope', '--limit', '5'], 'job-unknown', /no job "nope"/],
    [['job', 'set', 'notes', '--at', '99 * * * *'], bad, /cannot be read/],
    [['job', 'set', 'notes', '--to', 'nowhere'], 'destination-unknown', /no destination "nowhere"/],
    ...['show', 'remove', 'pause', 'resume', 'adopt'].map((verb): Case => [['job', verb, 'nope'], 'job-unknown', /no job "nope"/]),
    [['retain', 'nope'], 'job-unknown', /no job "nope"/],
    [['retain', 'notes', '--as-of', 'tomorrow'], bad, /"tomorrow" is not a day/],
    [['retain', 'notes', '--as-of', '2026-02-30'], bad, /"2026-02-30" is not a day/],
    [['history', '--limit', '-5'], bad, /"-5" is not a whole number/],
    [['verify', 'nope'], 'snapshot-unknown', /no snapshot "nope"/],
    [['verify', 'notes@soon'], bad, /"soon" names no point in time/],
    [['pin', 'notes'], 'snapshot-unknown', /no snapshot "notes"/],
    [['unpin', 'nope'], 'snapshot-unknown', /no snapshot "nope"/],
  ],
  destinations: [
    [['destination', 'add', 'folder', 'a/b', 'nas'], bad, /letters, digits/],
    [['destination', 'add', 'folder', '..', 'nas'], bad, /letters, digits/],
    [['destination', 'add', 'folder', 'nul', 'nas'], bad, /cannot be a folder/],
    [['destination', 'add', 'folder', 'USB', 'nas'], 'destination-exists', /usb/],
    [['destination', 'add', 'folder', 'again', 'usb'], 'destination-exists', /usb/],
    [['destination', 'add', 'folder', 'x', 'nowhere'], 'destination-absent', /no folder .*nowhere/, 1],
    [['destination', 'add', 'folder', 'x', 'notes.db'], 'destination-absent', /no folder .*notes\.db/, 1],
    ...['show', 'test', 'remove'].map((verb): Case => [['destination', verb, 'nope'], 'destination-unknown', /no destination "nope"/]),
    [['destination', 'remove', 'usb'], 'destination-in-use', /notes/],
  ],
  'backup and settings': [
    [['backup'], bad, /name of a job, or --sqlite/],
    [['backup', 'nope'], 'job-unknown', /no job "nope"/],
    [['backup', '--sqlite', 'notes.db'], bad, /--to/],
    [['backup', '--to', 'usb'], bad, /--sqlite/],
    [['backup', 'notes', ...source], bad, /either/],
    [['backup', 'notes', '--to', 'nas'], bad, /either/],
    [['backup', 'notes', '--limit', '5'], bad, /either/],
    [['backup', '--sqlite', 'my notes.db', '--to', 'usb'], bad, /"my notes".*letters, digits/],
    [['backup', ...source, '--name', 'a/b'], bad, /"a\/b".*letters, digits/],
    [['backup', ...source, '--name', 'con'], bad, /"con"/],
    [['backup', ...source, '--limit', '0'], bad, /limit/],
    [['backup', ...source, '--limit', '-1'], bad, /"-1" is not a whole number/],
    [['settings', 'set', 'nope', '3'], bad, /no setting "nope"/],
    [['settings', 'set', 'gzipLevel', '12'], bad, /gzipLevel cannot be 12/],
    [['settings', 'set', 'gzipLevel', 'best'], bad, /"best" is not a whole number/],
    [['settings', 'set', 'toString', '1'], bad, /no setting "toString"/],
  ],
};

describe.each(Object.entries(cases))('%s', (_, group) => {
  let box: CliSandbox;
  let before: Record<string, Buffer>;
  /** Everything that a wrong command must leave alone; the engine itself may touch its log and its lock. */
  const lasting = () =>
    Object.fromEntries(Object.entries(filesIn(box.path)).filter(([path]) => !/^home\/(logs|engine|catalog)/.test(path)));

  beforeAll(async () => {
    box = await openSandbox();
    box.folder('usb', 'nas');
    writeNotes(box.at('notes.db'));
    writeNotes(box.at('my notes.db'));
    await box.json(['destination', 'add', 'folder', 'usb', 'usb']);
    await box.json(['job', 'add', 'notes', ...source]);
    before = lasting();
  });

  afterAll(async () => {
    await box[Symbol.asyncDispose]();
  });

  it.for(group.map((example) => [example[0].join(' '), example] as const))('%s', async ([, [args, code, message, exitCode = 2]]) => {
    const error = await box.fails(args, exitCode);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(error.message).toMatch(/^[^\n✖→]+$/);
    expect(lasting()).toEqual(before);
  });
});

describe('one mistake', () => {
  it('is told with code, message and hint, also where there is no hint to give', async () => {
    await using box = await openSandbox();
    for (const args of [
      ['settings', 'set', 'gzipLevel', '12'],
      ['destination', 'add', 'folder', 'a/b', '.'],
      ['backup', 'nope'],
    ]) {
      expect(Object.keys(await box.fails(args, 2))).toEqual(['code', 'message', 'hint']);
    }
  });

  it('does not give a job the same destination twice, however it is spelled', async () => {
    await using box = await openSandbox();
    box.folder('usb');
    writeNotes(box.at('notes.db'));
    await box.json(['destination', 'add', 'folder', 'usb', 'usb']);
    await box.json(['job', 'add', 'notes', ...source, '--to', 'USB', '--to', 'usb']);
    expect(await box.json(['job', 'show', 'notes'])).toMatchObject({ destinations: ['usb'] });
    await box.json(['backup', 'notes']);
  });

  it('in a name of a job is not taken for a job that has no snapshots yet', async () => {
    await using box = await openSandbox();
    expect(await box.fails(['snapshots', 'nope'], 2)).toMatchObject({ code: 'job-unknown' });
    expect(await box.fails(['history', 'nope'], 2)).toMatchObject({ code: 'job-unknown' });
  });

  it('in a source that goes away is told by the next run, not by a new empty file', async () => {
    await using box = await openSandbox();
    box.folder('usb');
    writeNotes(box.at('notes.db'));
    await box.json(['destination', 'add', 'folder', 'usb', 'usb']);
    await box.json(['job', 'add', 'notes', ...source]);
    rmSync(box.at('notes.db'));
    expect(await box.fails(['backup', 'notes'], 1)).toMatchObject({ code: 'source-missing' });
    expect(await box.fails(['job', 'set', 'notes', '--sqlite', 'gone.db'], 1)).toMatchObject({ code: 'source-missing' });
    expect(Object.keys(filesIn(box.path)).filter((path) => /^(notes|gone)\.db/.test(path))).toEqual([]);
  });
});
