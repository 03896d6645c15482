import { redact } from './redact.ts';

/** How much a line of the log matters, least first. */
export const logLevels = ['info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** One line of the log. */
export interface LogLine {
  readonly atMs: number;
  readonly level: LogLevel;
  readonly message: string;
  /** What the line says beside its message, such as its run. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Reads a line of the log; `null` for what is none, such as the first half of one that a crash has cut. */
export function parseLogLine(text: string): LogLine | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { time, level, msg, pid: _, ...fields } = value as Readonly<Record<string, unknown>>;
  const atMs = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  const known = logLevels.find((name) => name === level) ?? levelOfNumber(level);
  if (Number.isNaN(atMs) || known === undefined) return null;
  return { atMs, level: known, message: typeof msg === 'string' ? msg : '', fields };
}

/** The same for a person who reads all of a log: what is no line of ours, such as the half of one, is shown as it is, without secrets. */
export function readLogLine(text: string): LogLine {
  return parseLogLine(text) ?? { atMs: Number.NaN, level: 'info', message: redact(text), fields: {} };
}

/** Earlier versions wrote levels as numbers. */
function levelOfNumber(level: unknown): LogLevel | undefined {
  if (typeof level !== 'number') return undefined;
  if (level >= 50) return 'error';
  return level >= 40 ? 'warn' : 'info';
}

/** True for a level that matters at least as much as the other. */
export function isAtLeast(level: LogLevel, least: LogLevel): boolean {
  return logLevels.indexOf(level) >= logLevels.indexOf(least);
}

/** A line's message and fields as one line for people; a stack is left out, and what has several lines becomes one. */
export function describeLogLine({ message, fields }: LogLine): string {
  const facts = Object.entries(fields)
    .filter(([name, value]) => name !== 'stack' && value !== null)
    .map(([name, value]) => `${name}=${typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)}`);
  return [message, ...facts].join('  ').replaceAll(/\s*\n\s*/g, ' | ');
}
