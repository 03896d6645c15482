import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { locateHome } from '../../electron/engine/home.ts';
import { nodePorts } from '../../electron/engine/platform/node-ports.ts';
import { openOutput } from '../../electron/headless/output.ts';
import { type Session, withClient } from '../../electron/headless/session.ts';

/**
 * Plays a command again and again, without starting a program each time. Each line on stdin names an item; it is put into the queue of
 * the job `pairs` in the data folder of the first argument, and the process id of the engine that did it is printed. With `hold` as the
 * second argument, the command lasts until the next line.
 */
const [folder = '', mode] = process.argv.slice(2);
const streams = { stdout: process.stdout, stderr: process.stderr };
const session: Session = {
  output: openOutput(true, streams),
  streams,
  home: locateHome(folder, {}),
  ports: nodePorts('nightjar pair'),
  signal: new AbortController().signal,
};

const input = createInterface({ input: process.stdin });
const lines = on();
process.stdout.write('ready\n');
for (let item = await lines(); item !== 'end'; item = await lines()) {
  const answer = await withClient(session, async (client) => {
    const { pid } = await client.engine.hello();
    await client.git.enqueue({ job: 'pairs', items: [{ item, paths: ['a.md'], reason: 'paired' }] });
    if (mode === 'hold') {
      process.stdout.write(`${pid}\n`);
      await lines();
    }
    // Commands last a while, some longer than others: so that their beginnings and ends meet in every way.
    await session.ports.clock.sleep(session.ports.ids.fraction() * 60);
    return pid;
  }).catch((error: Error) => error.message);
  process.stdout.write(`${answer}\n`);
}
input.close();

/** Gives each line to whoever asks next. */
function on(): () => Promise<string> {
  const waiting: string[] = [];
  input.on('line', (line) => waiting.push(line));
  return async () => {
    for (;;) {
      const line = waiting.shift();
      if (line !== undefined) return line;
      await once(input, 'line');
    }
  };
}
