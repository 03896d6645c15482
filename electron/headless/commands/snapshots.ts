import type { Command } from 'commander';
import { lastProvenMs } from '../../domain/drill.ts';
import { type Copy, isGitJob, type Settings } from '../../domain/model.ts';
import { formatBytes, formatCount } from '../../domain/units.ts';
import type { CatalogReader } from '../../engine/catalog/catalog-reader.ts';
import { isVerified } from '../../engine/catalog/snapshot-record.ts';
import { countRows, snapshotDocument } from '../documents.ts';
import { common } from '../options.ts';
import { type CommonOptions, knownName, onView } from '../session.ts';
import { formatInstant } from '../text.ts';

export function addSnapshotsCommand(program: Command): void {
  const command = program.command('snapshots [job]').description('what can be restored, newest first');
  common(command, 'nightjar snapshots notes');
  onView(command, async ({ output, catalog, settings }, _options: CommonOptions, name?: string) => {
    const job = name === undefined ? undefined : knownName(name, settings, catalog);
    const snapshots = catalog?.snapshots(job) ?? [];
    output.document(snapshots.map(snapshotDocument));
    output.table(
      ['SNAPSHOT', 'JOB', 'TAKEN', 'DATABASE', 'STORED', 'ROWS', 'VERIFIED COPIES'],
      snapshots.map((snapshot) => [
        snapshot.id,
        `${snapshot.job}${snapshot.pinned ? ' (pinned)' : ''}`,
        formatInstant(snapshot.createdAtMs),
        formatBytes(snapshot.manifest.raw.bytes),
        formatBytes(snapshot.manifest.object.bytes),
        formatCount(countRows(snapshot.manifest.sqlite.tables)),
        snapshot.copies.map(describeCopy).join(', '),
      ]),
    );
    for (const line of proofLines(settings, catalog, job)) output.line(line);
    const isStore = settings.jobs.some((each) => each.name === job && isGitJob(each));
    if (isStore) output.line(`${job} is a git store; its versions: nightjar git log ${job}`);
    else if (snapshots.length === 0) output.line(job === undefined ? 'no snapshots yet' : `no snapshots of ${job}`);
    return 0;
  });
}

function proofLines({ jobs }: Settings, catalog: CatalogReader | null, name: string | undefined): string[] {
  return jobs
    .filter((job) => name === undefined || job.name === name)
    .flatMap((job) => {
      const provenMs = lastProvenMs(job, catalog?.evidence().drills(job.name) ?? []);
      return provenMs === null ? [] : `${job.name} was last proven restorable on ${formatInstant(provenMs)}`;
    });
}

/** `usb` for a copy whose digest was proven; more where more, or less, is known of it. */
function describeCopy(copy: Copy): string {
  if (copy.state !== 'stored') return `${copy.destination} (${copy.state})`;
  if (copy.failure) return `${copy.destination} (damaged)`;
  if (!isVerified(copy)) return `${copy.destination} (not verified)`;
  return copy.verified?.level === 'full' ? `${copy.destination} (proven in full)` : copy.destination;
}
