import { basename } from 'node:path';
import { BackupError } from '../../domain/errors.ts';
import { issuesOf } from '../../domain/issues.ts';
import { type GitJob, gitJobSchema } from '../../domain/model.ts';
import { defaultCron } from '../../domain/schedule.ts';
import type { Engine } from '../../engine/engine.ts';
import { readStoreConfig } from '../../engine/git/store-config-file.ts';
import { setUpStore } from '../../engine/operations/set-up-store.ts';
import { checkName } from '../options.ts';
import { localZone } from '../text.ts';
import { refuseKnown } from './taken-name.ts';

export interface ImportedJob {
  readonly job: GitJob;
  /** What the configuration has that this job does not do. */
  readonly notes: readonly string[];
}

/**
 * Sets up a git job from another program's configuration (S2-01). Throws what is wrong with the file, all of it at once, and whatever is
 * wrong with the repository.
 */
export async function importJob(engine: Engine, file: string, asked: string | undefined): Promise<ImportedJob> {
  const config = await readStoreConfig(file);
  const name = checkName(asked ?? basename(config.projectPath), 'choose one with --name');
  refuseKnown(engine, name);
  const { branch, enabled, push, remote } = config.git;
  const parsed = gitJobSchema.safeParse({
    name,
    schedule: { cron: defaultCron, zone: localZone() },
    source: { kind: 'git', path: config.projectPath, stores: [config.storePath], branch, remote, push, enabled, message: config.message },
  });
  if (!parsed.success) throw new BackupError('settings-invalid', `no job can be made of ${file}: ${issuesOf(parsed.error)}`);
  const job = await setUpStore(engine, parsed.data, 'take');
  engine.settings.change((settings) => ({ ...settings, jobs: [...settings.jobs, job] }));
  return {
    job,
    notes: [
      `the database ${config.databasePath} is not part of it: nightjar job add ${name}-db --sqlite ${config.databasePath} --to DESTINATION`,
    ],
  };
}
