import type { Command } from 'commander';
import type { SentPending } from '../../domain/outcomes.ts';
import { common } from '../options.ts';
import type { Output } from '../output.ts';
import { type CommonOptions, follow, onClient } from '../session.ts';

export function addSendCommand(program: Command): void {
  const command = program.command('send [job]').description('go on with uploads that were cut short; takes no new snapshot');
  onClient(common(command, 'nightjar send', 'nightjar send notes'), async (session, _options: CommonOptions, job?: string) => {
    const { client, output, signal } = session;
    const sent = await follow(session, await client.send(job === undefined ? {} : { job }, { signal }));
    output.document({ pending: sent });
    printPending(output, sent);
    if (sent.length === 0) output.line('no upload was cut short');
    return sent.some(({ error }) => error !== undefined) ? 1 : 0;
  });
}

/** A line for each upload that was gone on with. */
export function printPending(output: Output, sent: readonly SentPending[]): void {
  for (const { destination, error, job, objectName } of sent) {
    const name = `${job}/${objectName}`;
    if (error === undefined) output.line(`${output.style('green', '✓')} finished the upload of ${name} to ${destination}, verified`);
    else output.line(`${output.style('red', '✗')} the upload of ${name} to ${destination} did not go on: ${error.message}`);
  }
}
