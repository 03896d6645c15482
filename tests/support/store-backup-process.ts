import { isGitJob } from '../../electron/domain/model.ts';
import { backUpStore } from '../../electron/engine/operations/back-up-store.ts';
import { openTestEngine } from './test-engine.ts';

/** Backs up every git job of the engine of a folder, with the environment that it was started with: a process that a test may kill. */
const [folder = ''] = process.argv.slice(2);
const engine = await openTestEngine(folder);
for (const job of engine.settings.current.jobs.filter(isGitJob)) await backUpStore(engine, { job, trigger: 'api', scope: 'due' });
engine.close();
