import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { servePort } from '../../electron/api/port-handler.ts';
import { addLockedJob, asInMain, heard, openHost } from '../support/engine-clients.ts';

/** An engine that is served at one end of a channel; the other end is what a page has. */
async function openPort() {
  const { engine, host, path, remove } = await openHost();
  const { port1, port2: page } = new MessageChannel();
  servePort(host, asInMain(port1));
  const close = async () => {
    await host.end();
    page.close();
    engine.close();
    await remove();
  };
  return { engine, host, page, path, [Symbol.asyncDispose]: close };
}

const call = (path: string, input: unknown = undefined, more: object = {}) =>
  JSON.stringify({ i: 1, p: { u: path, b: { json: input }, ...more } });

it('answers what a page asks for, and what there is none of', async () => {
  await using scene = await openPort();
  scene.page.postMessage(call('/jobs/list'));
  const [listed] = await once(scene.page, 'message');
  expect(JSON.parse(listed)).toMatchObject({ i: 1, p: { b: { json: [] } } });
  scene.page.postMessage(call('/nothing/there').replace('"i":1', '"i":2'));
  const [unknown] = await once(scene.page, 'message');
  expect(JSON.parse(unknown)).toMatchObject({ i: 2, p: { s: 404 } });
});

it('ends what a page has started when it is gone', async () => {
  await using scene = await openPort();
  using _writer = await addLockedJob(scene);
  const begun = heard(scene, 'step-started');
  const finished = heard(scene, 'run-finished');
  scene.page.postMessage(call('/jobs/backup', { job: 'locked' }));
  await begun;
  scene.page.close();
  expect(await finished).toMatchObject({ status: 'cancelled' });
});

it('ends what a page has started when it sends anything else than calls', async () => {
  await using scene = await openPort();
  using _writer = await addLockedJob(scene);
  const begun = heard(scene, 'step-started');
  const finished = heard(scene, 'run-finished');
  scene.page.postMessage(call('/jobs/backup', { job: 'locked' }));
  await begun;
  scene.page.postMessage('not a call');
  expect(await finished).toMatchObject({ status: 'cancelled' });
});

it.each([
  ['no text', { i: 1, p: { u: '/jobs/list' } }],
  ['bytes', new Uint8Array([123, 125])],
  ['no JSON', '{'],
  ['no call', '{}'],
  ['a call without an address', JSON.stringify({ i: 1, p: {} })],
  ['an address elsewhere', call('https://example.org/')],
  ['an address that cannot be read', call('/%E0%A4%A')],
  ['headers', call('/jobs/list', undefined, { h: { 'content-type': 'multipart/form-data' } })],
  ['another method', call('/jobs/list', undefined, { m: 'DELETE' })],
  ['an event of a stream', JSON.stringify({ i: 1, t: 3, p: null })],
  ['more than a call may hold', call('/jobs/list', 'x'.repeat(1024 * 1024))],
])('closes a port that sends %s', async (_, message) => {
  await using scene = await openPort();
  const closed = once(scene.page, 'close');
  scene.page.postMessage(message);
  await closed;
});
