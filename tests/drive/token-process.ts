import { writeSync } from 'node:fs';
import { accessTokens } from '../../electron/engine/destinations/drive/access-tokens.ts';
import { sharedCredentials } from '../../electron/engine/destinations/drive/shared-credentials.ts';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import { randomIds } from '../../electron/engine/platform/ids.ts';
import type { Clock } from '../../electron/engine/ports.ts';

/**
 * A process beside the test: `take` writes a token to its output, and to the other one whenever it waits for the lock; `hold` takes the
 * lock, says so and keeps it.
 */
const [act = '', folder = ''] = process.argv.slice(2);
const clock: Clock = {
  ...systemClock,
  sleep: (ms, signal) => {
    writeSync(2, 'waiting\n');
    return systemClock.sleep(ms, signal);
  },
};
const store = sharedCredentials(folder, { clock, ids: randomIds });
const account = { name: 'drive', credentials: { kind: 'shared', path: folder } } as const;
if (act === 'hold') {
  await store.update(async () => {
    writeSync(1, 'holding\n');
    await new Promise(() => setInterval(() => {}, 1000));
    return null;
  });
} else {
  writeSync(1, await accessTokens({ account, store, clock }).current());
}
