import { createReadStream } from 'node:fs';
import { driveConfigSchema } from '../../electron/domain/model.ts';
import { digestBlocks, startDigests } from '../../electron/engine/pipeline/digest.ts';
import { reopenTestDrive } from '../support/test-drive.ts';

/** The upload that is measured: of a packed file whose digests are known, as in a run. */
const [home = '', config = '', path = '', name = ''] = process.argv.slice(2);
const drive = reopenTestDrive(home, driveConfigSchema.parse(JSON.parse(config)));
const digests = await digestBlocks(startDigests(), createReadStream(path, { highWaterMark: 1024 * 1024 }));
await drive.destination.check();
const startedMs = performance.now();
await drive.destination.put(name, { kind: 'file', path, digests });
const wallMs = performance.now() - startedMs;
const proven = await drive.destination.digest(name);
if (proven.sha256 !== digests.sha256) throw new Error('the upload has other bytes');
const id = drive.catalog.remote('gdrive').fileId(name);
drive.close();
process.stdout.write(JSON.stringify({ id, wallMs, peakBytes: process.resourceUsage().maxRSS * 1024 }));
