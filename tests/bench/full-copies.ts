import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender } from './contender.ts';

interface FullCopy {
  readonly id: string;
  readonly name: string;
  readonly programs: readonly string[];
  /** How SQLite's own shell copies the database to `$1`. */
  readonly copy: string;
  /** Compresses `$1` and removes it. */
  readonly compress: string;
  readonly decompress: string;
  readonly ending: string;
}

const backup = ".backup '$1'";
const vacuum = "VACUUM INTO '$1'";

/** What people use today: SQLite's own shell for the copy, a compressor for the file. */
export const fullCopies: readonly Contender[] = [
  fullCopy({
    id: 'gzip',
    name: '`.backup` + `gzip -6`',
    programs: ['gzip'],
    copy: backup,
    compress: 'gzip -6',
    decompress: 'gunzip',
    ending: '.gz',
  }),
  fullCopy({
    id: 'pigz',
    name: '`.backup` + `pigz -6`',
    programs: ['pigz'],
    copy: backup,
    compress: 'pigz -6',
    decompress: 'pigz -d',
    ending: '.gz',
  }),
  fullCopy({
    id: 'zstd',
    name: '`.backup` + `zstd -3`',
    programs: ['zstd'],
    copy: backup,
    compress: 'zstd -q -3 --rm',
    decompress: 'zstd -q -d',
    ending: '.zst',
  }),
  fullCopy({
    id: 'vacuum',
    name: '`VACUUM INTO` + `gzip -6`',
    programs: ['gzip'],
    copy: vacuum,
    compress: 'gzip -6',
    decompress: 'gunzip',
    ending: '.gz',
  }),
];

function fullCopy({ id, name, programs, copy, compress, decompress, ending }: FullCopy): Contender {
  const object = (destination: string) => join(destination, `brain.db${ending}`);
  return {
    id,
    name,
    programs: ['sqlite3', ...programs],
    sends: 'everything',
    keepsPages: copy === backup,
    setUp: () => [],
    // The copy is made beside the object, which is the least that it can cost; yesterday's object is overwritten by none.
    backUp: ({ source, destination }) => ({
      command: [
        'sh',
        '-ec',
        `rm -f "$1" "$1${ending}"; sqlite3 "$2" "${copy}"; ${compress} "$1"`,
        'sh',
        join(destination, 'brain.db'),
        source,
      ],
    }),
    restore: ({ destination, restored }) => ({
      command: ['sh', '-ec', `${decompress} -c "$1" > "$2"`, 'sh', object(destination), join(restored, 'brain.db')],
    }),
    restoredPath: ({ restored }) => join(restored, 'brain.db'),
    restoredFrom: ({ destination }) => statSync(object(destination)).size,
  };
}
