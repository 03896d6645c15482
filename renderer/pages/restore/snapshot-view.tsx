import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { SqliteJob } from '../../../electron/domain/model.ts';
import type { RetainOutcome } from '../../../electron/domain/outcomes.ts';
import { isVerified, type SnapshotRecord, storedCopies } from '../../../electron/domain/snapshot-record.ts';
import { countRows } from '../../../electron/domain/table-rows.ts';
import { counted, formatBytes, formatCount } from '../../../electron/domain/units.ts';
import { engine } from '../../client.ts';
import { failureOf } from '../../failure.ts';
import { formatInstant, formatShort } from '../../format.ts';
import { Ago } from '../../parts/ago.tsx';
import { FailureNote } from '../../parts/failure-note.tsx';
import { Section } from '../../parts/section.tsx';
import type { Route } from '../../route.ts';
import { Copies } from './copies.tsx';
import { FormWords } from './form-words.tsx';
import styles from './pieces.module.css';
import { Digest, Fact, Facts } from './pieces.tsx';
import { restoreTo } from './restore-route.ts';
import { changeSince, formatChange } from './snapshot-change.ts';
import { TableList } from './table-list.tsx';

interface SnapshotViewProps {
  readonly route: Route;
  readonly snapshot: SnapshotRecord;
  /** The one of the job before it; `null` where it is the first. */
  readonly before: SnapshotRecord | null;
  /** Of a delta: the full that it is on; `null` where that is not known here, and of a full. */
  readonly base: SnapshotRecord | null;
  /** `null` where the job is not set up any more. */
  readonly job: SqliteJob | null;
}

/** One snapshot: what it is, why it is kept, where its copies are and how they were proven, and the two ways to bring it back. */
export function SnapshotView({ base, before, job, route, snapshot }: SnapshotViewProps) {
  const { createdAtMs, id, manifest } = snapshot;
  const { object, raw, source, sqlite } = manifest;
  const change = changeSince(manifest, before?.manifest ?? null);
  const task = (name: string) => restoreTo(route, [snapshot.job, id], { do: name });
  return (
    <article aria-labelledby="snapshot-title">
      <h2 id="snapshot-title" className={styles.headline}>
        {formatInstant(createdAtMs)}
      </h2>
      <p className={styles.sub}>
        {snapshot.job}, <Ago atMs={createdAtMs} />
      </p>
      <Ways snapshot={snapshot} task={task} />
      <Facts>
        <Fact name="Size">
          {formatBytes(raw.bytes)}, stored in {formatBytes(object.bytes)}
        </Fact>
        <Fact name="Form">
          <FormWords manifest={manifest}>
            {base === null ? null : <a href={restoreTo(route, [snapshot.job, base.id])}>{formatShort(base.createdAtMs)}</a>}
          </FormWords>
        </Fact>
        <Fact name="Rows">
          {counted(countRows(sqlite.tables), 'row')} in {counted(sqlite.tables.length, 'table')}
        </Fact>
        <Fact name="Change">
          {before === null ? (
            'The first snapshot of this job that is known'
          ) : (
            <>
              {`${formatChange(change.rows, formatCount)} rows, ${formatChange(change.bytes, formatBytes)} since `}
              <a href={restoreTo(route, [snapshot.job, before.id])}>{formatShort(before.createdAtMs)}</a>
            </>
          )}
        </Fact>
        <Fact name="Kept because">
          <Kept snapshot={snapshot} job={job} />
        </Fact>
        <Fact name="Taken of">
          <span className={styles.path}>{source.path}</span> <span className={styles.quiet}>on {source.host}</span>
        </Fact>
        <Fact name="SHA-256">
          <Digest sha256={raw.sha256} isShort />
        </Fact>
      </Facts>
      <Copies snapshot={snapshot} />
      <Section title="Rows">
        <TableList label="Rows of every table" tables={change.tables} isCompared={before !== null} />
      </Section>
    </article>
  );
}

function Ways({ snapshot, task }: Pick<SnapshotViewProps, 'snapshot'> & { readonly task: (name: string) => string }) {
  const stored = storedCopies(snapshot);
  if (stored.length === 0) {
    const failure = {
      code: 'object-missing',
      message: 'No copy of this snapshot is left',
      hint: 'Choose another one at the left; this one stays in the list as a record',
    };
    return <FailureNote failure={failure} means="It cannot be brought back." />;
  }
  const isDamaged = stored.every((copy) => !isVerified(copy) && copy.failure !== undefined);
  return (
    <>
      {isDamaged ? (
        <FailureNote
          failure={{
            code: 'digest-mismatch',
            message: 'This snapshot is damaged',
            hint: 'Choose another one at the left, and check the disk that holds this one',
          }}
          means="No copy of it has passed its last proof; a restore would refuse what is not as it was stored."
        />
      ) : null}
      <div className={styles.actions}>
        <Button component="a" href={task('copy')}>
          Restore a copy…
        </Button>
        <Button component="a" variant="default" href={task('replace')}>
          Replace the live database…
        </Button>
      </div>
    </>
  );
}

/** Why retention leaves it, place by place, and the pin that keeps it whatever the policy says. */
function Kept({ job, snapshot }: Pick<SnapshotViewProps, 'snapshot' | 'job'>) {
  const { data, error } = useQuery({ ...engine.retention.plan.queryOptions({ input: { job: snapshot.job } }), enabled: job !== null });
  return (
    <div className={styles.line}>
      <span>{job === null ? 'its job is not set up any more, so nothing is pruned' : wordsOf(data, snapshot)}</span>
      {error === null ? null : <span className={styles.quiet}>{failureOf(error).message}</span>}
      <Pin snapshot={snapshot} />
    </div>
  );
}

function wordsOf(plan: readonly RetainOutcome[] | undefined, { id }: SnapshotRecord): string {
  const places = (plan ?? []).flatMap(({ destination, verdicts }) =>
    verdicts.filter((verdict) => verdict.id === id).map(({ reasons }) => ({ destination, why: reasons.join(', ') })),
  );
  const [first] = places;
  if (first === undefined) return plan === undefined ? '' : 'no place has a copy of it';
  const say = (why: string) => (why === '' ? 'nothing: it goes after the next run' : why);
  if (places.every(({ why }) => why === first.why)) return say(first.why);
  return places.map(({ destination, why }) => `${say(why)} (at ${destination})`).join('; ');
}

function Pin({ snapshot: { id, pinned } }: { readonly snapshot: SnapshotRecord }) {
  const pin = useMutation(engine.snapshots.pin.mutationOptions());
  const unpin = useMutation(engine.snapshots.unpin.mutationOptions());
  const { error, isPending, mutate } = pinned ? unpin : pin;
  return (
    <>
      <Button
        variant="transparent"
        size="compact-xs"
        className={styles.plain ?? ''}
        loading={isPending}
        onClick={() => mutate({ snapshot: id }, { onSuccess: (_, __, ___, { client }) => client.invalidateQueries() })}
      >
        {pinned ? 'Unpin it' : 'Pin it: keep it for good'}
      </Button>
      {error === null ? null : <FailureNote failure={failureOf(error)} means="Its pin is as it was." />}
    </>
  );
}
