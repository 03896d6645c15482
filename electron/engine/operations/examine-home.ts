import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '../../domain/outcomes.ts';
import { settingsProblems } from '../../domain/settings-rules.ts';
import { formatBytes } from '../../domain/units.ts';
import { unlessMissing } from '../platform/errno.ts';
import { readHolder } from '../platform/holder.ts';
import { runSqliteTask } from '../sqlite/sqlite-tasks.ts';
import type { Examined } from './doctor.ts';
import { hinted } from './finding.ts';

/** Looks at the data folder: its space, who may read it, who holds it, and its settings. Changes nothing. */
export async function examineHome(examined: Examined): Promise<Finding[]> {
  const { home } = examined;
  const names = (await unlessMissing(readdir(home.path))) ?? [];
  return [await examineSpace(examined), ...(await examinePrivacy(examined)), examineLock(examined), ...examineSettings(examined, names)];
}

async function examineSpace({ home, ports, settings }: Examined): Promise<Finding> {
  const what = `data folder ${home.path}`;
  const { freeBytes } = await ports.disk.of(home.stagingFolder);
  const { reserveBytes } = settings.preferences;
  const message = `${formatBytes(freeBytes)} free for staging, ${formatBytes(reserveBytes)} in reserve`;
  if (freeBytes > reserveBytes) return { what, verdict: 'good', message };
  return { what, verdict: 'bad', message, hint: 'no backup can run until there is more free space' };
}

/** Everything in it is for its owner alone (S1-112). */
async function examinePrivacy({ home }: Examined): Promise<Finding[]> {
  const what = 'privacy of the data folder';
  const user = process.getuid?.();
  if (user === undefined) return [];
  const findings: Finding[] = [];
  const open: string[] = [];
  const foreign: string[] = [];
  const names = (await unlessMissing(readdir(home.path, { recursive: true }))) ?? [];
  for (const path of [home.path, ...names.map((name) => join(home.path, name))]) {
    const stats = await unlessMissing(stat(path));
    if (stats === undefined) continue;
    if ((stats.mode & 0o077) !== 0) open.push(path);
    if (stats.uid !== user) foreign.push(path);
  }
  if (open.length > 0) {
    const message = `other users may read ${listed(open)}`;
    findings.push({ what, verdict: 'warning', message, hint: `chmod -R go= ${home.path}` });
  }
  if (foreign.length > 0) {
    const hint = 'some command was run as another user, such as with sudo: give them to the user that Nightjar runs as';
    findings.push({ what, verdict: 'bad', message: `another user owns ${listed(foreign)}`, hint });
  }
  return findings.length > 0 ? findings : [{ what, verdict: 'good', message: 'it is for its owner alone' }];
}

function listed(paths: readonly string[]): string {
  return paths.length === 1 ? `${paths[0]}` : `${paths[0]} and ${paths.length - 1} more`;
}

function examineLock({ engine, home }: Examined): Finding {
  const what = 'lock';
  if (engine !== null) return { what, verdict: 'good', message: `held by process ${process.pid}` };
  const pid = readHolder(home.path)?.pid;
  const holder = pid === undefined ? 'another Nightjar' : `another Nightjar (process ${pid})`;
  return { what, verdict: 'warning', message: `${holder} is at work: what it has in use could not be checked` };
}

function examineSettings({ ports, settings }: Examined, names: readonly string[]): Finding[] {
  const what = 'settings';
  const findings: Finding[] = settingsProblems(settings, ports.clock.now()).map((message) => ({
    what,
    verdict: 'bad',
    message,
    hint: 'change the job or destination with its command, or settings.json by hand',
  }));
  const broken = names.filter((name) => /^settings\.broken-.*\.json$/.test(name));
  if (broken.length > 0) {
    const hint = 'take over what is right in there, then delete it';
    findings.push({ what, verdict: 'warning', message: `a file that could not be used was set aside: ${listed(broken)}`, hint });
  }
  const message = `they can be used; jobs: ${settings.jobs.length}, destinations: ${settings.destinations.length}`;
  return findings.length > 0 ? findings : [{ what, verdict: 'good', message }];
}

/** Has another process look through the catalog; `bad` where it cannot be relied on. Changes nothing. */
export async function examineCatalog({ catalog, home, ports }: Examined, signal: AbortSignal): Promise<Finding[]> {
  const what = 'catalog';
  const names = (await unlessMissing(readdir(home.path))) ?? [];
  const findings: Finding[] = [];
  if (!names.includes('catalog.db')) findings.push({ what, verdict: 'warning', message: 'there is none yet' });
  else {
    try {
      await runSqliteTask(ports.workers, { kind: 'check', path: home.catalogPath }, { signal });
      const known = catalog === null ? ', and of another version than this Nightjar' : '';
      findings.push({ what, verdict: known === '' ? 'good' : 'warning', message: `it is whole${known}` });
    } catch (error) {
      const hint = 'end Nightjar and move catalog.db away: it is made anew from the destinations';
      findings.push({ what, verdict: 'bad', message: hinted(error).message, hint });
    }
  }
  const damaged = names.filter((name) => /^catalog\.db\.damaged-[^-]*$/.test(name));
  if (damaged.length === 0) return findings;
  const message = `a damaged one was set aside: ${listed(damaged)}`;
  return [...findings, { what, verdict: 'warning', message, hint: 'check the disk; delete the file when all snapshots are known again' }];
}
