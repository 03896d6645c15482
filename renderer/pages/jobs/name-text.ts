import { demandOf } from '../../../electron/domain/issues.ts';
import { nameSchema } from '../../../electron/domain/model.ts';
import { sentence } from '../../failure.ts';
import { isWholePath } from '../../path-text.ts';

/** Why a job or destination cannot have this name; `null` where it can. */
export function nameError(name: string): string | null {
  if (name === '') return 'Give it a name.';
  const [issue] = nameSchema.safeParse(name).error?.issues ?? [];
  return issue === undefined ? null : `${sentence(demandOf(issue))}.`;
}

/** A name that a job or destination can have, from the name of a file or folder. */
export function nameFrom(text: string): string {
  const name = text
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[^\p{L}\p{N}]+|[.-]+$/gu, '')
    .slice(0, 63);
  return nameError(name) === null ? name : '';
}

/** Why the engine cannot be asked about a path; `null` where it can. `empty` is said where there is none. */
export function pathError(path: string, empty: string): string | null {
  if (path === '') return empty;
  return isWholePath(path) && !path.startsWith('~') ? null : 'Write the whole path, from / or ~ on.';
}
