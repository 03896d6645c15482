import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BackupError } from '../../electron/domain/errors.ts';
import { encodeManifest, type Manifest } from '../../electron/domain/manifest.ts';
import { manifestPath, objectPath } from '../../electron/engine/destinations/manifests.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { sendTo } from '../../electron/engine/operations/deliver.ts';
import { startSteps } from '../../electron/engine/operations/steps.ts';
import { silentLog } from '../../electron/engine/platform/log.ts';
import { stageFile } from '../contract/destination-harness.ts';
import { sampleManifest } from '../domain/sample-manifest.ts';
import { type DriveServer, type Fault, randomFaultPlan, startDriveServer } from '../support/drive-server.ts';
import { hurryingClock } from '../support/hurrying-clock.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { addDriveDestination } from '../support/test-drive.ts';
import { openTestEngine } from '../support/test-engine.ts';
import { blockBytes, drawSeed, filesNamed, noise } from './upload-scene.ts';

const chunkBytes = 4 * blockBytes;
const fileBytes = 3 * chunkBytes + 54_321;
const runs = 150;

/** What a failed run may say, for each thing that went wrong in it. */
const reasons: Readonly<Record<string, readonly string[]>> = {
  storageQuotaExceeded: ['destination-full', 'quota-low'],
  dailyLimitExceeded: ['destination-busy'],
  insufficientPermissions: ['sign-in-scope'],
  appNotAuthorizedToFile: ['destination-refused'],
  insufficientFilePermissions: ['destination-refused'],
  accessNotConfigured: ['sign-in-api-disabled'],
  'full-quota': ['destination-full', 'quota-low'],
  revoke: ['sign-in-revoked'],
  'flip-byte': ['digest-mismatch'],
  'status 400': ['destination-refused'],
  // The second 401 in a row is believed, whatever the reason.
  'status 401': ['sign-in-revoked'],
  'expire-token': ['sign-in-revoked'],
};

function losesAll(fault: Fault): boolean {
  return (
    fault.act === 'missing-range' || fault.act === 'flip-byte' || (fault.act === 'status' && (fault.code === 404 || fault.code === 410))
  );
}

/** Bytes that may be sent beyond the file's own: a chunk for a fault, and all of it where what was held is lost. */
function allowedBytes(faults: readonly Fault[]): number {
  return faults.reduce((sum, fault) => sum + (losesAll(fault) ? fileBytes : chunkBytes), fileBytes);
}

function expectedCodes(faults: readonly Fault[]): string[] {
  // A service that loses everything five times over is given up.
  const givenUp = faults.filter(losesAll).length > 4 ? ['destination-busy'] : [];
  const named = faults.flatMap((fault) => {
    if (fault.act !== 'status') return reasons[fault.act] ?? [];
    return [...(reasons[fault.reason ?? ''] ?? []), ...(reasons[`status ${fault.code}`] ?? [])];
  });
  return [...givenUp, ...named];
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

interface Attempt {
  readonly server: DriveServer;
  readonly engine: Engine;
  readonly manifest: Manifest;
  readonly path: string;
}

async function attempt({ engine, manifest, path }: Attempt): Promise<BackupError | null> {
  const signal = new AbortController().signal;
  const steps = startSteps({ runId: 'run-1', signal, clock: engine.ports.clock, log: silentLog, emit: () => {} });
  try {
    await sendTo(engine, engine.destination('gdrive'), { manifest, path }, steps);
    return null;
  } catch (error) {
    if (error instanceof BackupError) return error;
    throw error;
  }
}

/** What is wrong after a run: a success that is none, a failure with another reason, a duplicate, too many bytes. */
function problemsOf({ manifest, server }: Attempt, error: BackupError | null, faults: readonly Fault[]): string[] {
  const objects = filesNamed(server, objectPath(manifest)).filter(({ explicitlyTrashed }) => !explicitlyTrashed);
  const manifests = filesNamed(server, manifestPath(manifest));
  const problems: string[] = [];
  if (objects.length > 1 || manifests.length > 1) problems.push(`${objects.length} objects and ${manifests.length} manifests`);
  const isProven = manifests.length === 1;
  const isWhole = objects.length === 1 && objects[0]?.content?.sha256 === manifest.object.sha256;
  if (error === null && !(isProven && isWhole)) problems.push('it succeeded, and there is no proven object');
  if (isProven && !isWhole) problems.push('there is a manifest without its object');
  if (error === null && manifests[0]?.content?.sha256 !== sha256Of(encodeManifest(manifest))) problems.push('its manifest is another one');
  if (error !== null && !expectedCodes(faults).includes(error.code)) problems.push(`it failed with ${error.code}: ${error.message}`);
  const { gaps, receivedBytes } = server.numbers();
  if (gaps > 0) problems.push(`${gaps} chunks began beyond what was held`);
  if (receivedBytes > allowedBytes(faults)) problems.push(`${receivedBytes} bytes were sent, and ${allowedBytes(faults)} are allowed`);
  return problems;
}

async function tryPlan(faults: readonly Fault[]): Promise<string[]> {
  await using folder = await makeTempFolder();
  await using server = await startDriveServer({ folder: join(folder.path, 'google') });
  const engine = await openTestEngine(folder.path, { clock: hurryingClock(), answerWithinMs: 2000 });
  try {
    await addDriveDestination(engine, server, { chunkBytes });
    const { digests, path } = await stageFile(folder.path, noise(fileBytes, 3));
    const manifest = sampleManifest({ object: { name: '2026-11-22.db.gz', codec: 'gzip', ...digests } });
    const scene = { server, engine, manifest, path };
    server.faults.add(...faults);
    const error = await attempt(scene);
    return problemsOf(scene, error, faults);
  } finally {
    engine.close();
  }
}

it.each([
  ['that can be survived', false],
  ['of every kind', true],
])(
  `any combination of faults %s ends in a proven upload or the true reason (${runs} plans)`,
  async (_, fatal) => {
    const firstSeed = drawSeed('plans');
    const problems: string[] = [];
    for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
      const faults = randomFaultPlan(seed, 1 + (seed % 5), { fatal });
      problems.push(...(await tryPlan(faults)).map((problem) => `seed ${seed}: ${problem}, after ${JSON.stringify(faults)}`));
    }
    expect(problems).toEqual([]);
  },
  300_000,
);
