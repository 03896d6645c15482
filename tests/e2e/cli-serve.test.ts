import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type CliSandbox, launcherPath, onlyDocument, openSandbox, type RunningCli, writeNotes } from '../support/cli.ts';

interface Served {
  readonly box: CliSandbox;
  readonly engine: RunningCli;
  /** An address of the window, with its token. */
  readonly url: string;
  [Symbol.asyncDispose](): PromiseLike<void>;
}

/** A sandbox with a job `notes`, and `nightjar serve` at work in it. */
async function openServed(...jobOptions: readonly string[]): Promise<Served> {
  const box = await openSandbox();
  box.folder('usb');
  writeNotes(box.at('notes.db'));
  await box.json(['destination', 'add', 'folder', 'usb', 'usb']);
  await box.json(['job', 'add', 'notes', '--sqlite', 'notes.db', '--to', 'usb', ...jobOptions]);
  const engine = box.start(['serve', '--json']);
  let said = '';
  engine.child.stdout?.on('data', (text: string) => (said += text));
  while (!said.trimEnd().endsWith('}')) await once(engine.child.stdout ?? engine.child, 'data');
  const { window } = JSON.parse(said) as { window: string };
  return { box, engine, url: window, [Symbol.asyncDispose]: () => box[Symbol.asyncDispose]() };
}

const slotsOf = (box: CliSandbox) =>
  box.json<{ at: string; state: string; reason: string | null; run: string | null }[]>(['job', 'slots', 'notes']);

