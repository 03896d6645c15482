import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import { describe, expect, it } from 'vitest';
import type { EngineClient } from '../../electron/api/client.ts';
import { strictHeaders } from '../../electron/api/web-headers.ts';
import { pagePortMessage, pagePortWanted } from '../../electron/domain/page-port.ts';
import { openAppScene, withNotes } from '../support/app-scene.ts';
import { FakeFrame } from '../support/electron/ports.ts';

describe('the page', () => {
  it('comes under the strict policy, with a nonce of its own for every answer', async () => {
    await using scene = await openAppScene();
    await scene.begin();
    const pages = [await scene.electron.fetch('app://nightjar/'), await scene.electron.fetch('app://nightjar/?a=b')];
    const nonces = [];
    for (const page of pages) {
      const [, nonce = ''] = /nonce="([\w-]{43})"/.exec(await page.text()) ?? [];
      nonces.push(nonce);
      expect(page.status).toBe(200);
      const { 'content-length': _, 'content-type': type, ...headers } = Object.fromEntries(page.headers);
      const expected = [...strictHeaders(`'nonce-${nonce}'`)].map(([name, value]) => [name.toLowerCase(), value]);
      expect([type, headers]).toEqual(['text/html; charset=utf-8', Object.fromEntries(expected)]);
    }
    expect(new Set(nonces).size).toBe(2);
    const script = await scene.electron.fetch('app://nightjar/assets/main-8f3k2m9q.js');
    expect([script.headers.get('content-type'), await script.text()]).toEqual(['text/javascript; charset=utf-8', 'export {};']);
  });

  it.each([
    'app://nightjar/nothing',
    'app://nightjar/index.html',
    'app://nightjar/assets/',
    'app://nightjar/assets/%2e%2e/%2e%2e/home/settings.json',
    'app://nightjar/../home/settings.json',
    'app://nightjar//',
    'app://elsewhere/',
    'app://nightjar.evil/',
  ])('is not at %s', async (url) => {
    await using scene = await openAppScene();
    await scene.begin();
    const answer = await scene.electron.fetch(url);
    expect([answer.status, answer.headers.get('content-security-policy')]).toEqual([404, expect.stringContaining("default-src 'none'")]);
  });

  it('is only read', async () => {
    await using scene = await openAppScene();
    await scene.begin();
    expect((await scene.electron.fetch('app://nightjar/', { method: 'POST', body: 'x' })).status).toBe(404);
  });

  it('stays in its window: it leaves for nowhere, opens no window and holds no other page', async () => {
    await using scene = await openAppScene();
    await scene.begin();
    const { openedOutside, windows } = scene.electron;
    const contents = windows[0]?.webContents;
    if (contents === undefined) throw new Error('there is no window');
    const events = ['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'];
    expect(events.map((event) => contents.ask(event))).toEqual([false, false, false, false]);
    const urls = [
      'https://example.org/',
      'http://127.0.0.1:8080/sign-in',
      'http://example.org/',
      'file:///etc/passwd',
      'javascript:alert(1)',
    ];
    expect(urls.map((url) => contents.openWindow(url))).toEqual(urls.map(() => 'deny'));
    expect(openedOutside).toEqual(['https://example.org/', 'http://127.0.0.1:8080/sign-in']);
  });

  it('may copy a text, and nothing else; others may not even that', async () => {
    await using scene = await openAppScene();
    await scene.begin();
    const { defaultSession } = scene.electron.session;
    expect(await defaultSession.permits('clipboard-sanitized-write', 'app://nightjar/#/')).toEqual([true, true]);
    for (const permission of ['clipboard-read', 'notifications', 'media', 'geolocation', 'openExternal', 'fileSystem', 'unknown']) {
      expect([permission, await defaultSession.permits(permission, 'app://nightjar/')]).toEqual([permission, [false, false]]);
    }
    expect(await defaultSession.permits('clipboard-sanitized-write', 'https://example.org/')).toEqual([false, false]);
  });
});

describe('a port to the engine', () => {
  it('is handed to our page, and backs up over it with progress', async () => {
    await using scene = await openAppScene({ prepare: withNotes() });
    await scene.begin();
    const frame = new FakeFrame('app://nightjar/');
    scene.electron.sendFromPreload(pagePortWanted, frame);
    const [message] = frame.received;
    const port = message?.ports[0];
    if (port === undefined) throw new Error('no port came');
    expect([message?.channel, message?.ports.length]).toEqual([pagePortMessage, 1]);
    port.start();
    const client: EngineClient = createORPCClient(new RPCLink({ port }));
    expect((await client.desktop.info()).kind).toBe('app');
    const types = new Set<string>();
    for await (const { type } of await client.jobs.backup({ job: 'notes' })) types.add(type);
    expect(types).toEqual(new Set(['run-started', 'step-started', 'step-progress', 'step-finished', 'run-finished']));
    expect((await client.snapshots.list({})).map(({ job }) => job)).toEqual(['notes']);
    port.close();
  });

  it.each([
    ['another origin', new FakeFrame('https://example.org/')],
    ['another host of our scheme', new FakeFrame('app://elsewhere/')],
    ['a file', new FakeFrame('file:///tmp/page.html')],
    ['a frame within our page', new FakeFrame('app://nightjar/', {})],
    ['a frame that is gone', null],
  ])('is not handed to %s, which is logged', async (_, frame) => {
    await using scene = await openAppScene();
    const { client, engine } = await scene.begin();
    const before = engine.notices;
    scene.electron.sendFromPreload(pagePortWanted, frame);
    expect(frame?.received ?? []).toEqual([]);
    expect(engine.notices).toEqual(before);
    const { text } = await client.engine.report();
    expect(text).toContain('somebody who is not our page asked for the engine');
  });
});
