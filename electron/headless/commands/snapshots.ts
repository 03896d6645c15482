import type { Command } from 'commander';
import type { EngineClient } from '../../api/client.ts';
import { lastProvenMs } from '../../domain/drill.ts';
import { type Copy, isGitJob, sameName } from '../../domain/model.ts';
import { describeForm } from '../../domain/snapshot-form.ts';
import { isVerified } from '../../domain/snapshot-record.ts';
import { countRows } from '../../domain/table-rows.ts';
import { formatBytes, formatCount } from '../../domain/units.ts';
import { snapshotDocument } from '../documents.ts';
import { common } from '../options.ts';
import { type CommonOptions, onLook } from '../session.ts';
import { formatInstant } from '../text.ts';

export function addSnapshotsCommand(program: Command): void {
  const command = program.command('snapshots [job]').description('what can be restored, newest first');
  common(command, 'nightjar snapshots notes');
  onLook(command, async ({ client, output }, _options: CommonOptions, job?: string) => {
    const snapshots = await client.snapshots.list(job === undefined ? {} : { job });
    output.document(snapshots.map(snapshotDocument));
    output.table(
      ['SNAPSHOT', 'JOB', 'TAKEN', 'FORM', 'DATABASE', 'STORED', 'ROWS', 'VERIFIED COPIES'],
      snapshots.map((snapshot) => [
        snapshot.id,
        `${snapshot.job}${snapshot.pinned ? ' (pinned)' : ''}`,
        formatInstant(snapshot.createdAtMs),
        describeForm(snapshot.manifest),
        formatBytes(snapshot.manifest.raw.bytes),
        formatBytes(snapshot.manifest.object.bytes),
        formatCount(countRows(snapshot.manifest.sqlite.tables)),
        snapshot.copies.map(describeCopy).join(', '),
      ]),
    );
    for (const line of await proofLines(client, job)) output.line(line);
    const store = job === undefined ? undefined : (await client.jobs.list()).filter(isGitJob).find(({ name }) => sameName(name, job));
    if (store) output.line(`${store.name} is a git store; its versions: nightjar git log ${store.name}`);
    else if (snapshots.length === 0) output.line(job === undefined ? 'no snapshots yet' : `no snapshots of ${job}`);
    return 0;
  });
}

async function proofLines(client: EngineClient, name: string | undefined): Promise<string[]> {
  const [jobs, drills] = [await client.jobs.list(), await client.drills.list({})];
  return jobs
    .filter((job) => name === undefined || sameName(job.name, name))
    .flatMap((job) => {
      const ofJob = drills.filter((drill) => drill.job === job.name);
      const provenMs = lastProvenMs(job, ofJob);
      return provenMs === null ? [] : `${job.name} was last proven restorable on ${formatInstant(provenMs)}`;
    });
}

/** `usb` for a copy whose digest was proven; more where more, or less, is known of it. */
function describeCopy(copy: Copy): string {
  if (copy.state !== 'stored') return `${copy.destination} (${copy.state})`;
  if (copy.failure) return `${copy.destination} (${copy.failure.isOfBase ? 'base damaged' : 'damaged'})`;
  if (!isVerified(copy)) return `${copy.destination} (not verified)`;
  return copy.verified?.level === 'full' ? `${copy.destination} (proven in full)` : copy.destination;
}
