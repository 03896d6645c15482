import type { Command } from 'commander';
import { BackupError } from '../../domain/errors.ts';
import { issuesOf } from '../../domain/issues.ts';
import { type Preferences, preferencesSchema } from '../../domain/model.ts';
import { common, group, wholeNumber } from '../options.ts';
import { type CommonOptions, onEngine, onView } from '../session.ts';
import { addSettingsFileCommands } from './settings-file.ts';

export function addSettingsCommands(program: Command): void {
  const settings = group(program, 'settings', 'the numbers that hold for all jobs', 'nightjar settings list');

  onView(common(settings.command('list').description('every setting'), 'nightjar settings list'), async ({ output, settings }) => {
    output.document(settings.preferences);
    output.table(
      ['SETTING', 'VALUE'],
      Object.entries(settings.preferences).map(([key, value]) => [key, String(value)]),
    );
    return 0;
  });

  const set = common(
    settings.command('set <key> <value>').description(`change one: ${Object.keys(preferencesSchema.shape).join(', ')}`),
    'nightjar settings set reserveBytes 1000000000',
  );
  onEngine(set, async ({ engine, output }, _options: CommonOptions, key: string, value: string) => {
    const preferences = changed(engine.settings.current.preferences, key, value);
    engine.settings.change((settings) => ({ ...settings, preferences }));
    output.document(preferences);
    output.line(`${key} is ${value}`);
    return 0;
  });
  addSettingsFileCommands(settings);
}

function changed(preferences: Preferences, key: string, value: string): Preferences {
  if (!Object.hasOwn(preferencesSchema.shape, key)) {
    throw new BackupError('usage-invalid', `there is no setting "${key}"`, {
      hint: `there are ${Object.keys(preferencesSchema.shape).join(', ')}`,
    });
  }
  const parsed = preferencesSchema.safeParse({ ...preferences, [key]: wholeNumber(value) });
  if (parsed.success) return parsed.data;
  throw new BackupError('usage-invalid', `${key} cannot be ${value}: ${issuesOf(parsed.error)}`);
}
