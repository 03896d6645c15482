import { BackupError } from './errors.ts';
import { issuesOf } from './issues.ts';
import { nameSchema } from './model.ts';

/** Returns a name that a job or destination may have. Throws `usage-invalid` that quotes it and says what names may be. */
export function checkName(name: string, hint?: string): string {
  const parsed = nameSchema.safeParse(name);
  if (parsed.success) return parsed.data;
  throw new BackupError('usage-invalid', `"${name}" cannot be a name: ${issuesOf(parsed.error)}`, hint === undefined ? {} : { hint });
}
