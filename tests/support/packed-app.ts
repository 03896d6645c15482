import { readFileSync } from 'node:fs';

/** A file in an app's archive; its content, where it lies in the archive itself and not beside it. */
export interface PackedFile {
  readonly path: string;
  readonly bytes: number;
  readonly isUnpacked: boolean;
  readonly content: Buffer | null;
}

interface ArchiveEntry {
  readonly files?: Readonly<Record<string, ArchiveEntry>>;
  readonly size?: number;
  readonly offset?: string;
  readonly unpacked?: boolean;
}

/** Every file of an asar archive, by its path in there. */
export function readArchive(path: string): PackedFile[] {
  const archive = readFileSync(path);
  // Two pickles: the size of the second, and in that a text with its length before it.
  const headerBytes = archive.readUInt32LE(4);
  const header = JSON.parse(archive.toString('utf8', 16, 16 + archive.readUInt32LE(12))) as ArchiveEntry;
  return filesOf(header, '').map(({ path: name, entry: { size = 0, offset, unpacked = false } }) => {
    const start = 8 + headerBytes + Number(offset);
    return { path: name, bytes: size, isUnpacked: unpacked, content: unpacked ? null : archive.subarray(start, start + size) };
  });
}

function filesOf(folder: ArchiveEntry, parent: string): { path: string; entry: ArchiveEntry }[] {
  return Object.entries(folder.files ?? {}).flatMap(([name, entry]) =>
    entry.files === undefined ? [{ path: parent + name, entry }] : filesOf(entry, `${parent}${name}/`),
  );
}

/** The fuses of an Electron in their order, as its file has them: `1` on, `0` off, `r` gone. Throws where there are none. */
export function readFuses(path: string): string {
  const bytes = readFileSync(path);
  const start = bytes.indexOf('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX');
  if (start < 0) throw new Error(`${path} has no fuses`);
  return bytes.toString('latin1', start + 34, start + 34 + (bytes[start + 33] ?? 0));
}
