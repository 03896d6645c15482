import { type ErrorFacts, errorFacts } from '../../domain/errors.ts';
import type { GitJob } from '../../domain/model.ts';
import type { StoreStatus } from '../../domain/outcomes.ts';
import type { CatalogReader } from '../catalog/catalog-reader.ts';
import { findChanges } from '../git/changes.ts';
import type { Git } from '../git/git.ts';
import { checkStore, openStore } from '../git/open-store.ts';
import { compareWithRemote, contains } from '../git/push.ts';
import { commitOf } from '../git/store.ts';
import type { Ports } from '../ports.ts';

/**
 * Looks at a git store and its queue, and changes nothing. The remote is only contacted where it is to be asked; what it answers, or
 * fails with, goes before what is remembered.
 */
export async function inspectQueue(
  job: GitJob,
  catalog: CatalogReader | null,
  ports: Ports,
  ask: boolean,
  signal?: AbortSignal,
): Promise<StoreStatus> {
  const queue = catalog?.git(job.name);
  const { problem = null, proof = null } = queue?.record() ?? {};
  const items = queue?.items() ?? [];
  const remembered = { remoteHead: proof?.remoteHead ?? null, remoteCheckedAtMs: proof?.atMs ?? null };
  const known: StoreStatus = { head: null, ahead: null, ...remembered, blocked: null, unasked: null, safe: false, items };
  if (!job.source.enabled) return known;
  const git = openStore(job.source, ports, { signal });
  let here = known;
  try {
    await checkStore(git, job.source);
    const head = await commitOf(git, `refs/heads/${job.source.branch}`);
    const waiting = new Set(items.filter(({ state }) => state !== 'success').flatMap(({ paths }) => paths));
    const changes = await findChanges(git, job.source.stores);
    const unasked = changes.items.map(({ item }) => item).filter((item) => !waiting.has(item));
    here = { ...known, head, ahead: await isAhead(git, job, head, proof?.remoteHead ?? null), unasked };
    if (job.source.push && ask) here = { ...here, ...(await askNow(git, job, ports)) };
    // What blocked before is over; a push is only known to work when it does.
    const isPushBroken = problem?.step === 'push' && !(ask && here.ahead === false);
    const blocked = isPushBroken ? withoutStep(problem) : null;
    const isSaved = items.every(({ state }) => state === 'success') && unasked.length === 0;
    return { ...here, blocked, safe: isSaved && blocked === null && here.ahead !== true };
  } catch (error) {
    return { ...here, blocked: errorFacts(error) };
  }
}

async function askNow(git: Git, { source }: GitJob, { clock }: Ports) {
  const { ahead, remoteHead } = await compareWithRemote(git, source);
  return { ahead, remoteHead, remoteCheckedAtMs: clock.now() };
}

async function isAhead(git: Git, { source }: GitJob, head: string | null, remoteHead: string | null): Promise<boolean | null> {
  if (!source.push) return null;
  return head === null ? false : !(await contains(git, remoteHead, head));
}

function withoutStep({ code, hint, message }: ErrorFacts): ErrorFacts {
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}
