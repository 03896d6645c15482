import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Settings, settingsSchema } from '../../electron/domain/model.ts';
import type { CliSandbox } from './cli.ts';

/** The settings as they lie on the disk; the usual ones before anything was saved. */
export function settingsOf(box: CliSandbox): Settings {
  const path = join(box.home, 'settings.json');
  return settingsSchema.parse(existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {});
}
