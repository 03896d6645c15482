import { resolve } from 'node:path';
import { BackupError } from '../../domain/errors.ts';
import { type GitJob, isGitJob, sameName } from '../../domain/model.ts';
import { counted, formatBytes } from '../../domain/units.ts';
import { restoreStoreVersion } from '../../engine/operations/store-versions.ts';
import { readSettings } from '../../engine/settings-store.ts';
import type { ExitCode } from '../exit-code.ts';
import type { CommonOptions, Session } from '../session.ts';

export interface RestoreStoreOptions extends CommonOptions {
  readonly path?: string;
  readonly to?: string;
  readonly force?: boolean;
  readonly inPlace?: boolean;
}

/** A version of a git store. */
interface StoreVersion {
  readonly job: GitJob;
  /** A commit, a day, or `latest`. */
  readonly when: string;
}

/** What `NAME` or `NAME@COMMIT` means where NAME is a git job; `null` where it is not, or nothing can be said. */
export function storeVersionOf({ home }: Session, what: string): StoreVersion | null {
  // Names have no "@" in them; those of commits may.
  const [name = '', ...rest] = what.split('@');
  const job = jobsOf(home.path).find((each) => sameName(each.name, name));
  return job ? { job, when: rest.length === 0 ? 'latest' : rest.join('@') } : null;
}

/** Brings a file or folder of a git store back; needs no engine, so that it works while another one backs up. */
export async function restoreStore(session: Session, { job, when }: StoreVersion, options: RestoreStoreOptions): Promise<ExitCode> {
  const { output, ports, signal } = session;
  const { force = false, inPlace, path, to } = options;
  if (path === undefined || to === undefined || inPlace) {
    throw new BackupError('usage-invalid', `${job.name} is a git store: say which file or folder of it, and where to`, {
      hint: `nightjar restore ${job.name}@latest --path notes/a.md --to ~/a.md; see the versions with: nightjar git log ${job.name}`,
    });
  }
  const asked = { at: when, path, target: resolve(to), force, protectedFolders: [session.home.path] };
  const { commit, ...restored } = await restoreStoreVersion(job, ports, asked, signal);
  output.document({ restored: commit, ...restored });
  output.line(
    `${output.style('green', '✓')} ${restored.path}: ${counted(restored.files, 'file')}, ${formatBytes(restored.bytes)}, as of ${commit.slice(0, 10)}`,
  );
  if (restored.skipped > 0) output.line(`  ${counted(restored.skipped, 'submodule')} left out: each has a repository of its own`);
  return 0;
}

function jobsOf(home: string): readonly GitJob[] {
  try {
    return readSettings(home).jobs.filter(isGitJob);
  } catch {
    return []; // The engine mends settings that are broken, and says so.
  }
}
