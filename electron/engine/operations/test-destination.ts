import { createHash } from 'node:crypto';
import { BackupError, errorFacts } from '../../domain/errors.ts';
import type { DestinationCheck } from '../../domain/outcomes.ts';
import { describeSpace } from '../../domain/units.ts';
import type { Engine } from '../engine.ts';

/** Goes the whole way with a small object: there, written, read back, compared, trashed. Stops at the first step that fails. */
export async function testDestination(engine: Engine, name: string, signal: AbortSignal): Promise<DestinationCheck[]> {
  const destination = engine.destination(name, signal);
  const text = `Nightjar wrote this at ${new Date(engine.ports.clock.now()).toISOString()} to test the destination; it may be deleted.\n`;
  const objectName = `nightjar-test/${engine.ports.ids.make('part')}.txt`;
  const steps: readonly [string, () => Promise<string | undefined>][] = [
    [
      destination.kind === 'drive' ? 'signed in, and its folder is there' : 'it is there',
      async () => void (await destination.check(signal)),
    ],
    ['it can be written', async () => void (await destination.put(objectName, { kind: 'text', text }, { signal }))],
    [
      'it gives back what was written',
      async () => {
        const blocks: Buffer[] = [];
        for await (const block of destination.get(objectName, { signal })) blocks.push(block);
        if (Buffer.concat(blocks).toString('utf8') !== text) throw new BackupError('digest-mismatch', 'other bytes came back');
        return undefined;
      },
    ],
    [
      'its digest is that of what was written',
      async () => {
        const { sha256 } = await destination.digest(objectName, { signal });
        if (sha256 !== sha256Of(text)) throw new BackupError('digest-mismatch', 'another digest came back');
        return undefined;
      },
    ],
    ['an object can be put into the trash', async () => void (await destination.trash(objectName, engine.ports.clock.now()))],
    [
      'it has room',
      async () => {
        const space = await destination.freeSpace();
        return space === null ? undefined : describeSpace(space);
      },
    ],
  ];
  const checks: DestinationCheck[] = [];
  for (const [what, act] of steps) {
    try {
      const message = await act();
      checks.push({ what, ok: true, ...(message === undefined ? {} : { message }) });
    } catch (error) {
      checks.push({ what, ok: false, message: errorFacts(error).message });
      break;
    }
  }
  return checks;
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
