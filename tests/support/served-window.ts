import { once } from 'node:events';
import type { RunningCli } from './cli.ts';

/** The window's address that `nightjar serve --json` prints when it is ready. */
export async function addressOf(engine: RunningCli): Promise<string> {
  const { stdout } = engine.child;
  if (stdout === null) throw new Error('nightjar serve has no stdout');
  let said = '';
  while (!said.trimEnd().endsWith('}')) {
    const [text] = (await Promise.race([once(stdout, 'data'), engine.ended().then((end) => [end.stderr])])) as [string];
    said += text;
  }
  return (JSON.parse(said) as { window: string }).window;
}
