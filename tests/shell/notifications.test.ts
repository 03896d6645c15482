import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openAppScene, withNotes } from '../support/app-scene.ts';

describe('a notification', () => {
  it('tells a failure once, and a click opens that run in the window', async () => {
    await using scene = await openAppScene({ prepare: withNotes(), surroundings: { args: ['--at-login'] } });
    const { client } = await scene.begin();
    rmSync(join(scene.path, 'usb'), { recursive: true });
    await client.jobs.trigger({ job: 'notes' });
    const notification = await scene.electron.notified('notes was not backed up');
    const [run] = await client.runs.list({ job: 'notes' });
    expect(notification.body).toContain(run?.error?.message);
    expect(scene.electron.windows).toEqual([]);
    notification.emit('click');
    expect(scene.electron.windows.map(({ urls }) => urls)).toEqual([[`app://nightjar/#/history/${run?.id}`]]);
  });

  it('is not shown to whoever wants none, and success is silent', async () => {
    await using scene = await openAppScene({ prepare: withNotes() });
    const { client, engine, told } = await scene.begin();
    const finished = told('run-finished');
    await client.jobs.trigger({ job: 'notes' });
    await finished;
    await client.settings.set({ key: 'notifications', value: false });
    engine.emit({ type: 'notification', kind: 'failed', job: 'notes', message: 'it failed', atMs: 0 });
    expect(scene.electron.notifications).toEqual([]);
    await client.settings.set({ key: 'notifications', value: true });
    engine.emit({ type: 'notification', kind: 'sign-in', job: 'notes', message: 'the sign-in has ended', atMs: 0 });
    engine.emit({ type: 'settings-refused', reason: 'the settings file is not JSON', setAside: null, atMs: 0 });
    expect(scene.electron.notifications.map(({ body, title }) => [title, body])).toEqual([
      ['notes sign in again', 'the sign-in has ended'],
      ['The settings file was put back', 'the settings file is not JSON'],
    ]);
  });
});
