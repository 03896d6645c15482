import type { Command } from 'commander';
import { common } from '../options.ts';
import { type CommonOptions, onClient } from '../session.ts';

interface OpenOptions extends CommonOptions {
  readonly print?: boolean;
}

export function addOpenCommand(program: Command): void {
  const command = program
    .command('open')
    .description('open the window of the Nightjar that is at work, in your browser')
    .option('--print', 'only print its address, which lets in whoever opens it first, once and within an hour');
  onClient(common(command, 'nightjar open'), async ({ client, output, ports }, { print = false }: OpenOptions) => {
    const { url } = await client.engine.window();
    const isOpened = !print && (await ports.openUrl(url));
    output.document({ url, opened: isOpened });
    output.line(isOpened ? 'the window is open in your browser' : url);
    return 0;
  });
}
