import { resolve } from 'node:path';
import type { Command } from 'commander';
import { checkName } from '../../domain/check-name.ts';
import { placeOf } from '../../domain/model.ts';
import { counted, describeSpace, formatBytes } from '../../domain/units.ts';
import { destinationNamed } from '../../engine/settings-store.ts';
import type { ExitCode } from '../exit-code.ts';
import { common, group } from '../options.ts';
import { type ClientSession, type CommonOptions, onClient, onLook } from '../session.ts';
import { addDriveCommands } from './drive.ts';

export function addDestinationCommands(program: Command): void {
  const destinations = group(program, 'destination', 'places that keep snapshots', 'nightjar destination list');
  const add = group(destinations, 'add', 'set up a place', 'nightjar destination add folder usb /Volumes/USB/Backups');

  const addFolderCommand = add.command('folder <name> <path>').description('a folder or mounted volume, which must exist');
  onClient(common(addFolderCommand, 'nightjar destination add folder usb /Volumes/USB/Backups'), addFolder);

  addDriveCommands(destinations, add);

  onLook(common(destinations.command('list').description('every destination'), 'nightjar destination list'), async ({ client, output }) => {
    const configs = (await client.settings.get()).destinations;
    output.document(configs);
    output.table(
      ['NAME', 'KIND', 'WHERE'],
      configs.map((config) => [config.name, config.kind, placeOf(config)]),
    );
    if (configs.length === 0) output.line('no destinations yet: nightjar destination add --help');
    return 0;
  });

  const showCommand = destinations.command('show <name>').description('one destination, with its space and snapshots');
  onClient(common(showCommand, 'nightjar destination show usb'), show);
  const removeCommand = destinations.command('remove <name>').description('forget a destination; what it holds stays there');
  onClient(common(removeCommand, 'nightjar destination remove usb'), remove);
  const testCommand = destinations.command('test <name>').description('write, read back, compare and trash a small object');
  onClient(common(testCommand, 'nightjar destination test usb'), test);
}

async function addFolder({ client, output }: ClientSession, _options: CommonOptions, name: string, path: string): Promise<ExitCode> {
  const { config, found } = await client.destinations.addFolder({ name: checkName(name), path: resolve(path) });
  output.document({ destination: config, found });
  output.line(`${output.style('green', '✓')} ${name} is ${config.path}`);
  for (const message of found) output.line(`  ${message}`);
  return 0;
}

async function show({ client, output, signal }: ClientSession, _options: CommonOptions, name: string): Promise<ExitCode> {
  const { bytes, config, error, snapshots, space } = await client.destinations.inspect({ name }, { signal });
  const reachable = error === null;
  output.document({ ...config, reachable, space, snapshots, bytes, error });
  const held = `${config.name}: ${placeOf(config)}, ${counted(snapshots, 'snapshot')}, ${formatBytes(bytes)}`;
  output.line(space === null ? held : `${held}; ${describeSpace(space)}`);
  if (error !== null) output.line(`  ${error.message}`);
  return reachable ? 0 : 1;
}

async function remove({ client, output }: ClientSession, _options: CommonOptions, name: string): Promise<ExitCode> {
  const config = await client.destinations.remove({ name });
  output.document({ removed: config });
  output.line(`forgot ${config.name}; its snapshots are still in ${placeOf(config)}`);
  return 0;
}

async function test({ client, output, signal }: ClientSession, _options: CommonOptions, asked: string): Promise<ExitCode> {
  const { name } = destinationNamed(await client.settings.get(), asked);
  const checks = await client.destinations.test({ name }, { signal });
  const ok = checks.every((check) => check.ok);
  output.document({ ok, destination: name, checks });
  for (const check of checks) {
    const mark = check.ok ? output.style('green', '✓') : output.style('red', '✗');
    output.line(`${mark} ${check.what}${check.message === undefined ? '' : `: ${check.message}`}`);
  }
  return ok ? 0 : 1;
}
