import { hostname } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withScratchFolder } from '../support/scratch-folder.ts';
import { playDrive } from './drive-play.ts';
import { playFolder } from './folder-play.ts';
import { openNarrator } from './narrator.ts';
import { since } from './stage.ts';

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { drive: { type: 'boolean', default: false } } });
  const say = openNarrator(process.stdout);
  const startedMs = performance.now();
  say.line(`Nightjar, the main job from end to end, on ${hostname()}`);
  const play = values.drive ? playDrive : playFolder;
  await withScratchFolder('nightjar-demo-', (folder, signal) =>
    play({ folder, database: join(folder, 'brain.db'), home: join(folder, 'home'), say, signal }),
  );
  say.line();
  if (say.failures.length > 0) throw new Error(`${say.failures.length} of the proofs did not hold: ${say.failures.join('; ')}`);
  say.line(`All proofs hold. ${since(startedMs)} in all, and nothing is left of it.`);
}

main().catch((error: unknown) => {
  process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode ||= 1;
});