describe('nightjar serve', () => {
  it('runs a job when it is due, by itself, and keeps its ledger', async () => {
    await using served = await openServed('--at', '* * * * *');
    const { box, engine } = served;
    // The next minute begins within the next minute.
    await engine.seen('notes: succeeded');
    const slots = await slotsOf(box);
    const runs = await box.json<{ id: string; trigger: string; startedAt: string }[]>(['history']);
    expect(runs.map(({ trigger }) => trigger)).toEqual(runs.map(() => 'schedule'));
    expect(slots.filter(({ state }) => state === 'done').at(-1)?.run).toBe(runs.at(-1)?.id);
    expect(slots.at(-1)?.at).toMatch(/:00\.000Z$/);
    expect(Date.parse(runs.at(-1)?.startedAt ?? '') - Date.parse(slots.at(-1)?.at ?? '')).toBeGreaterThanOrEqual(0);
    engine.child.kill('SIGTERM');
    const { code, stdout } = await engine.ended();
    expect([code, onlyDocument({ code, stdout, stderr: '' })]).toEqual([0, { home: box.home, pid: engine.pid, window: served.url }]);
    // The folder is free again, and the ledger is still there.
    expect((await slotsOf(box)).length).toBeGreaterThanOrEqual(slots.length);
  });

  it('lets one browser into the window, which has the same engine behind it as the commands', async () => {
    await using served = await openServed();
    const { box, url } = served;
    const entry = await fetch(url, { redirect: 'manual' });
    const cookie = entry.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const origin = new URL(url).origin;
    const call = (path: string, headers: Record<string, string>) =>
      fetch(`${origin}/rpc/${path}`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json', ...headers } });
    const answers = [
      await fetch(url, { redirect: 'manual' }),
      await call('jobs/list', { origin }),
      await call('jobs/list', { origin: 'http://evil.example', cookie }),
    ];
    expect([entry.status, ...answers.map(({ status }) => status)]).toEqual([303, 401, 401, 403]);
    const { url: another } = await box.json<{ url: string }>(['open', '--print']);
    expect([new URL(another).origin, (await fetch(another, { redirect: 'manual' })).status]).toEqual([origin, 303]);
    expect(await box.json(['status'], 1)).toMatchObject({ atWork: true });
    await box.json(['job', 'pause', 'notes', '--until', '1h']);
    const listed = await call('jobs/list', { origin, cookie });
    expect([listed.status, await listed.json()]).toMatchObject([
      200,
      { json: [{ name: 'notes', paused: true, pausedUntil: expect.any(String) }] },
    ]);
  });

  it('ends a run at its next safe point when it is told to stop, and makes up for it', async () => {
    await using served = await openServed('--at', '0 0 1 1 *');
    const { box, engine } = served;
    const backup = box.start(['backup', 'notes']);
    engine.child.kill('SIGTERM');
    const [{ code: engineCode }, { code }] = await Promise.all([engine.ended(), backup.ended()]);
    // The command was told that it is over, or had its backup, or opened the folder for itself when it was free.
    expect([engineCode, [0, 1].includes(code ?? -1)]).toEqual([0, true]);
    const runs = await box.json<{ status: string }[]>(['history']);
    expect(runs.filter(({ status }) => !['succeeded', 'cancelled'].includes(status))).toEqual([]);
  });

  it('goes on when nobody reads what it says any more', async () => {
    await using served = await openServed('--at', '0 0 1 1 *');
    const { box, engine } = served;
    engine.child.stdout?.destroy();
    engine.child.stderr?.destroy();
    // Each run is told in a line.
    for (let run = 0; run < 2; run++) expect(await box.json(['backup', 'notes'])).toMatchObject({ run: { status: 'succeeded' } });
    expect(await box.json(['status'])).toMatchObject({ atWork: true });
    engine.child.kill('SIGTERM');
    expect((await engine.ended()).code).toBe(0);
  });

  it('prints the service that starts this very program, for this data folder', async () => {
    await using box = await openSandbox();
    const { stdout } = await box.run(['serve', '--print-unit', 'systemd', '--no-window', '--port', '8480']);
    expect(stdout).toContain(`ExecStart="${process.execPath}" "${launcherPath}" "serve" "--no-window" "--port" "8480"\n`);
    expect(stdout).toContain(`Environment="NIGHTJAR_HOME=${box.home}"\n`);
    const { unit } = await box.json<{ unit: string }>(['serve', '--print-unit', 'launchd', '--home', box.at('other home')]);
    expect(unit).toContain(`<string>${box.at('other home')}</string>`);
    expect(await box.fails(['serve', '--print-unit', 'cron'], 2)).toMatchObject({ message: '"cron" is no kind of service' });
    expect(existsSync(box.home)).toBe(false);
  });

  it('has to be there for the window to be opened', async () => {
    await using box = await openSandbox();
    expect(await box.fails(['open', '--print'], 2)).toMatchObject({ hint: 'start one with: nightjar serve' });
    expect(await box.json(['status'])).toMatchObject({ atWork: false });
  });

  it('is refused beside another one, which goes on', async () => {
    await using served = await openServed();
    const { box, engine } = served;
    expect(await box.fails(['serve', '--no-window'], 3)).toMatchObject({
      code: 'home-busy',
      message: expect.stringContaining(`process ${engine.pid}`),
    });
    expect(await box.json(['backup', 'notes'])).toMatchObject({ run: { status: 'succeeded' } });
  });
});

it('pauses, skips and limits are kept with the job, and said', async () => {
  await using served = await openServed('--at', '17 3 * * *', '--zone', 'UTC');
  const { box } = served;
  const skipped = await box.json<{ skips: string }>(['job', 'skip-next', 'notes']);
  expect(skipped.skips).toMatch(/T03:17:00\.000Z$/);
  const rules = ['--only-on-mains', '--min-battery', '40', '--bandwidth', '08:00-18:00=500K', '--bandwidth', '22:00-06:00=2M'];
  expect(await box.json(['job', 'set', 'notes', ...rules])).toMatchObject({
    rules: {
      onlyOnMains: true,
      minBatteryPercent: 40,
      bandwidth: [
        { from: '08:00', to: '18:00', bytesPerSecond: 512_000 },
        { from: '22:00', to: '06:00', bytesPerSecond: 2_097_152 },
      ],
    },
  });
  expect((await box.run(['job', 'show', 'notes'])).stdout).toContain('from 08:00 to 18:00 at most 512 kB a second');
  expect(await box.json(['job', 'set', 'notes', '--bandwidth', 'none', '--no-only-on-mains'])).toMatchObject({
    rules: { onlyOnMains: false, minBatteryPercent: 40, bandwidth: [] },
  });
  expect(await box.json(['job', 'pause', '--all', '--until', 'tomorrow'])).toMatchObject([{ name: 'notes', paused: true }]);
  expect((await box.run(['job', 'show', 'notes'])).stdout).toContain('paused until');
  expect(await box.json(['job', 'resume', 'notes'])).toMatchObject({ paused: false, pausedUntil: null });
  for (const wrong of [
    ['--bandwidth', 'slow'],
    ['--bandwidth', '25:00-26:00=1M'],
    ['--min-battery', '101'],
  ]) {
    expect(await box.fails(['job', 'set', 'notes', ...wrong], 2)).toMatchObject({ code: 'usage-invalid' });
  }
  expect(await box.fails(['job', 'pause', 'notes', '--until', 'soon'], 2)).toMatchObject({ message: expect.stringContaining('"soon"') });
  expect(await box.fails(['job', 'pause'], 2)).toMatchObject({ code: 'usage-invalid' });
  expect(await box.fails(['job', 'pause', 'notes', 'nope'], 2)).toMatchObject({ code: 'job-unknown' });
  expect(await box.json(['job', 'show', 'notes'])).toMatchObject({ paused: false });
  expect(await box.fails(['cancel', 'run-nope'], 2)).toMatchObject({ code: 'run-unknown' });
});

describe('a command', () => {
  it('whose output nobody reads ends as it would have', async () => {
    await using served = await openServed('--at', '0 0 1 1 *');
    const { box } = served;
    await box.json(['backup', 'notes']);
    for (const args of [['history'], ['backup', 'notes']]) {
      const command = box.start(args);
      command.child.stdout?.destroy();
      expect(await command.ended()).toMatchObject({ code: 0, stderr: expect.not.stringContaining('EPIPE') });
    }
    expect((await box.json<unknown[]>(['history'])).length).toBe(2);
  });

  it.skipIf(!existsSync('/dev/full'))('whose output cannot be written fails, and says so in a sentence', async () => {
    await using served = await openServed();
    const { box } = served;
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [launcherPath, 'job', 'list', '--home', box.home], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(full);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^nightjar: what is said here cannot be written: ENOSPC[^\n]*\n$/)]);
  });
});
