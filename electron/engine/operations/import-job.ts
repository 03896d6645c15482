import { basename } from 'node:path';
import { checkName } from '../../domain/check-name.ts';
import { BackupError } from '../../domain/errors.ts';
import { issuesOf } from '../../domain/issues.ts';
import { gitJobSchema } from '../../domain/model.ts';
import type { JobSetUp } from '../../domain/outcomes.ts';
import { defaultCron } from '../../domain/schedule.ts';
import type { Engine } from '../engine.ts';
import { readStoreConfig } from '../git/store-config-file.ts';
import { setUpStore } from './set-up-store.ts';
import { refuseKnown } from './taken-name.ts';

/**
 * Sets up a git job from another program's configuration (S2-01), with the days of a zone. `notes` are what the configuration has that
 * the job does not do. Throws what is wrong with the file, all of it at once, and whatever is
 * wrong with the repository.
 */
export async function importJob(engine: Engine, file: string, asked: string | undefined, zone: string): Promise<JobSetUp> {
  const config = await readStoreConfig(file);
  const name = checkName(asked ?? basename(config.projectPath), 'choose one with --name');
  refuseKnown(engine.settings.current.jobs, name);
  const { branch, enabled, push, remote } = config.git;
  const parsed = gitJobSchema.safeParse({
    name,
    schedule: { cron: defaultCron, zone },
    source: { kind: 'git', path: config.projectPath, stores: [config.storePath], branch, remote, push, enabled, message: config.message },
  });
  if (!parsed.success) throw new BackupError('settings-invalid', `no job can be made of ${file}: ${issuesOf(parsed.error)}`);
  const job = await setUpStore(engine, parsed.data, 'take');
  engine.settings.change((settings) => ({ ...settings, jobs: [...settings.jobs, job] }));
  return {
    job,
    adopted: 0,
    notes: [
      `the database ${config.databasePath} is not part of it: nightjar job add ${name}-db --sqlite ${config.databasePath} --to DESTINATION`,
    ],
  };
}
