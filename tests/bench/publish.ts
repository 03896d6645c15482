import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawChart } from './chart.ts';
import type { BenchResult } from './results.ts';
import type { Target } from './targets.ts';

const benchmarks = fileURLToPath(new URL('../../BENCHMARKS.md', import.meta.url));
const chart = '![What is sent and how long it takes, a bar for each contender](tests/bench/results/bench.svg)';
const [begin, end] = ['<!-- results -->', '<!-- end of results -->'];

/** Writes `bench.json`, `bench.svg` and `bench.md` to a folder. */
export async function writeResults(folder: string, result: BenchResult, targets: readonly Target[], report: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'bench.json'), `${JSON.stringify({ ...result, targets }, null, 2)}\n`);
  await writeFile(join(folder, 'bench.svg'), drawChart(result));
  await writeFile(join(folder, 'bench.md'), `${report}\n`);
}

/** Puts a report in the place of the former one in BENCHMARKS.md. Throws where that has no place for it. */
export async function publishReport(report: string): Promise<void> {
  const text = await readFile(benchmarks, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${benchmarks} has no "${begin}" and "${end}" to write the results between`);
  await writeFile(benchmarks, `${text.slice(0, from)}${begin}\n\n${chart}\n\n${report}\n\n${text.slice(to)}`);
}
