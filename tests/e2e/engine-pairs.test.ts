import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { gitJobOf } from '../support/store-scene.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { openTestEngine } from '../support/test-engine.ts';

const script = fileURLToPath(new URL('../support/pair-process.ts', import.meta.url));
const rounds = 100;

/** A process of its own that works in the data folder when it is told to. */
interface Player {
  readonly child: ChildProcess;
  say(line: string): void;
  heard(): Promise<string>;
}

async function startPlayer(home: string, mode: string): Promise<Player> {
  const child = spawn(process.execPath, [script, home, mode], { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const heard = async () => {
    const { done, value } = await lines.next();
    if (done) throw new Error('it has ended');
    return value;
  };
  await heard();
  return { child, heard, say: (line) => void child.stdin.write(`${line}\n`) };
}

/** Two processes on one data folder, in which there is a git job. */
async function startPair(mode: 'hold' | 'free') {
  const temp = await makeTempFolder();
  const engine = await openTestEngine(temp.path);
  engine.settings.change((settings) => ({ ...settings, jobs: [gitJobOf('pairs', { path: temp.path, stores: [''] })] }));
  engine.close();
  const home = join(temp.path, 'home');
  const pair = await Promise.all([startPlayer(home, mode), startPlayer(home, mode)]);
  return {
    pair,
    /** Every item that is in the queue, once nobody is at work. */
    items: async () => {
      const reader = await openTestEngine(temp.path);
      try {
        return reader.queue('pairs').items();
      } finally {
        reader.close();
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const { child, say } of pair) {
        say('end');
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      }
      await temp[Symbol.asyncDispose]();
    },
  };
}

describe(`two engines started on one folder at once, ${rounds} times`, () => {
  it('always are one that holds it and one that is its client, and both do their work', async () => {
    await using scene = await startPair('hold');
    const { pair } = scene;
    const pids = pair.map(({ child }) => String(child.pid));
    const held = new Map(pids.map((pid) => [pid, 0]));
    for (let round = 0; round < rounds; round++) {
      for (const [at, { say }] of pair.entries()) say(`round ${round} of ${at}`);
      const [first = '', second] = await Promise.all(pair.map(({ heard }) => heard()));
      // The same engine has answered both, and it is one of the two.
      expect({ round, first, second }).toEqual({ round, first: second, second: expect.toBeOneOf(pids) });
      held.set(first, (held.get(first) ?? 0) + 1);
      for (const { say } of pair) say('go on');
      expect(await Promise.all(pair.map(({ heard }) => heard()))).toEqual([first, second]);
    }
    expect(await scene.items()).toHaveLength(2 * rounds);
    process.stdout.write(
      `${rounds} pairs: held by the first ${held.get(pids[0] ?? '')} times, by the second ${held.get(pids[1] ?? '')} times\n`,
    );
  });

  it('do their work also where the one ends while the other begins', async () => {
    await using scene = await startPair('free');
    const { pair } = scene;
    const pids = pair.map(({ child }) => String(child.pid));
    const play = async ({ heard, say }: Player, at: number) => {
      const answers: string[] = [];
      for (let round = 0; round < rounds; round++) say(`round ${round} of ${at}`);
      while (answers.length < rounds) answers.push(await heard());
      return answers;
    };
    const played = await Promise.all(pair.map(play));
    expect(played.flat().filter((answer) => !pids.includes(answer))).toEqual([]);
    expect(await scene.items()).toHaveLength(2 * rounds);
    const served = played.map((answers, at) => answers.filter((answer) => answer !== pids[at]).length);
    process.stdout.write(`twice ${rounds} commands: ${served.join(' and ')} of them were clients of the other process\n`);
  });
});
