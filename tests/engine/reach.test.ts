import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { reachesHost } from '../../electron/engine/platform/reach.ts';

const { signal } = new AbortController();

it('tells a host that takes connections from one that does not', async () => {
  const server = createServer((socket) => socket.end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  expect(await reachesHost(`http://127.0.0.1:${port}/drive/v3`, signal)).toBe(true);
  server.close();
  await once(server, 'close');
  expect(await reachesHost(`http://127.0.0.1:${port}/drive/v3`, signal)).toBe(false);
  expect(await reachesHost('https://no-such-host.invalid/', signal)).toBe(false);
});

it('ends when it is told to', async () => {
  await expect(reachesHost('http://127.0.0.1:1/', AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
});
