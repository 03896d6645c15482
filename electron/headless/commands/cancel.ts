import type { Command } from 'commander';
import { common } from '../options.ts';
import { type CommonOptions, onClient } from '../session.ts';

export function addCancelCommand(program: Command): void {
  const command = program.command('cancel <run>').description('end a run that is under way, at its next safe point');
  onClient(common(command, 'nightjar cancel run-8f3k2m9qxa'), async ({ client, output }, _options: CommonOptions, run: string) => {
    await client.runs.cancel({ run });
    output.document({ cancelled: run });
    output.line(`${run} ends at its next safe point`);
    return 0;
  });
}
