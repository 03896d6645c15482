import type { ZodError } from 'zod';

type Issue = ZodError['issues'][number];

/** What a schema refused, as one line for people: each field, by the name that they know it under, and what it must be. */
export function issuesOf(error: ZodError, names: Readonly<Record<string, string>> = {}): string {
  return error.issues
    .map((issue) => {
      const field = issue.path.join('.');
      return field === '' ? demandOf(issue) : `${names[field] ?? field}: ${demandOf(issue)}`;
    })
    .join('; ');
}

/** What a field must be, as half a sentence: `it must not be empty`. */
export function demandOf(issue: Issue): string {
  switch (issue.code) {
    case 'too_big':
      return `it must be at most ${issue.maximum}`;
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array' ? 'it must not be empty' : `it must be at least ${issue.minimum}`;
    case 'invalid_value':
      return `it must be one of ${issue.values.join(', ')}`;
    case 'invalid_type':
      return `it must be ${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`;
    case 'unrecognized_keys':
      return `it has keys that are not known: ${issue.keys.join(', ')}`;
    default:
      return issue.message;
  }
}
