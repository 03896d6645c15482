import { BackupError } from '../domain/errors.ts';

/** A program that runs in the background, as the system's service keeper is to start it. */
export interface Service {
  /** The program and its arguments: absolute, never looked up in a PATH (S1-85). */
  readonly command: readonly string[];
  /** What the program finds in its environment, beside what the system gives everybody. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The name under which launchd knows the service. */
export const launchdLabel = 'app.nightjar.serve';

/** What both give a backup that nobody waits for (S1-83). */
const niceness = 15;
const openFiles = 4096;
/** A run that is asked to stop gets to its next safe point in this time. */
const stopSeconds = 300;
const restartSeconds = 60;

/** A unit for systemd that runs the service as a person's own, at low priority; it begins anew a minute after it has failed. */
export function systemdUnit({ command, environment }: Service): string {
  return [
    '[Unit]',
    'Description=Nightjar backups',
    '',
    '[Service]',
    'Type=simple',
    `ExecStart=${execStart(command)}`,
    ...Object.entries(environment).map(([name, value]) => `Environment=${systemdQuoted(`${name}=${value}`)}`),
    `Nice=${niceness}`,
    'IOSchedulingClass=best-effort',
    'IOSchedulingPriority=7',
    `LimitNOFILE=${openFiles}`,
    'UMask=0077',
    'Restart=on-failure',
    `RestartSec=${restartSeconds}`,
    // A command line that is wrong stays wrong.
    'RestartPreventExitStatus=2',
    // Workers are ended by the program itself, at its safe point.
    'KillMode=mixed',
    `TimeoutStopSec=${stopSeconds}`,
    '',
    '[Install]',
    'WantedBy=default.target',
    '',
  ].join('\n');
}

/**
 * The command line, before which a colon keeps dollar signs what they are: doubling them works in arguments, but not in the program's own
 * path (systemd.service(5), "Command lines"). A program whose path has a quote or a backslash is refused as such, and welcome as an argument.
 */
function execStart(command: readonly string[]): string {
  const words = /["'\\\p{Cc}]/u.test(command[0] ?? '') ? ['/bin/sh', '-c', 'exec "$0" "$@"', ...command] : command;
  const line = words.map(systemdQuoted).join(' ');
  return line.includes('$') ? `:${line}` : line;
}

const namedEscapes: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n', '\t': '\\t', '\r': '\\r', '%': '%%' };

/** One word in quotes (systemd.syntax(7), "Quoting"), with per cent signs that are no specifiers. */
function systemdQuoted(word: string): string {
  const escaped = word.replaceAll(/[\\"%\p{Cc}]/gu, (character) => namedEscapes[character] ?? hexEscape(character));
  return `"${escaped}"`;
}

function hexEscape(character: string): string {
  return [...new TextEncoder().encode(character)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}

/**
 * A property list for launchd that runs the service in the background from the sign-in on. Where it fails it begins anew, a minute later at
 * the earliest; where it ends by itself it stays ended. Throws `usage-invalid` for a text that XML cannot hold.
 */
export function launchdPlist({ command, environment }: Service): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
${plistValue(launchdJob(command, environment), '')}
</plist>
`;
}

function launchdJob(command: readonly string[], environment: Readonly<Record<string, string>>): PlistDictionary {
  return {
    Label: launchdLabel,
    ProgramArguments: command,
    ...(Object.keys(environment).length === 0 ? {} : { EnvironmentVariables: environment }),
    RunAtLoad: true,
    KeepAlive: { SuccessfulExit: false },
    ThrottleInterval: restartSeconds,
    ProcessType: 'Background',
    Nice: niceness,
    LowPriorityIO: true,
    LowPriorityBackgroundIO: true,
    ExitTimeOut: stopSeconds,
    SoftResourceLimits: { NumberOfFiles: openFiles },
    HardResourceLimits: { NumberOfFiles: openFiles },
    Umask: 0o077,
  };
}

type PlistValue = string | number | boolean | readonly string[] | PlistDictionary;
interface PlistDictionary {
  readonly [key: string]: PlistValue;
}

function plistValue(value: PlistValue, indent: string): string {
  if (typeof value === 'string') return `${indent}<string>${xmlText(value)}</string>`;
  if (typeof value === 'number') return `${indent}<integer>${value}</integer>`;
  if (typeof value === 'boolean') return `${indent}<${value}/>`;
  const inner = `${indent}  `;
  if (isList(value)) return [`${indent}<array>`, ...value.map((item) => plistValue(item, inner)), `${indent}</array>`].join('\n');
  const entries = Object.entries(value).flatMap(([key, item]) => [`${inner}<key>${xmlText(key)}</key>`, plistValue(item, inner)]);
  return [`${indent}<dict>`, ...entries, `${indent}</dict>`].join('\n');
}

function isList(value: PlistValue): value is readonly string[] {
  return Array.isArray(value);
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;', '\n': '&#10;', '\t': '&#9;' };

function xmlText(text: string): string {
  if (/[^\P{Cc}\t\n\r\u007f-\u009f]|\p{Cs}|[\ufffe\uffff]/u.test(text)) {
    throw new BackupError('usage-invalid', `${JSON.stringify(text)} holds a character that a property list cannot`, {
      hint: 'use a folder with another name',
    });
  }
  return text.replaceAll(/[&<>\r\n\t]/g, (character) => entities[character] ?? character);
}
