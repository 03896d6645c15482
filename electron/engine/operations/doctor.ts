import { stat } from 'node:fs/promises';
import { type DestinationConfig, isGitJob, isSqliteJob, placeOf } from '../../domain/model.ts';
import type { Finding } from '../../domain/outcomes.ts';
import { describeSpace, formatBytes } from '../../domain/units.ts';
import type { Engine } from '../engine.ts';
import { unlessMissing } from '../platform/errno.ts';
import { runSqliteTask } from '../sqlite/sqlite-tasks.ts';
import { assessHome } from './assess.ts';
import { examineStores } from './examine-stores.ts';
import { hinted } from './finding.ts';
import { totalBytes } from './restore-target.ts';

/** Looks at everything that a backup depends on, and changes nothing but what the catalog knows of the destinations. */
export async function examine(engine: Engine, signal: AbortSignal): Promise<Finding[]> {
  const { jobs, destinations } = engine.settings.current;
  const findings = [await examineHome(engine)];
  for (const config of destinations) findings.push(await examineDestination(engine, config, signal));
  for (const { name, source } of jobs.filter(isSqliteJob)) findings.push(await examineSource(engine, name, source.path, signal));
  findings.push(...(await examineStores(engine, jobs.filter(isGitJob), signal)));
  for (const { job, problems } of assessHome(engine.settings.current, engine.catalog, engine.ports.clock.now())) {
    for (const message of problems) findings.push({ what: `job ${job}`, verdict: 'bad', message });
  }
  findings.push(...(await examineKept(engine)));
  if (jobs.length === 0)
    findings.push({ what: 'jobs', verdict: 'warning', message: 'there are none yet', hint: 'nightjar job add --help' });
  return findings;
}

async function examineHome(engine: Engine): Promise<Finding> {
  const what = `data folder ${engine.home.path}`;
  const { freeBytes } = await engine.ports.disk.of(engine.home.stagingFolder);
  const { reserveBytes } = engine.settings.current.preferences;
  const message = `${formatBytes(freeBytes)} free for staging, ${formatBytes(reserveBytes)} in reserve`;
  if (freeBytes <= reserveBytes) return { what, verdict: 'bad', message, hint: 'no backup can run until there is more free space' };
  const mode = (await stat(engine.home.path)).mode & 0o077;
  if (mode !== 0 && process.platform !== 'win32')
    return { what, verdict: 'warning', message: 'other users may read it', hint: `chmod 700 ${engine.home.path}` };
  return { what, verdict: 'good', message };
}

async function examineDestination(engine: Engine, config: DestinationConfig, signal: AbortSignal): Promise<Finding> {
  const what = `destination ${config.name}`;
  try {
    const space = await engine.destination(config.name, signal).freeSpace();
    const message = `${placeOf(config)} is there${space === null ? '' : `, ${describeSpace(space)}`}`;
    if (config.kind === 'folder' || config.signInEndsAtMs === null) return { what, verdict: 'good', message };
    return {
      what,
      verdict: 'warning',
      message: `${message}; its sign-in ends by itself on ${new Date(config.signInEndsAtMs).toISOString()}`,
      hint: 'the consent screen of your OAuth client is in "Testing": set it to "In production", then sign in once more',
    };
  } catch (error) {
    return { what, verdict: 'bad', ...hinted(error) };
  }
}

async function examineSource(engine: Engine, job: string, path: string, signal: AbortSignal): Promise<Finding> {
  const what = `source of ${job}`;
  try {
    const facts = await runSqliteTask(engine.ports.workers, { kind: 'probe', path, lockWaitMs: 5000 }, { signal });
    const size = `${path}, ${formatBytes(facts.rawBytes)}, ${facts.journalMode === 'wal' ? 'WAL mode' : 'rollback mode'}`;
    if (facts.walBytes > facts.rawBytes && facts.walBytes > 64 * 1024 * 1024) {
      return {
        what,
        verdict: 'warning',
        message: `${size}; its WAL has ${formatBytes(facts.walBytes)}`,
        hint: 'its writer never checkpoints, or a reader holds it open',
      };
    }
    if (facts.journalMode === 'rollback') return { what, verdict: 'warning', message: `${size}: writers wait while a snapshot is taken` };
    return { what, verdict: 'good', message: size };
  } catch (error) {
    return { what, verdict: 'bad', ...hinted(error) };
  }
}

/** What restores in place have kept still takes space. */
async function examineKept(engine: Engine): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { id, keptPath, state, targetPath } of engine.catalog.restores()) {
    if (keptPath === undefined || state === 'discarded' || !(await unlessMissing(stat(keptPath)))) continue;
    const bytes = await totalBytes(`${keptPath}/${targetPath.split(/[\\/]/).at(-1)}`);
    findings.push({
      what: `restore ${id}`,
      verdict: 'good',
      message: `keeps the former database, ${formatBytes(bytes)}, in ${keptPath}`,
      hint: `when it is not needed any more: nightjar restore --discard ${id}`,
    });
  }
  return findings;
}
