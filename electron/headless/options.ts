import type { Command } from 'commander';
import { BackupError } from '../domain/errors.ts';

/** Adds what every command takes, before and after its name. */
export function withCommonOptions(command: Command): Command {
  return command
    .option('--home <dir>', "the data folder (default: NIGHTJAR_HOME, else the platform's)")
    .option('--json', 'print exactly one JSON document on stdout');
}

/** Adds what every command takes, and an example to its help. */
export function common(command: Command, ...examples: readonly string[]): Command {
  return withExamples(withCommonOptions(command), examples);
}

/** A command that only holds others. */
export function group(parent: Command, name: string, description: string, example: string): Command {
  return withExamples(parent.command(name).description(description), [example]);
}

function withExamples(command: Command, examples: readonly string[]): Command {
  return command.addHelpText('after', `\nExample:\n${examples.map((example) => `  ${example}`).join('\n')}`);
}

/** Collects an option that may be given several times. */
export function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** An option that `none` takes away. */
export function unlessNone(value: string): string | null {
  return value === 'none' ? null : value;
}

/** Reads a whole number that is not negative. Throws `usage-invalid` that names the value. */
export function wholeNumber(value: string): number {
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw new BackupError('usage-invalid', `"${value}" is not a whole number`, { hint: 'give digits only, such as 30' });
}

/** Reads a switch: `on` or `off`. Throws `usage-invalid` that names the value. */
export function onOrOff(value: string): boolean {
  if (/^(?:on|off|true|false)$/.test(value)) return value === 'on' || value === 'true';
  throw new BackupError('usage-invalid', `"${value}" is neither on nor off`, { hint: 'give on or off' });
}

const unitBytes: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** Reads a size such as `256K`, `16M` or `1G` (binary units) as bytes. Throws `usage-invalid` that names the value. */
export function sizeInBytes(value: string): number {
  const match = /^(\d{1,12})([KMG]?)(?:i?B)?$/i.exec(value.trim());
  const bytes = match ? Number(match[1]) * (unitBytes[(match[2] ?? '').toUpperCase()] ?? Number.NaN) : Number.NaN;
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new BackupError('usage-invalid', `"${value}" is not a size`, { hint: 'give it as 256K, 16M or 1G' });
}
