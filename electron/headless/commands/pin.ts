import type { Command } from 'commander';
import { snapshotDocument } from '../documents.ts';
import { common } from '../options.ts';
import { type CommonOptions, onClient } from '../session.ts';

export function addPinCommands(program: Command): void {
  for (const pinned of [true, false]) {
    const verb = pinned ? 'pin' : 'unpin';
    const command = program
      .command(`${verb} <snapshot>`)
      .description(pinned ? 'keep a snapshot until it is unpinned' : 'leave a snapshot to the retention policy again');
    common(command, `nightjar ${verb} notes@2026-11-22`);
    onClient(command, async ({ client, output }, _options: CommonOptions, what: string) => {
      const snapshot = await client.snapshots[verb]({ snapshot: what });
      output.document(snapshotDocument(snapshot));
      output.line(`${snapshot.job}/${snapshot.manifest.object.name} is ${pinned ? 'pinned' : 'not pinned'}`);
      return 0;
    });
  }
}
