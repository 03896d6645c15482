import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { makeTempFolder } from '../support/temp-folder.ts';
import type { BenchResult } from './results.ts';

const run = promisify(execFile);
const bench = fileURLToPath(new URL('bench.ts', import.meta.url));
const areThere = ['gzip', 'sqlite3'].every((program) =>
  (process.env.PATH ?? '').split(':').some((folder) => existsSync(`${folder}/${program}`)),
);
if (!areThere) console.warn('the bench itself is not tried: sqlite3 or gzip is not installed');

test.skipIf(!areThere)('the bench measures, proves what came back, writes its results and removes the rest', async () => {
  await using folder = await makeTempFolder();
  const [out, scratch] = [join(folder.path, 'out'), folder.path];
  const options = `--size 4m --rounds 2 --attempts 1 --patience 0 --only vacuum --skip-days --skip-writer --out ${out}`;
  const { stdout } = await run(process.execPath, [bench, ...options.split(' ')], { env: { ...process.env, TMPDIR: scratch } });
  const result = JSON.parse(readFileSync(`${out}/bench.json`, 'utf8')) as BenchResult;
  const rounds = result.series.map(({ steps }) => Object.entries(steps).map(([name, measured]) => `${name} ${measured.length}`));
  expect(result.series.map(({ id, failure }) => ({ id, failure }))).toEqual([{ id: 'vacuum', failure: null }]);
  expect(rounds).toEqual([['first 2', 'restore-first 2', 'mixed 2', 'restore-mixed 0', 'appends 0']]);
  expect(readFileSync(`${out}/bench.md`, 'utf8')).toBe(stdout);
  expect(readFileSync(`${out}/bench.svg`, 'utf8')).toContain('VACUUM INTO + gzip -6');
  expect(readdirSync(scratch)).toEqual(['out']);
});
