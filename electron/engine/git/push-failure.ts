import { BackupError, type ErrorCode } from '../../domain/errors.ts';
import { redact } from '../../domain/redact.ts';
import type { CommandResult } from '../platform/command.ts';

interface Kind {
  readonly code: ErrorCode;
  /** What follows the name of the remote. */
  readonly sentence: string;
  readonly hint: string;
  readonly retryable: boolean;
}

type Rule = readonly [pattern: RegExp, kind: Kind];

const diverged: Kind = {
  code: 'git-diverged',
  sentence: 'has commits that are not here',
  hint: 'bring them in with git pull, or let backups go to a branch of their own; nothing is ever overwritten',
  retryable: false,
};

const tooLarge: Kind = {
  code: 'git-rejected',
  sentence: 'does not take a file or a push of this size',
  hint: 'keep large files out of the store; a commit that has one is refused as long as it is on the branch',
  retryable: false,
};

const isProtected: Kind = {
  code: 'git-rejected',
  sentence: 'protects this branch from pushes',
  hint: 'allow this account to push to it, or back up to another branch',
  retryable: false,
};

const declined: Kind = {
  code: 'git-rejected',
  sentence: 'declined the push in a hook of its own',
  hint: 'its words say why; the commits are kept here and pushed again later',
  retryable: true,
};

const otherwiseRejected: Kind = {
  code: 'git-rejected',
  sentence: 'rejected the push',
  hint: 'its words say why; the commits are kept here and pushed again later',
  retryable: true,
};

const noAccess: Kind = {
  code: 'git-auth',
  sentence: 'did not let this account in',
  hint: 'try git push in a terminal: a credential helper or a key in the ssh agent has to answer without a question',
  retryable: false,
};

const hostKey: Kind = {
  code: 'git-auth',
  sentence: 'has a host key that is not known here',
  hint: 'connect once with ssh in a terminal, and compare the key with what its provider publishes',
  retryable: false,
};

const notThere: Kind = {
  code: 'git-unreachable',
  sentence: 'has no such repository, or does not show it to this account',
  hint: 'check the address with: git remote -v',
  retryable: false,
};

const unreachable: Kind = {
  code: 'git-unreachable',
  sentence: 'cannot be reached',
  hint: 'check the network; the commits are kept here and pushed again later',
  retryable: true,
};

/** What the remote said about the ref: the last field of a line of `git push --porcelain` (git-push(1), "Output"). */
const refRules: readonly Rule[] = [
  [/^\[rejected\]/, diverged],
  [/protected branch|protected ref/i, isProtected],
  [/hook declined/i, declined],
  [/^\[remote (?:rejected|failure)\]/, otherwiseRejected],
];

/** What hosts say beside it. It is more exact than "hook declined", by which they refuse these, too. */
const hostRules: readonly Rule[] = [
  [/GH001|exceeds \S+ file size limit|larger than the maximum|HTTP 413|returned error: 413|pack exceeds maximum allowed size/i, tooLarge],
  [/GH006|protected branch/i, isProtected],
];

/** Before any ref is spoken of. git and ssh tell these by their words alone, which are English: the environment says so. */
const connectionRules: readonly Rule[] = [
  [/host key verification failed|remote host identification has changed/i, hostKey],
  [
    /authentication failed|could not read (?:username|password)|permission denied|invalid credentials|returned error: (?:401|403)\b|access denied/i,
    noAccess,
  ],
  [
    /repository .*not found|returned error: 404\b|does not appear to be a git repository|repository not exported|no such repository/i,
    notThere,
  ],
  [
    /could(?: not|n't) resolve host|unable to connect|failed to connect|unable to access|connection (?:refused|timed out|reset|closed)|operation (?:timed out|too slow)|timed out|network is unreachable|no route to host|early eof|hung up unexpectedly|could not read from remote repository|rpc failed/i,
    unreachable,
  ],
];

/**
 * Says what a push, or a question to a remote, failed with: `git-diverged`, `git-rejected`, `git-auth`, `git-unreachable`, or
 * `git-failed` for what nobody has seen yet; each with the remote's own words, without secrets.
 */
export function remoteFailure(subcommand: string, remote: string, { code, stdout, stderr }: CommandResult): BackupError {
  const refStatus = refStatusOf(stdout.toString('utf8'));
  const kind = kindOf(refStatus, stderr);
  const words = redact([refStatus ?? '', stderr].join('\n'));
  const said = words === '' ? '' : `: ${words}`;
  if (kind === undefined) return new BackupError('git-failed', `git ${subcommand} to ${remote} failed (exit code ${code})${said}`);
  return new BackupError(kind.code, `git ${subcommand}: the remote ${remote} ${kind.sentence}${said}`, {
    hint: kind.hint,
    retryable: kind.retryable,
  });
}

/** The status of the ref that was refused, such as `[rejected] (fetch first)`. */
function refStatusOf(porcelain: string): string | undefined {
  return /^!\t[^\t]*\t(.+)$/m.exec(porcelain)?.[1];
}

function kindOf(refStatus: string | undefined, stderr: string): Kind | undefined {
  if (refStatus === undefined) return match([...hostRules.slice(0, 1), ...connectionRules], stderr);
  return refStatus.startsWith('[rejected]') ? match(refRules, refStatus) : (match(hostRules, stderr) ?? match(refRules, refStatus));
}

function match(rules: readonly Rule[], text: string): Kind | undefined {
  return rules.find(([pattern]) => pattern.test(text))?.[1];
}
