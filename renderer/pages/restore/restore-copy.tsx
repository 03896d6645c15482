import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Job } from '../../../electron/domain/model.ts';
import type { SnapshotRecord } from '../../../electron/domain/snapshot-record.ts';
import { formatBytes } from '../../../electron/domain/units.ts';
import { client } from '../../client.ts';
import { zone } from '../../clock.ts';
import { formatShort } from '../../format.ts';
import { nameOfPath } from '../../path-text.ts';
import type { Route } from '../../route.ts';
import { restores } from './activity.ts';
import { CopyForm } from './copy-form.tsx';
import styles from './pieces.module.css';
import { BackLink, Headline } from './pieces.tsx';
import { restoreTo } from './restore-route.ts';
import { copyNameOf, folderOf, inFolder } from './restore-target.ts';

interface RestoreCopyProps {
  readonly route: Route;
  readonly snapshot: SnapshotRecord;
  readonly job: Job | null;
}

/** Brings a snapshot back to a file of its own: asks only where. */
export function RestoreCopy({ job, route, snapshot }: RestoreCopyProps) {
  const { createdAtMs, id, manifest } = snapshot;
  const live = job?.source.path ?? manifest.source.path;
  const key = `copy ${id}`;
  const [target, setTarget] = useState(() => inFolder(folderOf(live), copyNameOf(nameOfPath(live), createdAtMs, zone)));
  // What was refused was refused of another path: nothing offers to replace this one yet.
  const change = (path: string) => {
    restores.dismiss(key);
    setTarget(path);
  };
  const back = restoreTo(route, [snapshot.job, id]);
  return (
    <>
      <BackLink href={back}>The snapshot</BackLink>
      <CopyForm
        activity={restores.use(key)}
        name={nameOfPath(live)}
        live={live}
        target={target}
        onTarget={change}
        onRestore={(force) => restores.begin(key, () => client.restores.toFile({ snapshot: id, target, force }))}
        head={
          <>
            <Headline>Restore a copy</Headline>
            <p className={styles.sub}>
              {`${nameOfPath(live)} as it was on ${formatShort(createdAtMs)}, ${formatBytes(manifest.raw.bytes)}. What is there now stays as it is.`}
            </p>
          </>
        }
        after={
          <>
            <Button variant="default" onClick={() => restores.dismiss(key)}>
              Restore another copy…
            </Button>
            <Button component="a" variant="subtle" href={back}>
              Back to the snapshot
            </Button>
          </>
        }
      />
    </>
  );
}
