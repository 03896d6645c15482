/**
 * Writes numbered lines into a rotating file until it kills itself: `node rotating-writer.ts PATH FIRST WHERE N` dies `before` or `after` the
 * Nth rename. Prints the number of the last line that was written.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { openRotatingFile } from '../../electron/engine/platform/rotating-file.ts';

const [path = '', first = '0', where = '', at = '0'] = process.argv.slice(2);
const { renameSync, writeSync } = fs;
let renames = 0;
let number = Number(first);

function dieAt(moment: string): void {
  if (moment !== where || renames !== Number(at)) return;
  writeSync(1, String(number));
  process.kill(process.pid, 'SIGKILL');
}

fs.renameSync = (from, to) => {
  renames++;
  dieAt('before');
  renameSync(from, to);
  dieAt('after');
};
syncBuiltinESMExports();

const file = openRotatingFile(path, { bytes: 100, files: 4 });
for (;;) {
  file.write(`line ${number + 1}\n`);
  number++;
}
