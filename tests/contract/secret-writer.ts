import { writeSync } from 'node:fs';
import { secretFile } from '../../electron/engine/platform/secret-file.ts';

/** A process for a test to kill: it sets one value after the other, and says which ones are kept. */
const [folder = ''] = process.argv.slice(2);
const store = secretFile(folder);
for (let count = 1; ; count++) {
  await store.set(`key-${count % 7}`, `value-${count} ${'x'.repeat(50_000)}`);
  writeSync(1, `${count}\n`);
}
