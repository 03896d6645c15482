import { existsSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import type { EngineClient } from '../../api/client.ts';
import { BackupError } from '../../domain/errors.ts';
import type { GitItem } from '../../domain/git-item.ts';
import type { GitJob } from '../../domain/model.ts';
import type { StoreStatus } from '../../domain/outcomes.ts';
import { counted } from '../../domain/units.ts';
import { instant } from '../../domain/zoned-time.ts';
import { listVersions } from '../../engine/git/history.ts';
import { openStore } from '../../engine/git/open-store.ts';
import { expectStore } from '../../engine/settings-store.ts';
import { itemDocument } from '../documents.ts';
import type { ExitCode } from '../exit-code.ts';
import { common, group, wholeNumber } from '../options.ts';
import type { Output } from '../output.ts';
import { type ClientSession, type CommonOptions, follow, onClient, onLook } from '../session.ts';
import { formatInstant } from '../text.ts';
import { isWhole, printStore, storeDocument } from './git-outcome.ts';

interface WaitOptions extends CommonOptions {
  readonly wait?: boolean;
}

interface EnqueueOptions extends WaitOptions {
  readonly reason: string;
}

interface StatusOptions extends CommonOptions {
  readonly ask?: boolean;
}

interface LogOptions extends CommonOptions {
  readonly limit: number;
}

export function addGitCommands(program: Command): void {
  const git = group(program, 'git', 'the queue and the versions of a git store', 'nightjar git status journal');

  const enqueueCommand = git
    .command('enqueue <name> <paths...>')
    .description('ask for the backup of files or folders; they are kept in the queue, whatever happens')
    .option('--reason <text>', 'why, for the message of the commit', 'asked for')
    .option('--wait', 'back them up now, and tell what became of it');
  onClient(common(enqueueCommand, 'nightjar git enqueue journal entries/2026-11-22.md --reason edited'), enqueue);

  const statusCommand = git
    .command('status <name>')
    .description('what is safe, what is not, and why; exit code 1 when something is not')
    .option('--ask', 'ask the remote now (default: what it last answered)');
  onLook(common(statusCommand, 'nightjar git status journal'), status);

  const logCommand = git
    .command('log <name> [path]')
    .description('the versions of a store, or of a file or folder in it, newest first')
    .option('--limit <n>', 'how many', wholeNumber, 50);
  onLook(common(logCommand, 'nightjar git log journal entries/2026-11-22.md'), log);
}

async function enqueue(session: ClientSession, options: EnqueueOptions, name: string, paths: string[]): Promise<ExitCode> {
  const { client, signal } = session;
  const job = await storeNamed(client, name);
  const items = [...(await client.git.resolve({ job: job.name, paths: paths.map((path) => toItem(job, path)) }, { signal }))];
  await client.git.enqueue({ job: job.name, items: items.map((item) => ({ item, paths: [item], reason: options.reason })) });
  return drainIfAsked(session, job, options, async (outcome) => ({
    items: (await client.git.items({ job: job.name, items })).map(itemDocument),
    outcome,
  }));
}

/** The job of this name, where it is one for a git store. Throws `job-unknown`, `usage-invalid`. */
export async function storeNamed(client: EngineClient, name: string): Promise<GitJob> {
  return expectStore(await client.jobs.get({ job: name }));
}

/** Backs the job up where the person waits for it; says what happens otherwise. `document` is made after that. */
export async function drainIfAsked(
  session: ClientSession,
  job: GitJob,
  { wait }: WaitOptions,
  document: (outcome: ReturnType<typeof storeDocument> | null) => Promise<unknown>,
): Promise<ExitCode> {
  const { client, output, signal } = session;
  if (!job.source.enabled || !wait) {
    output.document(await document(null));
    output.line(
      job.source.enabled
        ? `queued; it is backed up by the next run: nightjar backup ${job.name}`
        : `${job.name} is switched off: it is kept in mind, and not backed up`,
    );
    return 0;
  }
  const outcome = await follow(session, await client.jobs.backup({ job: job.name, trigger: 'manual', scope: 'due' }, { signal }));
  if (outcome.kind !== 'git') throw new TypeError(`${job.name} was a git store, and is none any more`);
  output.document(await document(storeDocument(outcome)));
  printStore(output, job, outcome);
  return isWhole(outcome) ? 0 : 1;
}

/** A path as a person sees it from where they are, or else as it is in the repository. */
function toItem({ source }: GitJob, path: string): string {
  const fromHere = relative(source.path, resolve(path)).split(sep).join('/');
  const isInside = fromHere !== '..' && !fromHere.startsWith('../') && !isAbsolute(fromHere);
  const isHere = isInside && (existsSync(resolve(path)) || !existsSync(resolve(source.path, path)));
  return isHere || isAbsolute(path) ? fromHere : path;
}

async function status({ client, output, signal }: ClientSession, { ask = false }: StatusOptions, name: string): Promise<ExitCode> {
  const job = await storeNamed(client, name);
  const found = await client.git.status({ job: job.name, ask }, { signal });
  const { ahead, blocked, head, items, remoteCheckedAtMs, remoteHead, safe, unasked } = found;
  output.document({
    job: job.name,
    safe,
    repository: { path: job.source.path, head, remoteHead, remoteCheckedAt: instant(remoteCheckedAtMs), ahead, blocked, unasked },
    items: items.map(itemDocument),
  });
  printStatus(output, job, found);
  return safe ? 0 : 1;
}

function printStatus(output: Output, job: GitJob, status: StoreStatus): void {
  const { ahead, blocked, head, items, remoteCheckedAtMs, remoteHead, unasked } = status;
  const at = job.source.enabled ? headText(head) : 'switched off';
  output.line(`${output.style('bold', job.name)}: ${job.source.path} on ${job.source.branch}, ${at}`);
  if (job.source.push) output.line(`  ${remoteText(job, ahead, remoteHead, remoteCheckedAtMs)}`);
  if (blocked !== null)
    output.line(`${output.style('red', '✗')} ${blocked.message}${blocked.hint === undefined ? '' : `\n    ${blocked.hint}`}`);
  if (unasked !== null && unasked.length > 0) {
    output.line(`${output.style('yellow', '!')} ${counted(unasked.length, 'file')} changed since the last backup, such as ${unasked[0]}`);
  }
  const unsafe = items.filter(({ state }) => state !== 'success');
  output.table(['ITEM', 'STATE', 'LAST BACKUP', ''], unsafe.slice(0, 100).map(itemRow));
  if (unsafe.length > 100) output.line(`and ${unsafe.length - 100} more: nightjar git status ${job.name} --json`);
  output.line(`${items.length - unsafe.length} of ${counted(items.length, 'item')} safe`);
}

function headText(head: string | null): string {
  return head === null ? 'no commit yet' : `at ${head.slice(0, 7)}`;
}

function remoteText({ source }: GitJob, ahead: boolean | null, remoteHead: string | null, atMs: number | null): string {
  if (remoteHead === null) return `${source.remote} was not seen to have anything yet`;
  const lacks = ahead ? ', and lacks commits of this machine' : '';
  return `${source.remote} has ${remoteHead.slice(0, 7)} (asked ${formatInstant(atMs)})${lacks}`;
}

function itemRow({ committed, item, lastBackupAtMs, lastError, pushed, state }: GitItem): string[] {
  const how = state === 'failed' && committed && !pushed ? 'failed (committed, not pushed)' : state;
  return [item, how, formatInstant(lastBackupAtMs), lastError?.message ?? ''];
}

async function log({ client, output, ports, signal }: ClientSession, options: LogOptions, name: string, path?: string): Promise<ExitCode> {
  const job = await storeNamed(client, name);
  const paths = path === undefined ? job.source.stores : [toItem(job, path)];
  if (paths.some((each) => each.startsWith('..'))) {
    throw new BackupError('git-path-refused', `${path} is outside ${job.source.path}`, { hint: 'give a path in the repository' });
  }
  const versions = await listVersions(openStore(job.source, ports, { signal }), paths, {
    limit: options.limit,
    from: `refs/heads/${job.source.branch}`,
  });
  output.document(
    versions.map(({ atMs, author, commit, pathCount, paths: changed, subject }) => ({
      commit,
      at: instant(atMs),
      subject,
      author,
      paths: changed,
      pathCount,
    })),
  );
  output.table(
    ['COMMIT', 'WHEN', 'WHAT', 'FILES'],
    versions.map(({ atMs, commit, pathCount, subject }) => [commit.slice(0, 10), formatInstant(atMs), subject, String(pathCount)]),
  );
  if (versions.length === 0) output.line(`no versions of ${path ?? job.name} yet`);
  return 0;
}
