import { execFile, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { formatBytes, formatDuration } from '../../electron/domain/units.ts';
import type { IssuedTokens } from '../support/drive-server.ts';
import { withScratchFolder } from '../support/scratch-folder.ts';
import { signInForTests } from '../support/test-drive.ts';

const run = promisify(execFile);
const chunkBytes = 16 * 1024 * 1024;
const wantedShare = 0.7;
const wantedPeakBytes = 300e6;
const usage = 'usage: npm run bench:upload -- [--size 1000] [--rounds 3]   (size in MB)';

interface Measured {
  readonly id: string;
  readonly wallMs: number;
  readonly peakBytes: number;
}

const script = (name: string) => new URL(name, import.meta.url);

async function measure(name: string, args: readonly string[]): Promise<Measured> {
  const { stdout } = await run(process.execPath, [script(name).pathname, ...args], { maxBuffer: 1024 * 1024 });
  return JSON.parse(stdout) as Measured;
}

async function bench(folder: string, bytes: number, rounds: number): Promise<boolean> {
  const path = join(folder, 'noise');
  await writeNoise(path, bytes);
  const child = fork(script('upload-server.ts'), [join(folder, 'google')]);
  try {
    const [{ tokens, url }] = (await once(child, 'message')) as [{ url: string; tokens: IssuedTokens }];
    const home = join(folder, 'home');
    const config = JSON.stringify(await signInForTests({ url, issueTokens: () => tokens }, home, { chunkBytes }));
    const results = { bare: [] as Measured[], nightjar: [] as Measured[] };
    const contenders = [
      { into: results.bare, measureOnce: () => measure('bare-puts.ts', [url, tokens.accessToken, path, String(chunkBytes)]) },
      {
        into: results.nightjar,
        measureOnce: () => measure('nightjar-upload.ts', [home, config, path, `notes/round-${results.nightjar.length}.db.gz`]),
      },
    ];
    for (let round = 0; round < rounds; round++) {
      for (const { into, measureOnce } of round % 2 === 0 ? contenders : contenders.toReversed()) {
        const measured = await measureOnce();
        into.push(measured);
        // A disk that fills up would slow the later rounds.
        child.send(measured.id);
        await once(child, 'message');
      }
    }
    return report(bytes, results);
  } finally {
    child.disconnect();
    await once(child, 'exit');
  }
}

function report(bytes: number, results: { readonly bare: readonly Measured[]; readonly nightjar: readonly Measured[] }): boolean {
  const rate = (measured: readonly Measured[]) => bytes / (median(measured.map(({ wallMs }) => wallMs)) / 1000);
  const share = rate(results.nightjar) / rate(results.bare);
  const peakBytes = Math.max(...results.nightjar.map(({ peakBytes: peak }) => peak));
  const line = (text: string) => void process.stdout.write(`${text}\n`);
  line(
    `upload of ${formatBytes(bytes)} in chunks of ${formatBytes(chunkBytes)} to a server on this machine, medians of ${results.bare.length}`,
  );
  for (const [name, measured] of [
    ['a bare loop of PUTs', results.bare],
    ['Nightjar', results.nightjar],
  ] as const) {
    const each = measured.map(({ wallMs }) => formatDuration(wallMs)).join(', ');
    line(`  ${name}: ${formatBytes(rate(measured))}/s (${each})`);
  }
  line(
    `  share ${share.toFixed(2)} (wanted: at least ${wantedShare}); peak memory ${formatBytes(peakBytes)} (wanted: less than ${formatBytes(wantedPeakBytes)})`,
  );
  return share >= wantedShare && peakBytes < wantedPeakBytes;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function writeNoise(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'wx');
  const block = 8 * 1024 * 1024;
  for (let written = 0; written < bytes; written += block) await file.write(randomBytes(Math.min(block, bytes - written)));
  await file.close();
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { size: { type: 'string', default: '1000' }, rounds: { type: 'string', default: '3' } } });
  const [megabytes, rounds] = [Number(values.size), Number(values.rounds)];
  if (!(megabytes > 0 && Number.isInteger(rounds) && rounds > 0)) throw new TypeError(usage);
  const isMet = await withScratchFolder('nightjar-bench-', (folder) => bench(folder, megabytes * 1e6, rounds));
  if (!isMet) process.exitCode = 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
