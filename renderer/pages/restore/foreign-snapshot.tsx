import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Manifest } from '../../../electron/domain/manifest.ts';
import type { RestoreOutcome } from '../../../electron/domain/outcomes.ts';
import type { RunEvent } from '../../../electron/domain/run-event.ts';
import { formatBytes } from '../../../electron/domain/units.ts';
import { client, engine } from '../../client.ts';
import { zone } from '../../clock.ts';
import { formatInstant, formatShort } from '../../format.ts';
import { PageHead } from '../../parts/page-head.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { nameOfPath } from '../../path-text.ts';
import { type Route, routeTo } from '../../route.ts';
import { restores } from './activity.ts';
import { CopyForm } from './copy-form.tsx';
import { FormWords } from './form-words.tsx';
import styles from './pieces.module.css';
import { BackLink, Digest, Fact, Facts, Headline } from './pieces.tsx';
import { restoreTo } from './restore-route.ts';
import { copyNameOf, inFolder } from './restore-target.ts';
import { changeSince } from './snapshot-change.ts';
import { TableList } from './table-list.tsx';

interface ForeignSnapshotProps {
  readonly route: Route;
  readonly place: string;
  readonly manifest: Manifest;
}

/** One snapshot that lies elsewhere: what it says of itself, and where it is to go. */
export function ForeignSnapshot({ manifest, place, route }: ForeignSnapshotProps) {
  const { createdAt, id, job, raw, source } = manifest;
  const atMs = Date.parse(createdAt);
  const name = nameOfPath(source.path);
  const [typed, setTarget] = useState<string | null>(null);
  const { data: home, isPending } = useQuery({ ...engine.desktop.info.queryOptions(), select: ({ homeFolder }) => homeFolder });
  // What is suggested must not come between while somebody types: the field is there when that is known.
  const suggested = home === undefined ? '' : inFolder(home, copyNameOf(name, atMs, zone));
  const target = typed ?? suggested;
  const key = `foreign ${place} ${id}`;
  const activity = restores.use(key);
  const change = (path: string) => {
    restores.dismiss(key);
    setTarget(path);
  };
  const back = restoreTo(route, [], { from: 'backups', place });
  if (isPending) return <Waiting what="Looking where a copy could go" />;
  return (
    <>
      <BackLink href={back}>Other snapshots</BackLink>
      <PageHead title={`Backups in ${nameOfPath(place)}`} />
      <CopyForm
        activity={activity}
        name={name}
        live={null}
        target={target}
        onTarget={change}
        onRestore={(force) => restores.begin(key, () => restoreFrom({ destination: place, at: id, target, force }))}
        head={
          <>
            <Headline>{`${job} of ${formatShort(atMs)}`}</Headline>
            <p className={styles.sub}>{formatInstant(atMs)}</p>
            <Facts>
              <Fact name="Size">{formatBytes(raw.bytes)}</Fact>
              <Fact name="Form">
                <FormWords manifest={manifest} />
              </Fact>
              <Fact name="Taken of">
                <span className={styles.path}>{source.path}</span> <span className={styles.quiet}>on {source.host}</span>
              </Fact>
              <Fact name="SHA-256">
                <Digest sha256={raw.sha256} isShort />
              </Fact>
            </Facts>
            <TableList label="Rows of every table" tables={changeSince(manifest, null).tables} isCompared={false} />
            <div className={styles.gap} />
          </>
        }
        after={
          <>
            <Button component="a" variant="default" href={back} onClick={() => restores.dismiss(key)}>
              Restore another one…
            </Button>
            <Button component="a" variant="subtle" href={routeTo('jobs')}>
              Back it up again…
            </Button>
          </>
        }
      />
    </>
  );
}

/** As any restore: what could not be read there is a warning of it. */
async function restoreFrom(input: Parameters<typeof client.restores.foreign>[0]) {
  const stream = await client.restores.foreign(input);
  const next = async (): Promise<IteratorResult<RunEvent, RestoreOutcome>> => {
    const { done, value } = await stream.next();
    if (!done) return { done: false, value };
    return { done: true, value: { ...value.outcome, warnings: [...value.outcome.warnings, ...value.notes] } };
  };
  return { next };
}
