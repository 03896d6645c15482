import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { utilityWorkers } from '../../electron/shell/workers.ts';
import { Emitter } from '../support/electron/emitter.ts';
import { FakeUtilityProcess } from '../support/electron/utility-process.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

describe('a worker as a utility process', () => {
  it('is ended also where that is asked before it is there', async () => {
    await using folder = await makeTempFolder();
    const entry = join(folder.path, 'worker.mjs');
    writeFileSync(entry, 'setInterval(() => {}, 1000);');
    const worker = utilityWorkers({ utilityProcess: { fork: (path) => new FakeUtilityProcess(path) } }).start(pathToFileURL(entry));
    const ended = new Promise<string>((resolve) => worker.onExit(resolve));
    worker.kill();
    expect(await ended).toMatch(/^exit code/);
  });

  it('whose V8 gives up ends with that as its reason, and takes nobody along', async () => {
    const child = new DyingProcess();
    const worker = utilityWorkers({ utilityProcess: { fork: () => child } }).start(new URL('file:///worker.mjs'));
    const ended = new Promise<string>((resolve) => worker.onExit(resolve));
    child.emit('error', 'FatalError', 'v8::ToLocalChecked', '{}');
    child.emit('exit', 134);
    expect(await ended).toBe('exit code 134: FatalError in v8::ToLocalChecked');
  });
});

/** A utility process that a test lets die. */
class DyingProcess extends Emitter {
  readonly pid = undefined;
  readonly stderr = null;
  postMessage(): void {}
  kill(): boolean {
    return false;
  }
}
