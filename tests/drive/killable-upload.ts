import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { driveConfigSchema } from '../../electron/domain/model.ts';
import { digestBlocks, startDigests } from '../../electron/engine/pipeline/digest.ts';
import { reopenTestDrive } from '../support/test-drive.ts';

/** A process for a test to kill: it uploads the file of its arguments, and tells its peak memory when it is done. */
const [home = '', configPath = '', path = '', name = ''] = process.argv.slice(2);
const drive = reopenTestDrive(home, driveConfigSchema.parse(JSON.parse(await readFile(configPath, 'utf8'))));
const digests = await digestBlocks(startDigests(), createReadStream(path, { highWaterMark: 1024 * 1024 }));
// What a former process finished without saying so is not sent again, as when a delivery is gone on with.
const standing = await drive.destination.digest(name).catch(() => null);
if (standing?.sha256 !== digests.sha256) await drive.destination.put(name, { kind: 'file', path, digests });
drive.close();
process.stdout.write(JSON.stringify({ peakBytes: process.resourceUsage().maxRSS * 1024 }));
