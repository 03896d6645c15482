import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TempFolder extends AsyncDisposable {
  readonly path: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A new, empty folder with its real path; disposing of it removes it with everything in it. */
export async function makeTempFolder(parent: string = tmpdir()): Promise<TempFolder> {
  const path = await mkdtemp(join(await realpath(parent), 'nightjar-temp-folder-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
