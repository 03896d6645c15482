import { join } from 'node:path';
import pino from 'pino';
import type { Log } from '../ports.ts';
import { privateFile } from './atomic-file.ts';

/** JSON lines in `logs/nightjar.log` of the data folder, each written before the call returns. */
export function openLog(logFolder: string): Log {
  const destination = pino.destination({ dest: join(logFolder, 'nightjar.log'), sync: true, mkdir: true, mode: privateFile });
  destination.on('error', () => {}); // As in `write`.
  const logger = pino({ base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  return {
    info: (message, fields = {}) => write(() => logger.info(fields, message)),
    warn: (message, fields = {}) => write(() => logger.warn(fields, message)),
    error: (message, fields = {}) => write(() => logger.error(fields, message)),
  };
}

/** A log that cannot be written, as on a full disk, must not hide what it was about to say. */
function write(line: () => void): void {
  try {
    line();
  } catch {
    // What failed is reported by whoever called; the catalog has it as well.
  }
}

/** A log that goes nowhere, for restores that need no data folder. */
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };
