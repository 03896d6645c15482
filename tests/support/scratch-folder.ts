import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const signalNumbers = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;
type StopSignal = keyof typeof signalNumbers;

/**
 * Gives `work` an empty folder under the temporary folder and removes it afterwards: after success, failure, Ctrl-C and the other
 * polite signals, at which `signal` aborts. The exit code is then 128 + the signal's number, as a shell would have it.
 */
export async function withScratchFolder<T>(prefix: string, work: (folder: string, signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const onSignal = (name: NodeJS.Signals) => {
    process.exitCode = 128 + signalNumbers[name as StopSignal];
    stop.abort(new Error(`stopped by ${name}`));
  };
  const names = Object.keys(signalNumbers) as StopSignal[];
  for (const name of names) process.once(name, onSignal);
  const folder = await mkdtemp(join(await realpath(tmpdir()), prefix));
  try {
    return await work(folder, stop.signal);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    for (const name of names) process.off(name, onSignal);
  }
}
