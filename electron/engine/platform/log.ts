import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { redact, redactValue } from '../../domain/redact.ts';
import type { Log, LogFields } from '../ports.ts';
import { privateFile } from './atomic-file.ts';
import { openRotatingFile, quietly, type RotationLimits } from './rotating-file.ts';

/** Four files of 512 KiB (S1-103). */
export const logLimits: RotationLimits = { bytes: 512 * 1024, files: 4 };

/** The log of everything, in a log folder. */
export function logPath(logFolder: string): string {
  return join(logFolder, 'nightjar.log');
}

/** The folder of the logs of single runs, in a log folder. */
export function runLogFolder(logFolder: string): string {
  return join(logFolder, 'runs');
}

/** Where what was said of a run or a restore is kept; `null` for what is no id of one. */
export function runLogPath(logFolder: string, id: string): string | null {
  return /^(?:run|restore)-[0-9a-z]+$/.test(id) ? join(runLogFolder(logFolder), `${id}.log`) : null;
}

/** A log that ends with the engine that writes it. */
export interface FileLog extends Log {
  /** Ends the log; what is said later is dropped, since another engine may write it by then. */
  close(): void;
}

/** A stack has room in it. */
const longestText = 16_384;

/**
 * JSON lines in `nightjar.log` of the log folder, each written before the call returns, without secrets, in files of a bounded size. What
 * names its run or restore is kept with that as well. Never throws. Only the engine that holds the data folder may open it.
 */
export function openLog(logFolder: string, limits: RotationLimits = logLimits): FileLog {
  const file = openRotatingFile(logPath(logFolder), limits);
  let runPath: string | null = null;
  const write = (line: string) => {
    file.write(line);
    if (runPath !== null) appendLine(runPath, line);
  };
  const logger = pino(
    { base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (level) => ({ level }) } },
    { write },
  );
  const say =
    (level: 'info' | 'warn' | 'error') =>
    (message: string, fields: LogFields = {}) =>
      quietly(() => {
        const id = fields.run ?? fields.restore;
        runPath = typeof id === 'string' ? runLogPath(logFolder, id) : null;
        logger[level](redactValue(fields, longestText) as object, redact(message));
      });
  return { info: say('info'), warn: say('warn'), error: say('error'), close: () => file.close() };
}

function appendLine(path: string, line: string): void {
  quietly(() => {
    const file = openSync(path, 'a', privateFile);
    try {
      writeSync(file, line);
    } finally {
      closeSync(file);
    }
  });
}

/** A log that goes nowhere, for restores that need no data folder. */
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };
