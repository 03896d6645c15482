import { createReadStream, writeSync } from 'node:fs';
import { folderDestination } from '../../electron/engine/destinations/folder.ts';
import { digestBlocks, startDigests } from '../../electron/engine/pipeline/digest.ts';
import { systemDiskSpace } from '../../electron/engine/platform/disk-space.ts';
import { randomIds } from '../../electron/engine/platform/ids.ts';

/** A process for a test to kill: it puts the file of its arguments, says so in the middle, and goes no further. */
const [root = '', path = '', name = ''] = process.argv.slice(2);
const digests = await digestBlocks(startDigests(), createReadStream(path));
const stopInTheMiddle = () => {
  writeSync(1, 'in the middle');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
};
await folderDestination('usb', root, null, { ids: randomIds, disk: systemDiskSpace }).put(
  name,
  { kind: 'file', path, digests },
  { onBytes: stopInTheMiddle },
);
