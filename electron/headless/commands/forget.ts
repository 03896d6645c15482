import type { Command } from 'commander';
import { findSnapshot } from '../../engine/operations/find-snapshot.ts';
import { forgetMissing } from '../../engine/operations/forget.ts';
import { snapshotDocument } from '../documents.ts';
import { common } from '../options.ts';
import { type CommonOptions, onEngine } from '../session.ts';

export function addForgetCommand(program: Command): void {
  const command = program.command('forget <snapshot>').description('stop counting copies that were taken away by hand');
  onEngine(common(command, 'nightjar forget snap-d3w8mp448m'), async ({ engine, output }, _options: CommonOptions, what: string) => {
    const snapshot = findSnapshot(engine.catalog, what);
    const forgotten = forgetMissing(engine, snapshot);
    output.document({ snapshot: snapshotDocument(engine.catalog.snapshot(snapshot.id) ?? snapshot), forgotten });
    output.line(`${snapshot.job}/${snapshot.manifest.object.name} is no longer expected at ${forgotten.join(', ')}`);
    return 0;
  });
}
