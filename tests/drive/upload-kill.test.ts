import { once } from 'node:events';
import { existsSync, statfsSync } from 'node:fs';
import { truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { startRandom } from '../support/sample-content.ts';
import { startProgram } from './start-program.ts';
import { drawSeed, openUploadScene, type UploadScene, uploadProblems } from './upload-scene.ts';

const fileBytes = 200_000_000;
const chunkBytes = 16 * 1024 * 1024;
const moments = 30;

/** Gigabytes go through here: a disk in memory, where there is one with room, spares the other tests the wait. */
const roomyFolder = ['/dev/shm', tmpdir()].find((path) => {
  if (!existsSync(path)) return false;
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize > 4e9;
});

const inRoomyFolder = roomyFolder === undefined ? {} : { parent: roomyFolder };

interface Ended {
  readonly signal: NodeJS.Signals | null;
  readonly code: number | null;
  readonly stdout: string;
}

/** Starts a process that uploads; it can be killed in the middle. */
async function startUpload(scene: UploadScene, path: string, name: string) {
  const configPath = join(scene.path, 'destination.json');
  await writeFile(configPath, JSON.stringify(scene.drive.config));
  const child = startProgram('killable-upload.ts', [join(scene.path, 'home'), configPath, path, name]);
  child.stderr.pipe(process.stderr);
  const ended = Promise.all([once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>, text(child.stdout)]).then(
    ([[code, signal], stdout]): Ended => ({ code, signal, stdout }),
  );
  return { ended, kill: () => void child.kill('SIGKILL') };
}

it(`an upload of 200 MB that is killed at any of ${moments} moments is finished by the next start`, async () => {
  await using scene = await openUploadScene({}, { config: { chunkBytes }, ...inRoomyFolder });
  const { server } = scene;
  const staged = await scene.stage(fileBytes, 7);
  const random = startRandom(drawSeed('moments'));
  const problems: string[] = [];
  for (let moment = 0; moment < moments; moment++) {
    const name = `notes/2026-11-22_0000${String(moment).padStart(2, '0')}.db.gz`;
    const before = server.numbers().receivedBytes;
    // A few are killed before the first byte, and a few after the last one.
    const at = before + Math.min(fileBytes, Math.max(0, random.below(fileBytes + 8_000_000) - 4_000_000));
    const first = await startUpload(scene, staged.path, name);
    await Promise.race([
      at === before ? server.when((requests) => requests.at(-1)?.kind === 'upload-start') : server.whenReceived(at),
      first.ended,
    ]);
    first.kill();
    await first.ended;
    const second = await (await startUpload(scene, staged.path, name)).ended;
    const sent = server.numbers().receivedBytes - before;
    const what = `killed after ${at - before} bytes`;
    if (second.code !== 0) problems.push(`${what}: the next start ended with ${second.code}`);
    if (sent > fileBytes + chunkBytes) problems.push(`${what}: ${sent} bytes were sent`);
    problems.push(...uploadProblems(server, name, staged.digests).map((problem) => `${what}: ${problem}`));
    for (const { id } of server.files().filter((file) => file.content !== undefined)) server.remove(id);
  }
  expect(problems).toEqual([]);
}, 600_000);

it(`an upload of 200 MB that is killed ${moments} times in a row loses at most a chunk each time`, async () => {
  await using scene = await openUploadScene({}, { config: { chunkBytes }, ...inRoomyFolder });
  const { server } = scene;
  const staged = await scene.stage(fileBytes, 8);
  const random = startRandom(drawSeed('moments'));
  const name = 'notes/2026-11-22.db.gz';
  let kills = 0;
  for (; kills < moments; kills++) {
    const upload = await startUpload(scene, staged.path, name);
    const at = server.numbers().receivedBytes + random.below((2 * fileBytes) / moments);
    const isOver = await Promise.race([server.whenReceived(at).then(() => false), upload.ended.then(() => true)]);
    upload.kill();
    const { code } = await upload.ended;
    if (isOver && code === 0) break;
  }
  expect((await (await startUpload(scene, staged.path, name)).ended).code).toBe(0);
  expect(uploadProblems(server, name, staged.digests)).toEqual([]);
  expect(kills).toBeGreaterThan(5);
  expect(server.numbers().receivedBytes).toBeLessThanOrEqual(fileBytes + kills * chunkBytes);
}, 600_000);

it('an upload of 1 GB takes less than 300 MB of memory', async ({ skip }) => {
  if (process.platform === 'win32') skip('the peak of a process is not told on Windows');
  await using scene = await openUploadScene({}, { config: { chunkBytes }, ...inRoomyFolder });
  const path = join(scene.path, 'large');
  await writeFile(path, '');
  await truncate(path, 1_000_000_000);
  const { code, stdout } = await (await startUpload(scene, path, 'notes/2026-11-22.db.gz')).ended;
  expect(code).toBe(0);
  const { peakBytes } = JSON.parse(stdout) as { peakBytes: number };
  process.stdout.write(`peak memory while 1 GB was uploaded: ${Math.round(peakBytes / 1e6)} MB\n`);
  expect(peakBytes).toBeLessThan(300_000_000);
}, 600_000);
