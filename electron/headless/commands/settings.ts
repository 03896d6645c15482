import type { Command } from 'commander';
import { BackupError } from '../../domain/errors.ts';
import { issuesOf } from '../../domain/issues.ts';
import { type Preferences, preferencesSchema } from '../../domain/model.ts';
import { common, group, unlessNone, wholeNumber } from '../options.ts';
import { type CommonOptions, onEngine, onView } from '../session.ts';

export function addSettingsCommands(program: Command): void {
  const settings = group(program, 'settings', 'the numbers that hold for all jobs', 'nightjar settings list');

  onView(common(settings.command('list').description('every setting'), 'nightjar settings list'), async ({ output, settings }) => {
    output.document(settings.preferences);
    output.table(
      ['SETTING', 'VALUE'],
      numberKeys.map((key) => [key, String(settings.preferences[key])]),
    );
    for (const line of reportLines(settings.preferences)) output.line(line);
    return 0;
  });

  const set = common(
    settings.command('set <key> <value>').description(`change one: ${numberKeys.join(', ')}`),
    'nightjar settings set reserveBytes 1000000000',
  );
  onEngine(set, async ({ engine, output }, _options: CommonOptions, key: string, value: string) => {
    const preferences = changed(engine.settings.current.preferences, key, value);
    engine.settings.change((settings) => ({ ...settings, preferences }));
    output.document(preferences);
    output.line(`${key} is ${value}`);
    return 0;
  });

  const report = settings
    .command('on-failure')
    .description('who is told of a failure beside you, each trouble once')
    .option('--webhook <url>', 'post JSON there: an https address or one of this machine, or "none"')
    .option('--command <words...>', 'run a program with these arguments, without a shell; it reads JSON; or "none"');
  onEngine(
    common(
      report,
      'nightjar settings on-failure --webhook https://example.org/hook',
      'nightjar settings on-failure --command /usr/local/bin/tell-me now',
    ),
    async ({ engine, output }, { command, webhook }: ReportOptions) => {
      const before = engine.settings.current.preferences;
      const preferences = parsed('this cannot be set', {
        ...before,
        onFailure: {
          webhook: webhook === undefined ? before.onFailure.webhook : unlessNone(webhook),
          command: commandOf(command, before),
        },
      });
      engine.settings.change((all) => ({ ...all, preferences }));
      output.document(preferences);
      for (const line of reportLines(preferences)) output.line(line);
      return 0;
    },
  );
}

interface ReportOptions extends CommonOptions {
  readonly webhook?: string;
  readonly command?: readonly string[];
}

function commandOf(words: readonly string[] | undefined, { onFailure }: Preferences): readonly string[] | null {
  if (words === undefined) return onFailure.command;
  return words[0] === 'none' ? null : words;
}

/** The settings that are numbers. */
const numberKeys = Object.keys(preferencesSchema.shape).filter((key) => key !== 'onFailure') as Exclude<keyof Preferences, 'onFailure'>[];

function reportLines({ onFailure: { command, webhook } }: Preferences): string[] {
  // More of the address than its host may be a secret.
  const place = webhook === null ? 'none' : URL.parse(webhook)?.host;
  return [`on failure: webhook ${place}, command ${command === null ? 'none' : command.join(' ')}`];
}

function changed(preferences: Preferences, key: string, value: string): Preferences {
  if (!numberKeys.some((known) => known === key)) {
    throw new BackupError('usage-invalid', `there is no setting "${key}"`, { hint: `there are ${numberKeys.join(', ')}` });
  }
  return parsed(`${key} cannot be ${value}`, { ...preferences, [key]: wholeNumber(value) });
}

function parsed(what: string, preferences: unknown): Preferences {
  const result = preferencesSchema.safeParse(preferences);
  if (result.success) return result.data;
  throw new BackupError('usage-invalid', `${what}: ${issuesOf(result.error, reportOptionNames)}`);
}

const reportOptionNames: Readonly<Record<string, string>> = { 'onFailure.webhook': '--webhook', 'onFailure.command': '--command' };
