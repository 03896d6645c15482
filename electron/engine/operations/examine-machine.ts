import { release, version } from 'node:os';
import Database from 'better-sqlite3';
import { clockProblems } from '../../domain/clock-check.ts';
import type { Settings } from '../../domain/model.ts';
import type { Finding } from '../../domain/outcomes.ts';
import type { CatalogReader } from '../catalog/catalog-reader.ts';
import { findGit } from '../git/git-environment.ts';
import type { Ports } from '../ports.ts';

/** The versions of everything that a backup is made with. */
export async function examineVersions({ clock, environment, program }: Ports): Promise<Finding> {
  const git = await findGit(clock, environment).then(
    (tools) => `git ${tools.git.version ?? 'of an unknown version'}`,
    () => 'no git',
  );
  const system = `${process.platform} ${process.arch} ${release()} (${version()})`;
  return {
    what: 'versions',
    verdict: 'good',
    message: `${program}, Node ${process.versions.node}, SQLite ${sqliteVersion()}, ${git}, ${system}`,
  };
}

function sqliteVersion(): string {
  const memory = new Database(':memory:');
  try {
    return memory.prepare('SELECT sqlite_version()').pluck().get() as string;
  } finally {
    memory.close();
  }
}

/** The clock and the zones that schedules are read in. */
export function examineClock({ clock }: Ports, { jobs }: Settings, catalog: CatalogReader | null): Finding[] {
  const nowMs = clock.now();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone as string | undefined;
  const last = catalog?.runs({ limit: 1 })[0];
  const lastRecordedMs = last === undefined ? null : Math.max(last.startedAtMs, last.endedAtMs ?? 0);
  const problems = clockProblems({ nowMs, zone, jobZones: jobs.map(({ schedule }) => schedule.zone), lastRecordedMs });
  const what = 'clock';
  if (problems.length === 0) return [{ what, verdict: 'good', message: `${new Date(nowMs).toISOString()}, zone ${zone}` }];
  const hint = 'schedules, ages and sign-ins depend on it: set time and zone right';
  return problems.map((message) => ({ what, verdict: 'bad', message, hint }));
}

/** What the scheduler has last decided for each job; nothing where no scheduler has looked at any of them yet. */
export function examineSchedules({ jobs }: Settings, catalog: CatalogReader | null): Finding[] {
  return jobs.flatMap((job): Finding[] => {
    const [last] = catalog?.ledger(job.name).slots(1) ?? [];
    if (last === undefined) return [];
    const why = last.reason === null ? '' : ` (${last.reason})`;
    const message = `its last slot, ${new Date(last.atMs).toISOString()}, is ${last.state}${why}`;
    return [{ what: `schedule of ${job.name}`, verdict: last.state === 'failed' ? 'warning' : 'good', message }];
  });
}
