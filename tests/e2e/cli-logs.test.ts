import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { logLimits } from '../../electron/engine/platform/log.ts';
import { openRotatingFile } from '../../electron/engine/platform/rotating-file.ts';
import { type BackupDocument, type CliSandbox, openSandbox, type RunningCli, writeNotes } from '../support/cli.ts';

interface Line {
  readonly at: string | null;
  readonly level: string;
  readonly message: string;
  readonly run?: string;
}
interface LogsDocument {
  readonly lines: readonly Line[];
}

async function backUp(box: CliSandbox): Promise<BackupDocument> {
  box.folder('usb');
  writeNotes(box.at('notes.db'));
  return box.json<BackupDocument>(['backup', '--sqlite', 'notes.db', '--to', 'usb']);
}

/** What a command that goes on prints. */
function printedBy({ child }: RunningCli) {
  const out = child.stdout as NodeJS.ReadableStream;
  let stdout = '';
  out.on('data', (more: string) => {
    stdout += more;
  });
  return {
    /** Resolves to all that was printed when that holds the text. */
    until: async (text: string): Promise<string> => {
      while (!stdout.includes(text)) await once(out, 'data');
      return stdout;
    },
  };
}

describe('nightjar logs', () => {
  it('shows what was said of a run: its steps with what was sent, and its end', async () => {
    await using box = await openSandbox();
    const { run, snapshot } = await backUp(box);
    const { lines } = await box.json<LogsDocument>(['logs', '--run', run.id]);
    const messages = lines.map(({ message }) => message);
    expect([messages.at(0), messages.at(-1)]).toEqual(['run started', 'run succeeded']);
    expect(messages.slice(1, -1).toSorted()).toEqual(run.steps.flatMap(({ name }) => [`${name} done`, `${name} started`]).toSorted());
    expect(lines.find(({ message }) => message === 'send done')).toMatchObject({
      level: 'info',
      run: run.id,
      destination: expect.stringContaining('usb'),
      bytes: snapshot.copies[0]?.bytes,
    });
    const all = await box.json<LogsDocument>(['logs']);
    expect(all.lines.filter((line) => line.run === run.id)).toEqual(lines);
    const plain = await box.run(['logs', '--run', run.id, '--lines', '1']);
    expect(plain).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}info {3}run succeeded {2}job=notes {2}warnings=0\n$/),
    });
    await box.json(['restore', 'notes', '--to', 'restored.db']);
    const [restore] = await box.json<{ id: string }[]>(['restore', '--list']);
    const { lines: ofRestore } = await box.json<LogsDocument>(['logs', '--run', restore?.id ?? '']);
    expect(ofRestore.at(0)?.message).toBe('restore started');
    expect(ofRestore.at(-1)?.message).toMatch(/^restored /);
  });

  it('shows a failure with its level, its stack only to programs', async () => {
    await using box = await openSandbox();
    box.folder('usb');
    writeNotes(box.at('notes.db'));
    await box.json(['destination', 'add', 'folder', 'usb', 'usb']);
    await box.json(['job', 'add', 'notes', '--sqlite', 'notes.db', '--to', 'usb']);
    rmSync(box.at('usb'), { recursive: true });
    await box.fails(['backup', 'notes'], 1);
    const { lines } = await box.json<LogsDocument>(['logs', '--level', 'error']);
    expect(lines).toEqual([expect.objectContaining({ level: 'error', job: 'notes', stack: expect.stringContaining('BackupError') })]);
    const { stdout } = await box.run(['logs', '--level', 'error']);
    expect(stdout.split('\n')).toHaveLength(2);
    expect(stdout).toMatch(/ {2}error {2}.*code=destination-absent/);
    expect((await box.json<LogsDocument>(['logs', '--lines', '0'])).lines).toEqual([]);
    expect((await box.json<LogsDocument>(['logs', '--lines', '3'])).lines).toHaveLength(3);
  });

  it('reads over files that were turned over, and what a crash has cut', async () => {
    await using box = await openSandbox();
    mkdirSync(box.at('home', 'logs'), { recursive: true });
    const path = box.at('home', 'logs', 'nightjar.log');
    const line = (n: number) => `${JSON.stringify({ level: 'info', time: '2026-11-22T03:17:00.000Z', msg: `line ${n}` })}\n`;
    writeFileSync(`${path}.2`, line(1));
    writeFileSync(`${path}.1`, line(2) + line(3));
    writeFileSync(path, `{"level":"warn","tim\n${line(4)}`);
    const { lines } = await box.json<LogsDocument>(['logs']);
    expect(lines.map(({ message }) => message)).toEqual(['line 1', 'line 2', 'line 3', '{"level":"warn","tim', 'line 4']);
    expect(lines[3]?.at).toBeNull();
  });

  it('makes nothing and says so where nothing was logged yet', async () => {
    await using box = await openSandbox();
    expect(await box.run(['logs'])).toEqual({ code: 0, stdout: 'nothing was logged yet\n', stderr: '' });
    expect(readdirSync(box.path)).toEqual([]);
  });

  it('refuses a run that it does not know, and one whose log is gone, each in its own words', async () => {
    await using box = await openSandbox();
    const { run } = await backUp(box);
    for (const id of ['run-2222222222', '../nightjar', '']) {
      expect(await box.fails(['logs', '--run', id], 2)).toEqual({
        code: 'run-unknown',
        message: `there is no run "${id}"`,
        hint: expect.stringContaining('nightjar history'),
      });
    }
    rmSync(box.at('home', 'logs', 'runs', `${run.id}.log`));
    expect((await box.fails(['logs', '--run', run.id], 2)).message).toBe(`the log of ${run.id} is not kept any more`);
    expect((await box.fails(['logs', '--level', 'loud'], 2)).message).toBe('"loud" is not a level');
  });
});

describe('nightjar logs --follow', () => {
  it('shows what another process logs, also over a turned over file, until Ctrl-C', async () => {
    await using box = await openSandbox();
    await backUp(box);
    const path = box.at('home', 'logs', 'nightjar.log');
    const following = box.start(['logs', '-f', '--lines', '1']);
    const printed = printedBy(following);
    await printed.until('run succeeded');
    const { run } = await box.json<BackupDocument>(['backup', '--sqlite', 'notes.db', '--to', 'usb']);
    await printed.until(`run succeeded  run=${run.id}`);

    const file = openRotatingFile(path, { ...logLimits, bytes: 1 });
    const line = (message: string) => `${JSON.stringify({ level: 'warn', time: '2026-11-22T03:17:00.000Z', msg: message })}\n`;
    for (const message of ['in a second file', 'in a third file', 'the last one']) file.write(line(message));
    file.close();
    const shown = await printed.until('the last one');
    expect(shown.match(/in a second file|in a third file|the last one/g)).toEqual(['in a second file', 'in a third file', 'the last one']);

    following.child.kill('SIGINT');
    expect(await following.ended()).toMatchObject({ code: 0, stderr: '' });
  });

  it('gives programs one document a line, and ends with who reads it', async () => {
    await using box = await openSandbox();
    const { run } = await backUp(box);
    const following = box.start(['logs', '--run', run.id, '--follow', '--json']);
    const text = await printedBy(following).until('run succeeded');
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as Line).message),
    ).toContain('send done');
    following.child.stdout?.destroy();
    writeFileSync(join(box.home, 'logs', 'runs', `${run.id}.log`), readFileSync(join(box.home, 'logs', 'runs', `${run.id}.log`)), {
      flag: 'a',
    });
    expect(await following.ended()).toMatchObject({ code: 0, stderr: '' });
  });
});
