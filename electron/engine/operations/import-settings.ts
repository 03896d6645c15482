import { stat } from 'node:fs/promises';
import { type DestinationConfig, type Settings, sameName } from '../../domain/model.ts';
import { type ImportOutcome, type ImportRequest, parseSettingsFile, planImport } from '../../domain/settings-file.ts';
import { ownCredentials } from '../destinations/drive/credentials.ts';
import type { Engine } from '../engine.ts';
import { unlessMissing } from '../platform/errno.ts';
import { adaptQueues } from './adapt-queue.ts';
import { forgetConnection } from './connect.ts';
import { forgetRemoved } from './forget-job.ts';

/**
 * Takes exported settings over. Secrets are never in them, so accounts have to be signed in to anew. Throws `settings-invalid` for the file
 * and `usage-invalid` where it does not fit together with what is there; then nothing was changed.
 */
export async function importSettings(engine: Engine, { text, name, mode, dryRun }: ImportRequest): Promise<ImportOutcome> {
  const nowMs = engine.ports.clock.now();
  const before = engine.settings.current;
  const imported = parseSettingsFile(text, name, nowMs);
  const { changes, next } = planImport(before, imported, mode, nowMs);
  if (!dryRun) {
    adaptQueues(engine, before, next);
    engine.settings.change(() => next);
    forgetRemoved(engine, before, next);
    for (const config of before.destinations) if (!isStill(config, next)) await forgetConnection(engine, config);
  }
  return { changes, warnings: await missingPaths(next), signIns: await missingSignIns(engine, next) };
}

/** A destination of the same name with another identity is another one. */
function isStill(config: DestinationConfig, next: Settings): boolean {
  return next.destinations.some((other) => sameName(other.name, config.name) && other.id === config.id && other.kind === config.kind);
}

async function missingPaths({ destinations, jobs }: Settings): Promise<string[]> {
  const places: [what: string, path: string][] = [
    ...jobs.map(({ name, source }): [string, string] => [`the source of ${name}`, source.path]),
    ...destinations.flatMap((config): [string, string][] => {
      if (config.kind === 'folder') return [[`the folder of the destination ${config.name}`, config.path]];
      return config.credentials.kind === 'shared' ? [[`the credentials of the destination ${config.name}`, config.credentials.path]] : [];
    }),
  ];
  const warnings: string[] = [];
  for (const [what, path] of places) {
    const isThere = await unlessMissing(stat(path)).catch(() => true);
    if (!isThere) warnings.push(`${what} is not on this machine: ${path}`);
  }
  return warnings;
}

async function missingSignIns({ secrets }: Engine, { destinations }: Settings): Promise<string[]> {
  const names: string[] = [];
  for (const config of destinations) {
    if (config.kind !== 'drive' || config.credentials.kind !== 'own') continue;
    const tokens = await ownCredentials(secrets, config)
      .read()
      .catch(() => null);
    if (tokens === null) names.push(config.name);
  }
  return names;
}
