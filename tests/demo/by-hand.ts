import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { sha256Of } from '../support/prove-object.ts';
import { commandsOf } from '../support/stock-recipe.ts';
import type { Stage } from './stage.ts';

const run = promisify(execFile);

/** A delta and its base as they lie at the destination. */
export interface DeltaObjects {
  readonly base: string;
  readonly delta: string;
  /** Of the database. */
  readonly rawSha256: string;
}

/** Shows, and really runs, what restores a delta with nothing of ours: the lines of RESTORE.txt, with the names of these objects. */
export async function restoreByHand({ folder, say, signal }: Stage, { base, delta, rawSha256 }: DeltaObjects): Promise<void> {
  const place = join(folder, 'by-hand');
  await mkdir(place);
  const recipe = join(dirname(base), 'RESTORE.txt');
  const { check, python, runPython } = commandsOf(await readFile(recipe, 'utf8'));
  const unpack = [`gunzip -c '${base}' > restored.db`, `gunzip -c '${delta}' > delta.db`];
  say.line(`Anybody restores the same file with gunzip and ${python.trim().split('\n').length} lines of Python that stand in ${recipe}:`);
  for (const line of [...unpack, runPython.trim(), check.trim()]) say.command(line);
  const shell = async (line: string) => (await run('sh', ['-c', line], { cwd: place, signal })).stdout.trim();
  const has = (program: string) => shell(`command -v ${program}`).then(Boolean, () => false);
  for (const tool of ['gunzip', 'python3']) {
    if (!(await has(tool))) return say.line(`They were not run here: there is no ${tool} on the PATH.`);
  }
  await writeFile(join(place, 'restore.py'), python);
  for (const line of unpack) await shell(line);
  const answer = await shell(runPython);
  const digest = await sha256Of(join(place, 'restored.db'));
  say.proof(`run just now: ${answer}, its digest is that of the manifest, ${digest.slice(0, 16)}…`, digest === rawSha256);
  if (await has('sqlite3')) say.proof('run just now: integrity_check says ok', (await shell(check)) === 'ok');
  else say.line('There is no sqlite3 on the PATH for the last line.');
}
