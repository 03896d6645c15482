import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  type BackupDocument,
  type CliOptions,
  type CliSandbox,
  filesIn,
  modesIn,
  openSandbox,
  type RunDocument,
  type RunningCli,
  writeNoise,
  writeNotes,
} from '../support/cli.ts';
import { asOrdinaryUser, skipWhereClosed } from '../support/ordinary-user.ts';

/** A backup that is stopped in the middle, as a suspended laptop stops it. */
async function stopInTheMiddle(box: CliSandbox, options: CliOptions = {}): Promise<RunningCli> {
  box.folder('usb');
  writeNoise(box.at('large.db'), 64);
  const running = box.start(['backup', '--sqlite', 'large.db', '--to', 'usb'], options);
  await running.seen('Copying the database');
  running.child.kill('SIGSTOP');
  return running;
}

describe('two commands at once on one data folder', () => {
  it('the second is refused where the first does not answer, and told who it is; what only looks still works; the first finishes', async () => {
    await using box = await openSandbox();
    writeNotes(box.at('notes.db'));
    const first = await stopInTheMiddle(box);

    const refused = [
      ['backup', '--sqlite', 'notes.db', '--to', 'usb'],
      ['settings', 'set', 'gzipLevel', '1'],
      ['verify', 'notes'],
    ];
    for (const args of refused) {
      const error = await box.fails(args, 3);
      expect(error).toMatchObject({
        code: 'home-busy',
        message: expect.stringContaining(`process ${first.pid}`),
        hint: expect.any(String),
      });
    }
    expect(await box.json(['history'])).toMatchObject([{ job: 'large', status: 'running', endedAt: null }]);
    expect(await box.json(['status'])).toMatchObject({ healthy: true, atWork: null, jobs: [] });
    expect((await box.run(['snapshots'])).stderr).toContain(`(process ${first.pid}) is at work in ${box.home} and does not answer`);
    expect(await box.json(['job', 'list'])).toEqual([]);
    expect(await box.json(['destination', 'list'])).toEqual([]);

    first.child.kill('SIGCONT');
    expect(await first.ended()).toMatchObject({ code: 0 });
    await box.json<BackupDocument>(['backup', '--sqlite', 'notes.db', '--to', 'usb']);
    expect((await box.json<RunDocument[]>(['history'])).map(({ job, status }) => `${job} ${status}`)).toEqual([
      'notes succeeded',
      'large succeeded',
    ]);
  });

  it('a killed one holds nothing up: its run is called interrupted, and what it staged is gone', async () => {
    await using box = await openSandbox();
    writeNotes(box.at('notes.db'));
    const first = await stopInTheMiddle(box);
    first.child.kill('SIGKILL');
    await first.ended();
    expect(Object.keys(filesIn(box.at('home', 'staging')))).not.toEqual([]);

    const { code, stderr } = await box.run(['backup', '--sqlite', 'notes.db', '--to', 'usb', '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/run run-\w+ was interrupted/) });
    expect(filesIn(box.at('home', 'staging'))).toEqual({});
    expect(filesIn(box.at('usb', 'large'))).toEqual({});
    expect((await box.json<RunDocument[]>(['history'])).map(({ job, status }) => `${job} ${status}`)).toEqual([
      'notes succeeded',
      'large interrupted',
    ]);
  });
});

describe('what it writes', () => {
  /** What others than the owner may do something with. */
  const open = (folder: string) => Object.entries(modesIn(folder)).filter(([, mode]) => mode !== 0o700 && mode !== 0o600);

  it('is for its owner alone, whatever the umask, also in the middle of a run', async () => {
    await using box = await openSandbox();
    writeFileSync(box.at('open-umask.cjs'), 'process.umask(0);');
    const options = { environment: { NODE_OPTIONS: `--require ${box.at('open-umask.cjs')}` } };
    box.folder('nas');
    writeNotes(box.at('notes.db'));
    await box.json(['destination', 'add', 'folder', 'nas', 'nas'], 0, options);
    await box.json(['job', 'add', 'notes', '--sqlite', 'notes.db', '--to', 'nas'], 0, options);
    await box.json(['backup', 'notes'], 0, options);
    await box.json(['restore', 'notes', '--to', 'restored.db'], 0, options);

    const running = await stopInTheMiddle(box, options);
    expect(Object.keys(modesIn(box.home))).toEqual(
      expect.arrayContaining(['catalog.db', 'catalog.db-wal', 'engine.lock', 'logs/nightjar.log', 'settings.json', 'staging']),
    );
    expect(open(box.home)).toEqual([]);
    running.child.kill('SIGCONT');
    await running.ended();
    expect(open(box.home)).toEqual([]);
    expect(open(box.at('nas', 'notes'))).toEqual([]);
    expect(open(box.at('usb', 'large'))).toEqual([]);
    expect(modesIn(box.path)).toMatchObject({ 'restored.db': 0o600, 'nas/nightjar-destination.json': 0o600 });
  });
});

describe('the data folder', () => {
  it('is where --home says, before NIGHTJAR_HOME', async () => {
    await using box = await openSandbox();
    await box.json(['settings', 'set', 'gzipLevel', '3', '--home', 'elsewhere']);
    expect(existsSync(box.home)).toBe(false);
    expect(await box.json(['settings', 'list'], 0, { home: box.at('elsewhere') })).toMatchObject({ gzipLevel: 3 });
  });

  it.runIf(process.platform === 'linux')('is by default where the platform keeps data', async () => {
    await using box = await openSandbox();
    await box.json(['status'], 0, { home: '' });
    expect(existsSync(box.at('.local', 'share', 'nightjar', 'catalog.db'))).toBe(true);
  });

  it('that is a file is refused in a sentence', async () => {
    await using box = await openSandbox();
    writeFileSync(box.home, 'not a folder');
    expect(await box.fails(['status'], 1)).toEqual({
      code: 'home-unusable',
      message: expect.stringContaining(box.home),
      hint: expect.stringContaining('--home'),
    });
  });

  it('that may not be written is refused in a sentence', async (context) => {
    skipWhereClosed(context);
    await using box = await openSandbox();
    box.folder('home');
    const options = asOrdinaryUser(box.path);
    chmodSync(box.home, 0o555);
    expect(await box.fails(['status'], 1, options)).toEqual({
      code: 'home-unusable',
      message: expect.stringContaining(box.home),
      hint: expect.any(String),
    });
    chmodSync(box.home, 0o755);
  });
});
