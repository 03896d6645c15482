import type { Command } from 'commander';
import type { Drill } from '../../domain/drill.ts';
import { drillDocument } from '../documents.ts';
import { common } from '../options.ts';
import type { Output } from '../output.ts';
import { type CommonOptions, follow, onClient } from '../session.ts';

export function addDrillCommand(program: Command): void {
  const command = program
    .command('drill [job]')
    .description('bring everything back from every destination now, as for a restore, and keep the dated proof');
  common(command, 'nightjar drill notes');
  onClient(command, async (session, _options: CommonOptions, name?: string) => {
    const { client, output, signal } = session;
    const drills = await follow(session, await client.drills.run(name === undefined ? {} : { job: name }, { signal }));
    output.document({ ok: drills.every(({ outcome }) => outcome !== 'failed'), drills: drills.map(drillDocument) });
    for (const drill of drills) print(output, drill);
    if (drills.length === 0) output.line('no jobs yet: nightjar job add --help');
    return drills.some(({ outcome }) => outcome !== 'proven') ? 1 : 0;
  });
}

function print(output: Output, { job, message, outcome }: Drill): void {
  if (outcome === 'proven') output.line(`${output.style('green', '✓')} ${job}: ${message}`);
  else if (outcome === 'failed') output.line(`${output.style('red', '✗')} ${job}: the drill failed: ${message}`);
  else output.line(`${output.style('yellow', '!')} ${job}: nothing was proven: ${message}`);
}
