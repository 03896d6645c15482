import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../../domain/manifest.ts';
import { encodeMemberIndex } from '../../domain/member-index.ts';
import type { SqliteJob } from '../../domain/model.ts';
import { chooseStamp, formatObjectName } from '../../domain/object-name.ts';
import { localTime } from '../../domain/zoned-time.ts';
import type { Engine } from '../engine.ts';
import type { Compressed } from '../pipeline/compress.ts';
import { blockBytes } from '../pipeline/raw-blocks.ts';
import { runSqliteTask } from '../sqlite/sqlite-tasks.ts';
import type { DatabaseFacts, SnapshotFacts } from '../sqlite/worker-protocol.ts';
import { watchSpace } from './guard.ts';
import { makeObject, type StagedObject } from './make-object.ts';
import type { Prepared } from './prepare.ts';
import { isStampTaken } from './reconcile.ts';
import type { Steps } from './steps.ts';

/** A consistent copy of the database in staging. */
export interface RawCopy extends SnapshotFacts {
  readonly path: string;
  /** Everything that was committed before this instant is in the copy. */
  readonly createdAtMs: number;
}

/** A compressed and checked copy in staging, ready to be sent. */
export interface Packed extends StagedObject {
  readonly createdAtMs: number;
  readonly database: DatabaseFacts;
}

/** Takes the snapshot in a worker; lets the source go early when its disk is about to become full. */
export async function takeCopy(engine: Engine, job: SqliteJob, folder: string, steps: Steps): Promise<RawCopy> {
  return steps.take('snapshot', 'Copying the database', async (report) => {
    const low = new AbortController();
    const stopWatching = watchSpace(engine, job.source.path, (error) => low.abort(error));
    const path = join(folder, 'copy.db');
    const createdAtMs = engine.ports.clock.now();
    try {
      const task = { kind: 'snapshot', path: job.source.path, target: path, lockWaitMs: job.lockWaitSeconds * 1000 } as const;
      const signal = AbortSignal.any([steps.signal, low.signal]);
      const facts = await runSqliteTask(engine.ports.workers, task, { signal, onProgress: report.progress });
      for (const [name, value] of Object.entries(facts)) report.fact(name, value);
      return { ...facts, path, createdAtMs };
    } finally {
      stopWatching();
    }
  });
}

/** Checks the copy and makes its object at the same time, since both read the same bytes; whichever fails first ends the other. */
export async function pack(engine: Engine, job: SqliteJob, copy: RawCopy, prepared: Prepared, steps: Steps): Promise<Packed> {
  const either = new AbortController();
  const signal = AbortSignal.any([steps.signal, either.signal]);
  const work = [check(engine, job, copy, steps, signal), makeObject({ engine, job, copy, prepared, steps, signal })] as const;
  for (const part of work) part.catch((error: unknown) => either.abort(error));
  const [checked, made] = await Promise.allSettled(work);
  if (checked.status === 'rejected' || made.status === 'rejected') {
    // The signal's reason is what failed first; the other's failure is only its echo.
    throw either.signal.reason;
  }
  await rm(copy.path, { force: true });
  return { ...made.value, createdAtMs: copy.createdAtMs, database: checked.value };
}

/**
 * The manifest of a packed snapshot, under the first name that is free at every destination and that no snapshot ever had: a removal
 * that is finished later goes by the name.
 */
export function describeSnapshot(engine: Engine, job: SqliteJob, packed: Packed, takenNames: ReadonlySet<string>): Manifest {
  const { zone } = job.schedule;
  const { day, time } = localTime(packed.createdAtMs, zone);
  const known = new Set([...takenNames, ...engine.catalog.objectNames(job.name)]);
  const stamp = chooseStamp(day, time, (candidate) => isStampTaken(known, candidate));
  const { sentinel, ...sqlite } = packed.database;
  const sql = job.source.sentinel;
  return {
    format: 'nightjar-snapshot',
    version: 1,
    id: engine.ports.ids.make('snap'),
    job: job.name,
    source: { kind: 'sqlite', path: job.source.path, host: engine.ports.host },
    createdAt: new Date(packed.createdAtMs).toISOString(),
    zone,
    object: {
      name: formatObjectName(stamp, packed.delta ? 'delta' : 'full', packed.codec),
      codec: packed.codec,
      ...packed.object,
      ...memberIndexOf(packed),
    },
    raw: packed.raw,
    ...(packed.delta ? { delta: packed.delta } : {}),
    ...(packed.pages ? { pages: packed.pages.digests } : {}),
    sqlite: {
      ...sqlite,
      check: job.source.check,
      tables: [...sqlite.tables],
      ...(sql === undefined || sentinel === undefined ? {} : { sentinel: { sql, value: sentinel } }),
    },
    pinned: false,
    writtenBy: engine.ports.program,
  };
}

function memberIndexOf({ memberSizes }: Compressed) {
  return memberSizes === undefined ? {} : { members: encodeMemberIndex(blockBytes, memberSizes) };
}

function check(engine: Engine, job: SqliteJob, copy: RawCopy, steps: Steps, signal: AbortSignal): Promise<DatabaseFacts> {
  const { check: level, sentinel } = job.source;
  return steps.take('check', `Checking the copy (${level})`, () => {
    const task = {
      kind: 'inspect',
      path: copy.path,
      shownAs: job.source.path,
      check: level,
      ...(sentinel === undefined ? {} : { sentinel }),
    } as const;
    return runSqliteTask(engine.ports.workers, task, { signal });
  });
}
