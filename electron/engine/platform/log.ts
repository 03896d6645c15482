import { join } from 'node:path';
import pino from 'pino';
import type { Log } from '../ports.ts';
import { privateFile } from './atomic-file.ts';

/** JSON lines in `logs/nightjar.log` of the data folder, each written before the call returns. */
export function openLog(logFolder: string): Log {
  const destination = pino.destination({ dest: join(logFolder, 'nightjar.log'), sync: true, mkdir: true, mode: privateFile });
  const logger = pino({ base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  return {
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
  };
}

/** A log that goes nowhere, for restores that need no data folder. */
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };
