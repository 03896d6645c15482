import type { Command } from 'commander';
import { snapshotDocument } from '../documents.ts';
import { common } from '../options.ts';
import { type CommonOptions, onClient } from '../session.ts';

export function addForgetCommand(program: Command): void {
  const command = program.command('forget <snapshot>').description('stop counting copies that were taken away by hand');
  onClient(common(command, 'nightjar forget snap-d3w8mp448m'), async ({ client, output }, _options: CommonOptions, what: string) => {
    const { forgotten, snapshot } = await client.snapshots.forget({ snapshot: what });
    output.document({ snapshot: snapshotDocument(snapshot), forgotten });
    output.line(`${snapshot.job}/${snapshot.manifest.object.name} is no longer expected at ${forgotten.join(', ')}`);
    return 0;
  });
}
