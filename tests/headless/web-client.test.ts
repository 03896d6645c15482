import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/fetch';
import type { RouterClient } from '@orpc/server';
import { expect, it } from 'vitest';
import { openWebScene, type Procedures, type WebScene } from './web-scene.ts';

/** The page's own client, with what a browser adds to its requests by itself. */
function pageClient({ port, cookie }: WebScene): RouterClient<Procedures> {
  const origin = `http://127.0.0.1:${port}`;
  return createORPCClient(new RPCLink({ url: `${origin}/rpc`, headers: { cookie, origin, 'sec-fetch-site': 'same-origin' } }));
}

it('the typed client of the page calls procedures and reads their events', async () => {
  await using scene = await openWebScene();
  const client = pageClient(scene);
  const input = { at: new Date(0), words: 'é'.repeat(1000) };
  expect([await client.echo(input), await client.echo(undefined)]).toEqual([input, undefined]);
  const events = await client.events();
  const told: unknown[] = [];
  for (const text of ['one', 'two']) {
    const next = events.next();
    scene.tick(text);
    told.push((await next).value);
  }
  scene.endEvents();
  expect([told, (await events.next()).done]).toEqual([['one', 'two'], true]);
});

it('the typed client gets to know that it is not signed in', async () => {
  await using scene = await openWebScene();
  const client = pageClient({ ...scene, cookie: '' });
  await expect(client.echo(1)).rejects.toMatchObject({ status: 401 });
});
