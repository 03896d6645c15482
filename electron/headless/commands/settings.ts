import type { Command } from 'commander';
import { z } from 'zod';
import { BackupError } from '../../domain/errors.ts';
import { type Preferences, preferencesSchema } from '../../domain/model.ts';
import { common, wholeNumber } from '../options.ts';
import { type CommonOptions, inSession, withEngine, withView } from '../session.ts';

export function addSettingsCommands(program: Command): void {
  const group = program.command('settings').description('the numbers that hold for all jobs');

  common(group.command('list').description('every setting'), 'nightjar settings list').action(async (options: CommonOptions) => {
    process.exitCode = await inSession(options, ({ output, ...session }) =>
      withView({ output, ...session }, async ({ settings }) => {
        output.document(settings.preferences);
        output.table(
          ['SETTING', 'VALUE'],
          Object.entries(settings.preferences).map(([key, value]) => [key, String(value)]),
        );
        return 0;
      }),
    );
  });

  common(
    group.command('set <key> <value>').description(`change one: ${Object.keys(preferencesSchema.shape).join(', ')}`),
    'nightjar settings set reserveBytes 1000000000',
  ).action(async (key: string, value: string, options: CommonOptions) => {
    process.exitCode = await inSession(options, ({ output, ...session }) =>
      withEngine({ output, ...session }, async (engine) => {
        const preferences = changed(engine.settings.current.preferences, key, value);
        engine.settings.change((settings) => ({ ...settings, preferences }));
        output.document(preferences);
        output.line(`${key} is ${value}`);
        return 0;
      }),
    );
  });
}

function changed(preferences: Preferences, key: string, value: string): Preferences {
  if (!Object.hasOwn(preferencesSchema.shape, key)) {
    throw new BackupError('usage-invalid', `there is no setting "${key}"`, { hint: `there are ${Object.keys(preferencesSchema.shape).join(', ')}` });
  }
  const parsed = preferencesSchema.safeParse({ ...preferences, [key]: wholeNumber(value) });
  if (parsed.success) return parsed.data;
  throw new BackupError('usage-invalid', `${key} cannot be ${value}: ${z.prettifyError(parsed.error).replaceAll(/\s*\n\s*/g, ' ').replaceAll('✖ ', '')}`);
}
