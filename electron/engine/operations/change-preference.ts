import { BackupError } from '../../domain/errors.ts';
import { issuesOf } from '../../domain/issues.ts';
import { type Preferences, preferencesSchema } from '../../domain/model.ts';
import type { Engine } from '../engine.ts';

/** Changes one of the preferences; the others stay. Throws `usage-invalid` that names it and the value. */
export function changePreference(engine: Engine, key: string, value: unknown): Preferences {
  if (!Object.hasOwn(preferencesSchema.shape, key)) {
    throw new BackupError('usage-invalid', `there is no setting "${key}"`, {
      hint: `there are ${Object.keys(preferencesSchema.shape).join(', ')}`,
    });
  }
  const parsed = preferencesSchema.safeParse({ ...engine.settings.current.preferences, [key]: value });
  if (!parsed.success)
    throw new BackupError(
      'usage-invalid',
      `${key} cannot be ${typeof value === 'object' ? JSON.stringify(value) : String(value)}: ${issuesOf(parsed.error)}`,
    );
  engine.settings.change((settings) => ({ ...settings, preferences: parsed.data }));
  return parsed.data;
}
