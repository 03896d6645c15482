import { resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { BackupError, errorFacts } from '../../domain/errors.ts';
import { type FolderConfig, nameSchema } from '../../domain/model.ts';
import { formatBytes } from '../../domain/units.ts';
import { markFolder } from '../../engine/destinations/folder.ts';
import type { Engine } from '../../engine/engine.ts';
import { reconcileAll } from '../../engine/operations/reconcile.ts';
import { testDestination } from '../../engine/operations/test-destination.ts';
import { destinationNamed, sameName } from '../../engine/settings-store.ts';
import { common } from '../options.ts';
import { type CommonOptions, inSession, withEngine, withView } from '../session.ts';

export function addDestinationCommands(program: Command): void {
  const group = program.command('destination').description('places that keep snapshots');

  const add = group.command('add').description('set up a place');
  common(
    add.command('folder <name> <path>').description('a folder or mounted volume, which must exist'),
    'nightjar destination add folder usb /Volumes/USB/Backups',
  ).action((name: string, path: string, options: CommonOptions) => addFolder(name, path, options));

  common(group.command('list').description('every destination'), 'nightjar destination list').action(async (options: CommonOptions) => {
    process.exitCode = await inSession(options, (session) =>
      withView(session, async ({ settings }) => {
        session.output.document(settings.destinations);
        session.output.table(
          ['NAME', 'KIND', 'WHERE'],
          settings.destinations.map(({ name, kind, path }) => [name, kind, path]),
        );
        return 0;
      }),
    );
  });

  common(group.command('show <name>').description('one destination, with its space and snapshots'), 'nightjar destination show usb').action(show);

  common(
    group.command('remove <name>').description('forget a destination; what it holds stays there'),
    'nightjar destination remove usb',
  ).action(async (name: string, options: CommonOptions) => {
    process.exitCode = await inSession(options, (session) =>
      withEngine(session, async (engine) => {
        const config = destinationNamed(engine.settings.current, name);
        refuseInUse(engine, config.name);
        engine.settings.change((settings) => ({ ...settings, destinations: settings.destinations.filter((other) => other.name !== config.name) }));
        engine.catalog.forgetDestination(config.name);
        session.output.document({ removed: config });
        session.output.line(`forgot ${config.name}; its snapshots are still in ${config.path}`);
        return 0;
      }),
    );
  });

  common(
    group.command('test <name>').description('write, read back, compare and remove a small object'),
    'nightjar destination test usb',
  ).action(async (name: string, options: CommonOptions) => {
    process.exitCode = await inSession(options, (session) =>
      withEngine(session, async (engine) => {
        const { name: known } = destinationNamed(engine.settings.current, name);
        const checks = await testDestination(engine, known, session.signal);
        const ok = checks.every((check) => check.ok);
        session.output.document({ ok, destination: known, checks });
        for (const check of checks) {
          const mark = check.ok ? session.output.style('green', '✓') : session.output.style('red', '✗');
          session.output.line(`${mark} ${check.what}${check.message === undefined ? '' : `: ${check.message}`}`);
        }
        return ok ? 0 : 1;
      }),
    );
  });
}

async function addFolder(name: string, path: string, options: CommonOptions): Promise<void> {
  process.exitCode = await inSession(options, (session) =>
    withEngine(session, async (engine) => {
      const root = resolve(path);
      checkName(name);
      const { destinations } = engine.settings.current;
      const clash = destinations.find((other) => sameName(other.name, name) || other.path === root);
      if (clash) {
        throw new BackupError('destination-exists', `${clash.path} is set up as the destination ${clash.name} already`, {
          hint: `use it, or remove it first: nightjar destination remove ${clash.name}`,
        });
      }
      const id = await markFolder(name, root, engine.ports.ids);
      const config: FolderConfig = { kind: 'folder', name, id, path: root };
      engine.settings.change((settings) => ({ ...settings, destinations: [...settings.destinations, config] }));
      engine.catalog.setUnread(name, true);
      const found = await reconcileAll(engine, [name]);
      session.output.document({ destination: config, found });
      session.output.line(`${session.output.style('green', '✓')} ${name} is ${root}`);
      for (const message of found) session.output.line(`  ${message}`);
      return 0;
    }),
  );
}

async function show(name: string, options: CommonOptions): Promise<void> {
  process.exitCode = await inSession(options, (session) =>
    withEngine(session, async (engine) => {
      const config = destinationNamed(engine.settings.current, name);
      const copies = engine.catalog.snapshots().flatMap((snapshot) => snapshot.copies.filter(({ destination, state }) => destination === config.name && state === 'stored'));
      const bytes = copies.reduce((sum, copy) => sum + copy.bytes, 0);
      const space = await engine
        .destination(config.name)
        .freeSpace()
        .catch((error: unknown) => errorFacts(error));
      const isReachable = space === null || !('code' in space);
      session.output.document({ ...config, reachable: isReachable, space: isReachable ? space : null, snapshots: copies.length, bytes, error: isReachable ? null : space });
      session.output.line(`${config.name}: ${config.kind} ${config.path}`);
      session.output.line(`  ${copies.length} snapshots, ${formatBytes(bytes)}`);
      if (space !== null) session.output.line('code' in space ? `  ${space.message}` : `  ${formatBytes(space.freeBytes)} free of ${formatBytes(space.totalBytes)}`);
      return isReachable ? 0 : 1;
    }),
  );
}

function checkName(name: string): void {
  const parsed = nameSchema.safeParse(name);
  if (!parsed.success) throw new BackupError('usage-invalid', `"${name}" cannot be a name: ${z.prettifyError(parsed.error).replace(/^✖ /, '')}`);
}

function refuseInUse(engine: Engine, name: string): void {
  const users = engine.settings.current.jobs.filter(({ destinations }) => destinations.includes(name)).map((job) => job.name);
  if (users.length === 0) return;
  throw new BackupError('destination-in-use', `${name} is a destination of ${users.join(', ')}`, {
    hint: `take it out first, such as: nightjar job set ${users[0]} --to OTHER`,
  });
}
