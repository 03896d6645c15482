import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { healthStates } from '../../electron/domain/finding.ts';
import { trayImage } from '../../electron/shell/tray-image.ts';
import { HandClock, openAppScene, withNotes } from '../support/app-scene.ts';
import { projectFolder } from '../support/built-app.ts';
import { countNotes } from '../support/test-engine.ts';

const icons = join(projectFolder, 'build/icons/tray');

describe('the tray of the app', () => {
  it('backs up when it is told to, in processes that Electron starts, and shows how far it is', async () => {
    const clock = new HandClock();
    await using scene = await openAppScene({ prepare: withNotes(20_000), ports: { clock }, surroundings: { platform: 'darwin' } });
    const { client, engine, told } = await scene.begin();
    const { tray, workers } = scene.electron;
    const progressed = told('step-progress');
    const finished = told('run-finished');
    tray.choose('notes', 'Back up now');
    await tray.shows(({ images }) => images.at(-1)?.includes('running-') === true);
    await progressed;
    clock.look(1000);
    expect(await finished).toMatchObject({ status: 'succeeded' });
    await tray.shows(({ images, toolTip }) => images.at(-1)?.endsWith('goodTemplate.png') === true && toolTip.includes('All good: notes'));
    const [run] = await client.runs.list({ job: 'notes' });
    const [snapshot] = engine.catalog.snapshots('notes');
    expect([run?.trigger, run?.status, snapshot?.copies.map(({ verified }) => verified?.level)]).toEqual([
      'manual',
      'succeeded',
      ['quick'],
    ]);
    expect(workers.length).toBeGreaterThan(1);
    expect(tray.toolTips.some((text) => /^Nightjar: notes is being backed up.* \(.+\)$/.test(text))).toBe(true);
    expect(tray.title).toBe('');
  });

  it('pauses and resumes for real', async () => {
    await using scene = await openAppScene({ prepare: withNotes() });
    const { client } = await scene.begin();
    const { tray } = scene.electron;
    tray.choose('Pause everything', 'Until resumed');
    await tray.shows((shown) => shown.labels().includes('Resume everything'));
    expect(await client.jobs.get({ job: 'notes' })).toMatchObject({ paused: true, pausedUntil: null });
    tray.choose('notes', 'Resume');
    await tray.shows((shown) => !shown.labels().includes('Resume everything'));
    expect(await client.jobs.get({ job: 'notes' })).toMatchObject({ paused: false });
    tray.choose('notes', 'Pause for 1 hour');
    await tray.shows((shown) => shown.labels().includes('Resume everything'));
    const { pausedUntil } = await client.jobs.get({ job: 'notes' });
    expect(Math.abs(Date.parse(pausedUntil ?? '') - Date.now() - 3_600_000)).toBeLessThan(60_000);
  });

  it('cancels a run', async () => {
    await using scene = await openAppScene({ prepare: withNotes(50_000) });
    const { client, told } = await scene.begin();
    const finished = told('run-finished');
    scene.electron.tray.choose('notes', 'Back up now');
    await scene.electron.tray.shows((tray) => tray.labels().some((label) => /^notes, (?!not backed up)/.test(label)));
    scene.electron.tray.choose('notes', 'Cancel');
    expect(await finished).toMatchObject({ status: 'cancelled' });
    expect((await client.runs.list({ job: 'notes' })).map(({ status }) => status)).toEqual(['cancelled']);
  });

  it('says what could not be done', async () => {
    await using scene = await openAppScene({ prepare: withNotes() });
    const { client } = await scene.begin();
    const [item] = (scene.electron.tray.menus.at(-1) ?? []).filter(({ enabled, label }) => enabled !== false && label?.startsWith('notes'));
    await client.jobs.remove({ job: 'notes' });
    const [backUp] = ((item?.submenu ?? []) as { label?: string; click?: () => void }[]).filter(({ label }) => label === 'Back up now');
    backUp?.click?.();
    expect((await scene.electron.notified('That could not be done')).body).toContain('there is no job "notes"');
  });

  it('opens the window, and that for restoring beside it', async () => {
    await using scene = await openAppScene({ prepare: withNotes(), surroundings: { args: ['--at-login'] } });
    await scene.begin();
    const { tray, windows } = scene.electron;
    tray.choose('Restore…');
    tray.choose('Open Nightjar');
    tray.choose('notes', 'Open');
    tray.choose('notes', 'Restore…');
    // It is there already: to load it anew would give up what it is doing.
    tray.choose('notes', 'Restore…');
    tray.choose('Open Nightjar');
    tray.emit('click');
    expect(windows.map(({ urls }) => urls)).toEqual([
      ['app://nightjar/#/restore?window', 'app://nightjar/#/restore?window&job=notes'],
      ['app://nightjar/#/', 'app://nightjar/#/history?job=notes'],
    ]);
  });

  it('follows what is done in the window and in the settings file', async () => {
    const clock = new HandClock();
    await using scene = await openAppScene({ prepare: withNotes(), ports: { clock } });
    const { client } = await scene.begin();
    const { tray } = scene.electron;
    await client.jobs.remove({ job: 'notes' });
    await tray.shows((shown) => shown.labels()[0] === 'No jobs yet');
    expect(tray.images.at(-1)).toBe(join(icons, 'good-ink.png'));
  });

  it('is white on a dark panel, from the moment on when that is dark', async () => {
    await using scene = await openAppScene();
    await scene.begin();
    const { nativeTheme, tray } = scene.electron;
    nativeTheme.turn(true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(tray.images).toEqual([join(icons, 'good-ink.png'), join(icons, 'good-white.png')]);
  });

  it('is set only where it has changed', async () => {
    const clock = new HandClock();
    await using scene = await openAppScene({ prepare: withNotes(), ports: { clock } });
    await scene.begin();
    const { tray } = scene.electron;
    const before = [tray.menus.length, tray.toolTips.length, tray.images.length];
    clock.look(30_000);
    await scene.electron.app.loginItem;
    clock.look(30_000);
    expect([tray.menus.length, tray.toolTips.length, tray.images.length]).toEqual(before);
  });
});

describe('the picture of the tray', () => {
  it.each(
    (['darwin', 'win32', 'linux'] as const).flatMap((platform) =>
      healthStates.flatMap((state) => [true, false].map((isDark) => [platform, state, isDark] as const)),
    ),
  )('is there on %s for %s (dark: %s)', (platform, state, isDark) => {
    for (const percent of [null, 0, 24, 25, 60, 100]) {
      expect(existsSync(trayImage(icons, { state, percent }, { platform, environment: {} }, isDark))).toBe(true);
    }
  });

  it.each([
    ['win32', '', true, 'good-white.ico'],
    ['win32', '', false, 'good-ink.ico'],
    ['linux', 'KDE', false, 'good-ink.png'],
    ['linux', 'ubuntu:GNOME', false, 'good-white.png'],
    ['darwin', '', true, 'goodTemplate.png'],
  ] as const)('on %s %s (dark: %s) is %s', (platform, desktop, isDark, name) => {
    const around = { platform, environment: { XDG_CURRENT_DESKTOP: desktop } };
    expect(trayImage('', { state: 'good', percent: null }, around, isDark)).toBe(name);
  });
});

describe('a database that was backed up from the tray', () => {
  it('is whole when it is restored in the same app', async () => {
    await using scene = await openAppScene({ prepare: withNotes(777) });
    const { client, told } = await scene.begin();
    const finished = told('run-finished');
    scene.electron.tray.choose('notes', 'Back up now');
    await finished;
    const target = join(scene.path, 'restored.db');
    for await (const _ of await client.restores.toFile({ snapshot: 'notes@latest', target }));
    expect(countNotes(target)).toBe(777);
  });
});
