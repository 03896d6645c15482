import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type DrillProof, unproven } from '../../domain/drill.ts';
import { BackupError } from '../../domain/errors.ts';
import { itemsText } from '../../domain/git-item.ts';
import type { GitJob } from '../../domain/model.ts';
import { formatCount } from '../../domain/units.ts';
import type { Engine } from '../engine.ts';
import { type Git, lineOf } from '../git/git.ts';
import { openStore } from '../git/open-store.ts';
import { beginClone, changedSince, clonePlaces, proveClone, proveLocally } from '../git/prove-clone.ts';
import { commitOf } from '../git/store.ts';
import { privateFolder } from '../platform/atomic-file.ts';
import { guardWrites } from './guard.ts';
import { inStaging } from './run.ts';
import type { Steps } from './steps.ts';

/** Proves a git store: by a fresh clone of its remote, or by its own repository where it is not pushed. Throws what kept it from that. */
export async function proveStore(engine: Engine, job: GitJob, steps: Steps): Promise<DrillProof> {
  const { branch, enabled, path, push } = job.source;
  if (!enabled) throw new BackupError('usage-invalid', `${job.name} is switched off`);
  const git = openStore(job.source, engine.ports, { signal: steps.signal, scratchFolder: engine.home.stagingFolder });
  const head = await commitOf(git, `refs/heads/${branch}`);
  if (push) return proveRemote(engine, job, git, head, steps);
  if (head === null) throw new BackupError('snapshot-unknown', `there is no commit on ${branch} of ${path} yet`);
  const files = await steps.take('check', 'Checking the repository (fsck)', () => proveLocally(git, head, job.source.stores));
  return proven('local', head, files, `is complete in ${path}`);
}

async function proveRemote(engine: Engine, job: GitJob, git: Git, head: string | null, steps: Steps): Promise<DrillProof> {
  const { remote, stores } = job.source;
  const { proof } = engine.queue(job.name).record();
  if (proof === null) return unproven('clone', null, new BackupError('snapshot-unknown', `nothing was pushed to ${remote} yet`), false);
  const { branch, commit } = proof;
  let files = 0;
  for (const place of await clonePlaces(git, remote)) {
    files = await inStaging(engine, engine.ports.ids.make('run'), async (folder) => {
      await guardClone(engine, git, folder, steps);
      const path = join(folder, 'clone.git');
      await mkdir(path, { mode: privateFolder });
      // In the same way as the store itself, and with its limits; hooks of it have no business there.
      const source = { ...job.source, path, hooks: false };
      const clone = openStore(source, engine.ports, { signal: steps.signal, scratchFolder: folder });
      await beginClone(git, clone);
      return steps.take('fetch', `Cloning ${remote}`, () => proveClone(git, clone, place, { remote, branch, commit, stores }));
    });
  }
  const unpushed = await findUnpushed(engine, job, git, commit, head);
  const rest = unpushed.length === 0 ? '' : `; not pushed yet: ${itemsText(unpushed)}`;
  return proven('clone', commit, files, `came back from ${remote}${rest}`);
}

function proven(level: DrillProof['level'], commit: string, files: number, said: string): DrillProof {
  const message = `${commit.slice(0, 10)} with ${formatCount(files)} ${files === 1 ? 'file' : 'files'} ${said}`;
  return { outcome: 'proven', level, snapshotId: commit, message, code: null, rows: files };
}

/** A clone takes at most what the repository takes. */
async function guardClone(engine: Engine, git: Git, folder: string, steps: Steps): Promise<void> {
  await steps.take('guard', 'Checking space', async () => {
    const counts = lineOf(await git.read(['count-objects', '-v']));
    const kibibytes = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(counts)?.[1] ?? 0);
    const bytes = (kibibytes('size') + kibibytes('size-pack')) * 1024;
    const volume = await engine.ports.disk.of(folder);
    guardWrites(engine.settings.current.preferences, [{ volume, what: 'a clone of the remote, to be checked', bytes }], steps);
  });
}

async function findUnpushed(engine: Engine, job: GitJob, git: Git, commit: string, head: string | null): Promise<readonly string[]> {
  const waiting = engine
    .queue(job.name)
    .unfinished()
    .map(({ item }) => item);
  const committed = head === null || head === commit ? [] : await changedSince(git, commit, head, job.source.stores);
  return [...new Set([...waiting, ...committed])];
}
