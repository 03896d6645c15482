import type { Command } from 'commander';
import { preferencesSchema } from '../../domain/model.ts';
import { common, group, wholeNumber } from '../options.ts';
import { type CommonOptions, onClient, onLook } from '../session.ts';
import { addSettingsFileCommands } from './settings-file.ts';

export function addSettingsCommands(program: Command): void {
  const settings = group(program, 'settings', 'the numbers that hold for all jobs', 'nightjar settings list');

  onLook(common(settings.command('list').description('every setting'), 'nightjar settings list'), async ({ client, output }) => {
    const { preferences } = await client.settings.get();
    output.document(preferences);
    output.table(
      ['SETTING', 'VALUE'],
      Object.entries(preferences).map(([key, value]) => [key, String(value)]),
    );
    return 0;
  });

  const set = common(
    settings.command('set <key> <value>').description(`change one: ${Object.keys(preferencesSchema.shape).join(', ')}`),
    'nightjar settings set reserveBytes 1000000000',
  );
  onClient(set, async ({ client, output }, _options: CommonOptions, key: string, value: string) => {
    const preferences = await client.settings.set({ key, value: wholeNumber(value) });
    output.document(preferences);
    output.line(`${key} is ${value}`);
    return 0;
  });
  addSettingsFileCommands(settings);
}
