import type { Command } from 'commander';
import { findSnapshot } from '../../engine/operations/find-snapshot.ts';
import { pinSnapshot } from '../../engine/operations/pin.ts';
import { snapshotDocument } from '../documents.ts';
import { common } from '../options.ts';
import { type CommonOptions, onEngine } from '../session.ts';

export function addPinCommands(program: Command): void {
  for (const pinned of [true, false]) {
    const verb = pinned ? 'pin' : 'unpin';
    const command = program
      .command(`${verb} <snapshot>`)
      .description(pinned ? 'keep a snapshot until it is unpinned' : 'leave a snapshot to the retention policy again');
    common(command, `nightjar ${verb} notes@2026-11-22`);
    onEngine(command, async ({ engine, output }, _options: CommonOptions, what: string) => {
      const snapshot = await pinSnapshot(engine, findSnapshot(engine.catalog, what), pinned);
      output.document(snapshotDocument(snapshot));
      output.line(`${snapshot.job}/${snapshot.manifest.object.name} is ${pinned ? 'pinned' : 'not pinned'}`);
      return 0;
    });
  }
}
