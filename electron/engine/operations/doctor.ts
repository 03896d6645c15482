import { constants } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type DestinationConfig, isGitJob, isSqliteJob, placeOf, type Settings } from '../../domain/model.ts';
import type { Finding } from '../../domain/outcomes.ts';
import { describeSpace, formatBytes } from '../../domain/units.ts';
import type { CatalogReader } from '../catalog/catalog-reader.ts';
import type { Engine } from '../engine.ts';
import type { Home } from '../home.ts';
import { unlessMissing } from '../platform/errno.ts';
import type { Ports } from '../ports.ts';
import { assessHome } from './assess.ts';
import { examineCatalog, examineHome } from './examine-home.ts';
import { examineClock, examineSchedules, examineVersions } from './examine-machine.ts';
import { examineSource, may } from './examine-source.ts';
import { examineStores } from './examine-stores.ts';
import { hinted } from './finding.ts';
import { totalBytes } from './restore-target.ts';

/** What is examined. */
export interface Examined {
  readonly home: Home;
  readonly ports: Ports;
  readonly settings: Settings;
  /** `null` where there is none yet, or none that this version can read. */
  readonly catalog: CatalogReader | null;
  /** `null` beside another engine at work: what that one has in use is not looked at. */
  readonly engine: Engine | null;
}

/** Looks at everything that a backup depends on, and changes nothing but what the catalog knows of the destinations. */
export function examine(engine: Engine, signal: AbortSignal): Promise<Finding[]> {
  const { catalog, home, ports, settings } = engine;
  return examineAll({ home, ports, settings: settings.current, catalog, engine }, signal);
}

/**
 * Looks at everything that a backup depends on, with an engine or beside one; says what could not be checked. Changes nothing but what the
 * catalog knows of the destinations.
 */
export async function examineAll(examined: Examined, signal: AbortSignal): Promise<Finding[]> {
  const { ports, settings } = examined;
  const { destinations, jobs } = settings;
  const ofCatalog = await examineCatalog(examined, signal);
  const isWhole = ofCatalog.every(({ verdict }) => verdict !== 'bad');
  // Nothing that a damaged one says can be relied on, nor that it says anything.
  const catalog = isWhole ? examined.catalog : null;
  const findings = [
    await examineVersions(ports),
    ...examineClock(ports, settings, catalog),
    ...(await examineHome(examined)),
    ...ofCatalog,
  ];
  for (const config of destinations) findings.push(await examineDestination(examined, config, signal));
  for (const { name, source } of jobs.filter(isSqliteJob)) findings.push(...(await examineSource(ports, name, source.path, signal)));
  findings.push(...(await examineStores(examined, jobs.filter(isGitJob), signal)));
  findings.push(...examineSchedules(settings, catalog));
  for (const { job, problems } of isWhole ? assessHome(settings, catalog, ports.clock.now()) : []) {
    for (const message of problems) findings.push({ what: `job ${job}`, verdict: 'bad', message });
  }
  if (catalog !== null) findings.push(...(await examineKept(catalog)));
  if (jobs.length === 0)
    findings.push({ what: 'jobs', verdict: 'warning', message: 'there are none yet', hint: 'nightjar job add --help' });
  return findings;
}

async function examineDestination({ engine }: Examined, config: DestinationConfig, signal: AbortSignal): Promise<Finding> {
  const what = `destination ${config.name}`;
  if (engine === null) return { what, verdict: 'warning', message: 'it was not checked: another Nightjar is at work, and may be using it' };
  try {
    const space = await engine.destination(config.name, signal).freeSpace();
    const message = `${placeOf(config)} is there${space === null ? '' : `, ${describeSpace(space)}`}`;
    if (config.kind === 'folder') {
      if (await may(config.path, constants.W_OK)) return { what, verdict: 'good', message };
      const hint = 'let this user write it, or choose another folder';
      return { what, verdict: 'bad', message: `${placeOf(config)} may not be written by this user`, hint };
    }
    if (config.signInEndsAtMs === null) return { what, verdict: 'good', message };
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

/** What restores in place have kept still takes space. */
async function examineKept(catalog: CatalogReader): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { id, keptPath, state, targetPath } of catalog.restores()) {
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
