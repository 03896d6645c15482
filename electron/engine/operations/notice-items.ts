import { BackupError } from '../../domain/errors.ts';
import type { GitJob } from '../../domain/model.ts';
import type { Engine } from '../engine.ts';
import { openStore } from '../git/open-store.ts';
import { judgeItems } from '../git/store-items.ts';

/**
 * Accepts the files that a watch has told. What is not the store's own to back up (ignored, in another repository, behind a link) is
 * passed over: nobody has asked for it. Rejects where the catalog does not take them; where git cannot tell, all are accepted.
 */
export async function noticeItems(engine: Engine, job: GitJob, paths: readonly string[]): Promise<void> {
  const { clock } = engine.ports;
  const judged = await judgeItems(
    openStore(job.source, engine.ports),
    job.source.stores,
    paths.map((path) => [path]),
  ).catch(() => null);
  const own = paths.filter((_, at) => !(judged?.[at] instanceof BackupError));
  if (own.length === 0) return;
  engine.queue(job.name).notice(
    own.map((path) => ({ item: path, paths: [path], reason: 'changed' })),
    clock.now(),
  );
  engine.emit({ type: 'items-queued', job: job.name, atMs: clock.now() });
}
