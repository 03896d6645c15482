import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Contender, type Invocation, type Place, runUnmeasured } from './contender.ts';

const archive = '::{now:%Y-%m-%dT%H:%M:%S.%f}';

/** Tools that back up files: what they read is whatever the file holds at that moment, with the WAL beside it. */
export const repositories: readonly Contender[] = [restic(), borg(), rclone()];

function restic(): Contender {
  const inRepository = (place: Place, ...args: readonly string[]): Invocation => ({
    command: ['restic', '--repo', place.destination, '--cache-dir', join(place.folder, 'cache'), ...args],
    env: { ...process.env, RESTIC_PASSWORD: 'bench' },
  });
  return {
    id: 'restic',
    name: 'restic',
    programs: ['restic'],
    sends: 'changes',
    keepsPages: true,
    setUp: (place) => [inRepository(place, 'init')],
    backUp: (place) => inRepository(place, 'backup', '--quiet', dirname(place.source)),
    restore: (place) => inRepository(place, 'restore', '--quiet', 'latest', '--target', place.restored),
    restoredPath: ({ restored, source }) => join(restored, source),
    restoredFrom: (place) => {
      const stats = runUnmeasured(inRepository(place, 'stats', '--json', '--mode', 'raw-data', 'latest'));
      return (JSON.parse(stats) as { total_size: number }).total_size;
    },
  };
}

function borg(): Contender {
  const inRepository = (place: Place, ...args: readonly string[]): Invocation => ({
    command: ['borg', ...args],
    env: {
      ...process.env,
      BORG_REPO: place.destination,
      BORG_BASE_DIR: join(place.folder, 'base'),
      BORG_PASSPHRASE: 'bench',
      BORG_RELOCATED_REPO_ACCESS_IS_OK: 'yes',
    },
  });
  // Borg has no word for the latest archive; its list does.
  const latest = (place: Place) => runUnmeasured(inRepository(place, 'list', '--short', '--last', '1')).trim();
  return {
    id: 'borg',
    name: 'borg',
    programs: ['borg'],
    warningCode: 1,
    // Its index is made at the other end, where the repository is on another machine.
    isSent: (path) => path.includes('/data/'),
    sends: 'changes',
    keepsPages: true,
    setUp: (place) => [inRepository(place, 'init', '--encryption', 'repokey-blake2')],
    backUp: (place) => inRepository(place, 'create', archive, dirname(place.source)),
    restore: (place) => {
      const extract = inRepository(place, 'extract', `::${latest(place)}`);
      return { ...extract, command: ['sh', '-ec', 'cd "$1"; shift; "$@"', 'sh', place.restored, ...extract.command] };
    },
    restoredPath: ({ restored, source }) => join(restored, source),
    restoredFrom: (place) => {
      const info = runUnmeasured(inRepository(place, 'info', '--json', `::${latest(place)}`));
      const { archives } = JSON.parse(info) as { archives: readonly { stats: { compressed_size: number } }[] };
      return archives[0]?.stats.compressed_size ?? Number.NaN;
    },
  };
}

function rclone(): Contender {
  const copy = (from: string, to: string): Invocation => ({ command: ['rclone', '--config', '/dev/null', 'copy', from, to] });
  return {
    id: 'rclone',
    name: 'rclone, uncompressed',
    programs: ['rclone'],
    sends: 'changes',
    keepsPages: true,
    setUp: () => [],
    backUp: ({ source, destination }) => copy(dirname(source), destination),
    restore: ({ destination, restored }) => copy(destination, restored),
    restoredPath: ({ restored }) => join(restored, 'brain.db'),
    restoredFrom: ({ destination }) => statSync(join(destination, 'brain.db')).size,
  };
}
