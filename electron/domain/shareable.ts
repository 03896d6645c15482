import { redact } from './redact.ts';

/** Who must not be recognised in a report. */
export interface Person {
  /** Their home folder. */
  readonly home: string;
  /** Their name on this machine. */
  readonly user: string;
  /** The name of the machine. */
  readonly host: string;
}

/** The same text for strangers: without secrets, the home folder as `~`, and without the names of person, machine and mailbox. */
export function shareable(text: string, { home, user, host }: Person): string {
  let clean = redact(text, Number.MAX_SAFE_INTEGER);
  if (home.length > 1) clean = clean.replaceAll(new RegExp(`${escaped(home)}(?![\\w.-])`, 'g'), '~');
  clean = clean.replaceAll(/[\w.+-]+@([\w-]+\.[\w.-]+)/g, '***@$1');
  if (user.length > 1) clean = clean.replaceAll(new RegExp(`(?<=[/\\\\])${escaped(user)}(?=[/\\\\]|$)`, 'gm'), 'USER');
  if (host.length > 1) clean = clean.replaceAll(new RegExp(`(?<![\\w.-])${escaped(host)}(?![\\w-])`, 'g'), 'HOST');
  return clean;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
