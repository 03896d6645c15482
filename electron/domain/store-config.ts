import { z } from 'zod';
import { BackupError } from './errors.ts';
import { issuesOf } from './issues.ts';
import { isRefName, isRemoteName } from './ref-name.ts';

const pathSchema = z
  .string()
  .min(1)
  .refine((path) => !path.startsWith('~'), 'it begins with "~", which only a shell understands: write the path out in full')
  .refine((path) => !path.includes('\0'), 'it must not have a NUL in it');

/** The file with which another program is told to back a store up with git (S2-01). Nothing in it is ever executed (S2-05). */
export const storeConfigSchema = z.strictObject({
  /** The root of git's working tree. */
  projectPath: pathSchema,
  /** The folder of the notes. */
  storePath: pathSchema,
  /** The SQLite database that belongs to the notes. */
  databasePath: pathSchema,
  backup: z.strictObject({
    git: z.strictObject({
      enabled: z.boolean(),
      remote: z.string().refine(isRemoteName, 'it must be the name of a remote as git takes it, such as origin'),
      branch: z.string().refine(isRefName, 'it must be the name of a branch as git takes it, such as main'),
      push: z.boolean(),
      /** With the other program's placeholders; `toMessageTemplate` makes them ours. */
      commitMessageTemplate: z.string().min(1),
    }),
  }),
});
export type StoreConfig = z.infer<typeof storeConfigSchema>;

/**
 * Reads the text of such a file; `where` names the file in errors. Throws `settings-invalid` for what is not JSON, and for another
 * shape with every field that is wrong.
 */
export function parseStoreConfig(text: string, where: string): StoreConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BackupError('settings-invalid', `the configuration "${where}" is not JSON: ${(cause as Error).message}`, {
      cause,
      hint: 'correct it there; comments, and commas before a closing bracket, are not JSON',
    });
  }
  const parsed = storeConfigSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new BackupError('settings-invalid', `the configuration "${where}" cannot be used: ${issuesOf(parsed.error)}`, {
    cause: parsed.error,
    hint: 'it has projectPath, storePath, databasePath and backup.git, with enabled, remote, branch, push and commitMessageTemplate in it',
  });
}

/** Names that the other program has for what Nightjar calls `{item}` and `{reason}` (S2-43). */
const placeholders: Readonly<Record<string, string>> = { memoryId: '{item}', memory_id: '{item}', action: '{reason}' };

/** The template of a commit message with Nightjar's own placeholders, `{item}` and `{reason}`; all other text stays as it is. */
export function toMessageTemplate(template: string): string {
  return template.replaceAll(/\{(memoryId|memory_id|action)\}/g, (text, name: string) => placeholders[name] ?? text);
}
