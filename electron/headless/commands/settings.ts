import type { Command } from 'commander';
import { type Preferences, preferencesSchema } from '../../domain/model.ts';
import { common, group, onOrOff, unlessNone, wholeNumber } from '../options.ts';
import { type CommonOptions, onClient, onLook } from '../session.ts';
import { addSettingsFileCommands } from './settings-file.ts';

export function addSettingsCommands(program: Command): void {
  const settings = group(program, 'settings', 'what holds for all jobs', 'nightjar settings list');

  onLook(common(settings.command('list').description('every setting'), 'nightjar settings list'), async ({ client, output }) => {
    const { preferences } = await client.settings.get();
    output.document(preferences);
    output.table(
      ['SETTING', 'VALUE'],
      plainKeys.map((key) => [key, valueText(preferences[key])]),
    );
    for (const line of reportLines(preferences)) output.line(line);
    return 0;
  });

  const set = common(
    settings.command('set <key> <value>').description(`change one: ${plainKeys.join(', ')}`),
    'nightjar settings set reserveBytes 1000000000',
  );
  onClient(set, async ({ client, output }, _options: CommonOptions, key: string, value: string) => {
    const preferences = await client.settings.set({ key, value: readValue(key, value) });
    output.document(preferences);
    output.line(`${key} is ${value}`);
    return 0;
  });
  addSettingsFileCommands(settings);

  const report = settings
    .command('on-failure')
    .description('who is told of a failure beside you, each trouble once')
    .option('--webhook <url>', 'post JSON there: an https address or one of this machine, or "none"')
    .option('--command <words...>', 'run a program with these arguments, without a shell; it reads JSON; or "none"');
  onClient(
    common(
      report,
      'nightjar settings on-failure --webhook https://example.org/hook',
      'nightjar settings on-failure --command /usr/local/bin/tell-me now',
    ),
    async ({ client, output }, { command, webhook }: ReportOptions) => {
      const { onFailure } = (await client.settings.get()).preferences;
      const value = {
        webhook: webhook === undefined ? onFailure.webhook : unlessNone(webhook),
        command: command === undefined ? onFailure.command : commandOf(command),
      };
      const preferences = await client.settings.set({ key: 'onFailure', value });
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

function commandOf(words: readonly string[]): readonly string[] | null {
  return words[0] === 'none' ? null : words;
}

/** The settings that are one word or number each. */
const plainKeys = Object.keys(preferencesSchema.shape).filter((key) => key !== 'onFailure') as Exclude<keyof Preferences, 'onFailure'>[];

const defaults: Readonly<Record<string, unknown>> = preferencesSchema.parse({});

/** A value as its setting has it: what the engine then refuses is a matter of the setting. Throws `usage-invalid`. */
function readValue(key: string, text: string): unknown {
  if (typeof defaults[key] === 'number') return wholeNumber(text);
  return typeof defaults[key] === 'boolean' ? onOrOff(text) : text;
}

function valueText(value: string | number | boolean): string {
  if (typeof value !== 'boolean') return String(value);
  return value ? 'on' : 'off';
}

function reportLines({ onFailure: { command, webhook } }: Preferences): string[] {
  // More of the address than its host may be a secret.
  const place = webhook === null ? 'none' : URL.parse(webhook)?.host;
  return [`on failure: webhook ${place}, command ${command === null ? 'none' : command.join(' ')}`];
}
