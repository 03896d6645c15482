import { join } from 'node:path';
import type { Content } from '../../electron/engine/destinations/destination.ts';
import { stageFile } from '../contract/destination-harness.ts';
import { type DriveServer, type DriveServerOptions, startDriveServer } from '../support/drive-server.ts';
import { type HurryingClock, hurryingClock } from '../support/hurrying-clock.ts';
import { startRandom } from '../support/sample-content.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { openTestDrive, type TestDrive, type TestDriveOptions } from '../support/test-drive.ts';

/** The name that tests upload under. */
export const objectName = 'notes/2026-11-22.db.gz';
export const blockBytes = 256 * 1024;

/** A server, a destination at it, and what is to be sent there. */
export interface UploadScene extends AsyncDisposable {
  readonly path: string;
  readonly server: DriveServer;
  readonly drive: TestDrive;
  readonly clock: HurryingClock;
  /** Stages a file of so many bytes that do not repeat. */
  stage(bytes: number, seed?: number): Promise<Content & { readonly kind: 'file' }>;
}

export interface UploadSceneOptions extends TestDriveOptions {
  /** Where all of it lies; the system's folder for temporary files by default. */
  readonly parent?: string;
}

/** Waits of the destination are over at once, and a request that is not answered is given up soon. */
export async function openUploadScene(server: DriveServerOptions = {}, options: UploadSceneOptions = {}): Promise<UploadScene> {
  const folder = await makeTempFolder(options.parent);
  const started = await startDriveServer({ folder: join(folder.path, 'google'), ...server });
  const clock = hurryingClock();
  const drive = await openTestDrive(started, join(folder.path, 'home'), {
    ...options,
    ports: { clock, answerWithinMs: 500, ...options.ports },
  });
  return {
    path: folder.path,
    server: started,
    drive,
    clock,
    stage: (bytes, seed = 1) => stageFile(folder.path, noise(bytes, seed)),
    [Symbol.asyncDispose]: async () => {
      drive.close();
      await started.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Bytes that are the same for the same seed, and repeat nowhere. */
export function noise(bytes: number, seed: number): Buffer {
  const random = startRandom(seed);
  const buffer = Buffer.allocUnsafe(Math.ceil(bytes / 4) * 4);
  for (let at = 0; at < buffer.length; at += 4) buffer.writeUInt32LE(random.below(2 ** 32), at);
  return buffer.subarray(0, bytes);
}

/** The files in Drive under an object's name, whether they are in the trash or not. */
export function filesNamed(server: DriveServer, name: string) {
  const [job, file] = name.split('/');
  const folders = new Set(server.files().flatMap((entry) => (entry.name === job && entry.content === undefined ? entry.id : [])));
  return server.files().filter((entry) => entry.name === file && folders.has(entry.parent ?? ''));
}

/** What is wrong with the one file that there has to be: nothing, two, or other bytes. */
export function uploadProblems(server: DriveServer, name: string, expected: { readonly sha256: string }): string[] {
  const found = filesNamed(server, name);
  if (found.length !== 1) return [`${found.length} files are called ${name}`];
  const isWhole = found[0]?.content?.sha256 === expected.sha256;
  return isWhole ? [] : [`${name} has other bytes than were sent`];
}

/** The seed of the environment or another one each time, which is printed so that a failure can be had again. */
export function drawSeed(what: string): number {
  const seed = Number(process.env.NIGHTJAR_TEST_SEED ?? Date.now() % 1_000_000);
  process.stdout.write(`${what} with NIGHTJAR_TEST_SEED=${seed}\n`);
  return seed;
}
