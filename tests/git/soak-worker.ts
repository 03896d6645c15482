import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { CliResult, CliSandbox, RunningCli } from '../support/cli.ts';

/** A worker that is killed now and then, and started again at once. */
export interface Worker {
  /**
   * Ends the worker alone with SIGKILL, so long after it is seen to have a git at work (or has none for long), and starts another one.
   * Resolves when that is at work.
   */
  kill(delayMs: number): Promise<void>;
  /** Asks the worker to end. */
  end(): Promise<CliResult>;
  /** How many kills came while it had a git at work. */
  readonly interruptedGits: number;
}

/** Starts `nightjar serve`. Resolves when it is at work. */
export async function startWorker(sandbox: CliSandbox, environment: Readonly<Record<string, string>>): Promise<Worker> {
  const start = async () => {
    const worker = sandbox.start(['serve', '--no-window', '--home', sandbox.home], { environment });
    await atWork(worker);
    return worker;
  };
  let interruptedGits = 0;
  let worker = await start();
  return {
    get interruptedGits() {
      return interruptedGits;
    },
    kill: async (delayMs) => {
      const patienceMs = performance.now() + 3000;
      while (!(await hasChild(worker.pid)) && performance.now() < patienceMs) await wait(1);
      await wait(delayMs);
      if (await hasChild(worker.pid)) interruptedGits += 1;
      worker.child.kill('SIGKILL');
      await once(worker.child, 'exit');
      worker = await start();
    },
    end: async () => {
      worker.child.kill('SIGTERM');
      return worker.ended();
    },
  };
}

async function atWork(worker: RunningCli): Promise<void> {
  let said = '';
  worker.child.stdout?.on('data', (text: string) => (said += text));
  const over = worker.ended().then(({ code, stderr }) => {
    throw new Error(`the worker ended by itself (${code}): ${stderr}`);
  });
  over.catch(() => {}); // Later, it is killed.
  while (!said.includes('is at work')) await Promise.race([once(worker.child.stdout ?? worker.child, 'data'), over]);
}

async function hasChild(pid: number): Promise<boolean> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return children.trim() !== '';
}
