import { describe, expect, it } from 'vitest';
import { throttledHttp } from '../../electron/engine/destinations/drive/throttled-http.ts';
import { readObject } from '../contract/destination-harness.ts';
import type { Fault } from '../support/drive-server.ts';
import { hurryingClock } from '../support/hurrying-clock.ts';
import { blockBytes, objectName, openUploadScene } from './upload-scene.ts';

const fileBytes = 5 * blockBytes + 77;

describe('a download', () => {
  it.each<[string, Fault[]]>([
    ['breaks off in the middle of a range', [{ on: 'download', skip: 2, act: 'short-download', afterBytes: 1000 }]],
    ['breaks off five times', [{ on: 'download', times: 5, act: 'short-download', afterBytes: 0 }]],
    ['is answered with 503', [{ on: 'download', skip: 1, times: 2, act: 'status', code: 503 }]],
    ['is answered with a rate limit', [{ on: 'download', skip: 1, act: 'status', code: 403, reason: 'rateLimitExceeded' }]],
    ['outlives its token', [{ on: 'download', skip: 3, act: 'expire-token' }]],
    ['is dropped before it begins', [{ on: 'download', act: 'drop', when: 'before' }]],
    ['stalls', [{ on: 'download', skip: 1, act: 'stall' }]],
  ])('that %s gives every byte', async (_, faults) => {
    await using scene = await openUploadScene();
    const staged = await scene.stage(fileBytes);
    await scene.drive.destination.put(objectName, staged);
    scene.server.faults.add(...faults);
    const bytes = await readObject(scene.drive.destination, objectName);
    expect(scene.server.faults.pending()).toEqual([]);
    expect(bytes.equals(await scene.server.content(scene.drive.catalog.remote('gdrive').fileId(objectName) ?? ''))).toBe(true);
  });

  it('that never gets on ends in bounded time', async () => {
    await using scene = await openUploadScene();
    await scene.drive.destination.put(objectName, await scene.stage(fileBytes));
    scene.server.faults.add({ on: 'download', skip: 1, times: 1000, act: 'short-download', afterBytes: 10 });
    await expect(readObject(scene.drive.destination, objectName)).rejects.toMatchObject({ retryable: true });
    expect(scene.clock.waitedMs).toBeLessThan(30 * 60_000);
  });
});

it('a bandwidth limit holds for all requests together, up and down', async () => {
  let nowMs = 0;
  const sleep = async (ms: number) => {
    nowMs += ms;
  };
  const clock = { ...hurryingClock(), now: () => nowMs, sleep };
  const sizes: [number, number][] = [
    [1000, 0],
    [0, 3000],
    [500, 500],
  ];
  const http = throttledHttp(
    async ({ body, expectedBytes = 0 }) => ({ status: 200, header: () => null, body: Buffer.alloc(body?.length ? 0 : expectedBytes) }),
    () => 1000,
    clock,
  );
  for (const [up, down] of sizes) await http({ method: 'PUT', url: 'http://x', body: Buffer.alloc(up), expectedBytes: down });
  await http({ method: 'GET', url: 'http://x' });
  expect(nowMs).toBe(4500);
});

it('under a bandwidth limit an upload takes as long as its bytes', async () => {
  await using scene = await openUploadScene({}, { config: { bandwidth: 512 * 1024 } });
  await scene.drive.destination.put(objectName, await scene.stage(fileBytes));
  expect(scene.clock.waitedMs).toBeGreaterThan(((fileBytes - 2 * blockBytes) / (512 * 1024)) * 1000);
});
