import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { openSandbox, writeNotes } from '../support/cli.ts';

const run = promisify(execFile);

/** The example in the README, as it stands there. */
function example(): string {
  const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
  const section = readme.slice(readme.indexOf('## API for other programs'));
  return /```sh\n(.*?)```/s.exec(section)?.[1] ?? '';
}

describe('the API for other programs', () => {
  it('does what the example in the README shows', async (context) => {
    if (spawnSync('curl', ['--version']).status !== 0) {
      process.stdout.write('NOT TRIED: there is no curl here\n');
      context.skip('no curl');
    }
    await using box = await openSandbox();
    box.folder('usb', 'journal');
    writeNotes(box.at('notes.db'));
    await box.json(['destination', 'add', 'folder', 'usb', 'usb']);
    await box.json(['job', 'add', 'notes', '--sqlite', 'notes.db', '--to', 'usb']);
    mkdirSync(box.at('journal', 'entries'));
    const git = (...args: string[]) =>
      run('git', ['-C', box.at('journal'), '-c', 'user.name=n', '-c', 'user.email=n@example.com', ...args]);
    await git('init', '--quiet', '--initial-branch=main');
    await git('config', 'user.name', 'n');
    await git('config', 'user.email', 'n@example.com');
    writeFileSync(box.at('journal', 'entries', 'today.md'), 'today\n');
    await box.json(['job', 'add', 'journal', '--git', 'journal', '--store', 'entries']);
    const engine = box.start(['serve', '--no-window']);
    await engine.seen('journal: ');

    const environment = { PATH: process.env.PATH, HOME: box.path, NIGHTJAR_HOME: box.home };
    const { stdout } = await run('bash', ['-ceu', example()], { env: environment });
    const [enqueued, items, triggered, runs, status, ...events] = stdout.split('\n');
    const answer = (text = '') => JSON.parse(text).json;
    expect(answer(enqueued)).toMatchObject([{ item: 'note 7', paths: ['entries/today.md'], reason: 'edited', state: 'queued' }]);
    expect(answer(items)).toMatchObject([{ item: 'note 7', state: expect.stringMatching(/queued|running|success/) }]);
    expect(answer(triggered)).toEqual({ job: 'notes' });
    expect(answer(runs)).toMatchObject(expect.any(Array));
    expect(answer(status)).toMatchObject([{ job: 'notes' }, { job: 'journal' }]);
    expect(events.join('\n')).toMatch(/"type":"run-started".*event: done\ndata: .*"kind":"sqlite".*"status":"succeeded"/s);
    expect(await box.json(['history', 'notes'])).toMatchObject([
      { trigger: 'api', status: 'succeeded' },
      { trigger: 'api', status: 'succeeded' },
    ]);
    engine.child.kill('SIGTERM');
    expect(await engine.ended()).toMatchObject({ code: 0 });
  });
});
