import { resolve } from 'node:path';
import type { Command } from 'commander';
import { BackupError, errorFacts } from '../../domain/errors.ts';
import { type FolderConfig, isSqliteJob, localPaths, placeOf, sameName } from '../../domain/model.ts';
import { describeSpace, formatBytes } from '../../domain/units.ts';
import { markFolder } from '../../engine/destinations/folder-marker.ts';
import type { Engine } from '../../engine/engine.ts';
import { disconnect } from '../../engine/operations/connect.ts';
import { reconcileAll } from '../../engine/operations/reconcile.ts';
import { isInside } from '../../engine/operations/restore-target.ts';
import { testDestination } from '../../engine/operations/test-destination.ts';
import { destinationNamed } from '../../engine/settings-store.ts';
import type { ExitCode } from '../exit-code.ts';
import { checkName, common, group } from '../options.ts';
import { type CommonOptions, type EngineSession, onEngine, onView } from '../session.ts';
import { counted } from '../text.ts';
import { addDriveCommands } from './drive.ts';
import { refuseTaken } from './taken-name.ts';

export function addDestinationCommands(program: Command): void {
  const destinations = group(program, 'destination', 'places that keep snapshots', 'nightjar destination list');
  const add = group(destinations, 'add', 'set up a place', 'nightjar destination add folder usb /Volumes/USB/Backups');

  const addFolderCommand = add.command('folder <name> <path>').description('a folder or mounted volume, which must exist');
  onEngine(common(addFolderCommand, 'nightjar destination add folder usb /Volumes/USB/Backups'), addFolder);

  addDriveCommands(destinations, add);

  onView(
    common(destinations.command('list').description('every destination'), 'nightjar destination list'),
    async ({ output, settings }) => {
      output.document(settings.destinations);
      output.table(
        ['NAME', 'KIND', 'WHERE'],
        settings.destinations.map((config) => [config.name, config.kind, placeOf(config)]),
      );
      if (settings.destinations.length === 0) output.line('no destinations yet: nightjar destination add --help');
      return 0;
    },
  );

  const showCommand = destinations.command('show <name>').description('one destination, with its space and snapshots');
  onEngine(common(showCommand, 'nightjar destination show usb'), show);
  const removeCommand = destinations.command('remove <name>').description('forget a destination; what it holds stays there');
  onEngine(common(removeCommand, 'nightjar destination remove usb'), remove);
  const testCommand = destinations.command('test <name>').description('write, read back, compare and trash a small object');
  onEngine(common(testCommand, 'nightjar destination test usb'), test);
}

async function addFolder({ engine, output }: EngineSession, _options: CommonOptions, name: string, path: string): Promise<ExitCode> {
  const root = resolve(path);
  checkName(name);
  refuseNested(engine, root);
  refuseTaken(engine, (other) => sameName(other.name, name) || (other.kind === 'folder' && other.path === root));
  const id = await markFolder(name, root, engine.ports.ids);
  const config: FolderConfig = { kind: 'folder', name, id, path: root };
  engine.settings.change((settings) => ({ ...settings, destinations: [...settings.destinations, config] }));
  engine.catalog.setUnread(name, true);
  const found = await reconcileAll(engine, [name]);
  output.document({ destination: config, found });
  output.line(`${output.style('green', '✓')} ${name} is ${root}`);
  for (const message of found) output.line(`  ${message}`);
  return 0;
}

/** A destination inside another, or around the data folder, would mix their files. */
function refuseNested(engine: Engine, root: string): void {
  const others = [engine.home.path, ...localPaths(engine.settings.current.destinations)];
  const other = others.find((path) => path !== root && (isInside(root, path) || isInside(path, root)));
  if (other === undefined) return;
  throw new BackupError('usage-invalid', `${root} and ${other} lie one inside the other`, {
    hint: 'choose a folder of its own for the snapshots',
  });
}

async function show({ engine, output }: EngineSession, _options: CommonOptions, name: string): Promise<ExitCode> {
  const config = destinationNamed(engine.settings.current, name);
  const copies = engine.catalog
    .snapshots()
    .flatMap((snapshot) => snapshot.copies)
    .filter(({ destination, state }) => destination === config.name && state === 'stored');
  const bytes = copies.reduce((sum, copy) => sum + copy.bytes, 0);
  const held = `${config.name}: ${placeOf(config)}, ${counted(copies.length, 'snapshot')}, ${formatBytes(bytes)}`;
  try {
    const space = await engine.destination(config.name).freeSpace();
    output.document({ ...config, reachable: true, space, snapshots: copies.length, bytes, error: null });
    output.line(space === null ? held : `${held}; ${describeSpace(space)}`);
    return 0;
  } catch (error) {
    output.document({ ...config, reachable: false, space: null, snapshots: copies.length, bytes, error: errorFacts(error) });
    output.line(held);
    output.line(`  ${errorFacts(error).message}`);
    return 1;
  }
}

async function remove({ engine, output }: EngineSession, _options: CommonOptions, name: string): Promise<ExitCode> {
  const config = destinationNamed(engine.settings.current, name);
  refuseInUse(engine, config.name);
  await disconnect(engine, config);
  output.document({ removed: config });
  output.line(`forgot ${config.name}; its snapshots are still in ${placeOf(config)}`);
  return 0;
}

async function test({ engine, output, signal }: EngineSession, _options: CommonOptions, name: string): Promise<ExitCode> {
  const { name: known } = destinationNamed(engine.settings.current, name);
  const checks = await testDestination(engine, known, signal);
  const ok = checks.every((check) => check.ok);
  output.document({ ok, destination: known, checks });
  for (const check of checks) {
    const mark = check.ok ? output.style('green', '✓') : output.style('red', '✗');
    output.line(`${mark} ${check.what}${check.message === undefined ? '' : `: ${check.message}`}`);
  }
  return ok ? 0 : 1;
}

function refuseInUse(engine: Engine, name: string): void {
  const users = engine.settings.current.jobs
    .filter(isSqliteJob)
    .filter(({ destinations }) => destinations.includes(name))
    .map((job) => job.name);
  if (users.length === 0) return;
  throw new BackupError('destination-in-use', `${name} is a destination of ${users.join(', ')}`, {
    hint: `take it out first, such as: nightjar job set ${users[0]} --to OTHER`,
  });
}
