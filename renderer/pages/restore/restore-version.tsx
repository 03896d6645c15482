import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type SyntheticEvent, useState } from 'react';
import type { RestoredVersion, Version } from '../../../electron/domain/git-version.ts';
import type { GitJob } from '../../../electron/domain/model.ts';
import { counted, formatBytes } from '../../../electron/domain/units.ts';
import { engine } from '../../client.ts';
import { failureOf } from '../../failure.ts';
import { formatShort } from '../../format.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { PathField } from '../../parts/path-field.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { isWholePath, nameOfPath } from '../../path-text.ts';
import type { Route } from '../../route.ts';
import styles from './pieces.module.css';
import { BackLink, Digest, Fact, Facts, Headline, ShowFile } from './pieces.tsx';
import { refusalOf } from './refusal.ts';
import { restoreTo } from './restore-route.ts';
import { folderOf, inFolder, versionNameOf } from './restore-target.ts';

interface RestoreVersionProps {
  readonly route: Route;
  readonly job: GitJob;
  /** A file or folder in the repository; '' is all of it. */
  readonly path: string;
  readonly isFolder: boolean;
  readonly version: Version;
}

/** Brings a version of a file or folder back: to a place of its own, or where it was. */
export function RestoreVersion({ isFolder, job, path, route, version: { atMs, commit } }: RestoreVersionProps) {
  const repository = job.source.path;
  const name = path === '' ? nameOfPath(repository) : nameOfPath(path);
  const [target, setTarget] = useState(() => inFolder(folderOf(repository), versionNameOf(name, commit)));
  const restore = useMutation(engine.restores.version.mutationOptions());
  const own = path === '' ? repository : inFolder(repository, path);
  const back = restoreTo(route, [job.name, path], { at: commit });
  const begin = (force: boolean) => restore.mutate({ job: job.name, at: commit, path, target, force });
  const change = (to: string) => {
    restore.reset();
    setTarget(to);
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (isWholePath(target)) begin(false);
  };

  if (restore.isPending) return <Waiting what={`Restoring ${name}`} />;
  if (restore.data !== undefined) return <Restored {...{ isFolder, name, back, atMs }} restored={restore.data} />;
  const refusal = restore.error === null ? null : refusalOf(failureOf(restore.error));
  return (
    <form onSubmit={submit}>
      <BackLink href={back}>{`Versions of ${name}`}</BackLink>
      <Headline>{`Restore ${name} of ${formatShort(atMs)}`}</Headline>
      <p className={styles.sub}>The repository, its branches and its history stay as they are.</p>
      {refusal === null ? null : (
        <FailureNote failure={refusal.failure} means={refusal.means}>
          {refusal.failure.code === 'target-exists' ? (
            <Button color="var(--failed)" variant="outline" size="compact-sm" onClick={() => begin(true)}>
              {isFolder ? `Put the files in over those of ${nameOfPath(target)}` : `Replace ${nameOfPath(target)}`}
            </Button>
          ) : null}
        </FailureNote>
      )}
      <PathField
        label="Where to"
        want={isFolder ? 'folder' : 'new-file'}
        title={`Restore ${name}`}
        description={isFolder ? 'A new folder, or one that is empty.' : 'A new file, or a folder that it goes into under its own name.'}
        value={target}
        onChange={change}
        required
      />
      <div className={styles.actions}>
        <Button type="submit" disabled={!isWholePath(target)}>
          {`Restore ${name}`}
        </Button>
        {path === '' || target === own ? null : (
          <Button variant="subtle" onClick={() => change(own)}>
            Where it was in the repository
          </Button>
        )}
      </div>
    </form>
  );
}

interface RestoredProps {
  readonly isFolder: boolean;
  readonly name: string;
  readonly back: string;
  readonly atMs: number;
  readonly restored: RestoredVersion & { readonly commit: string };
}

function Restored({ atMs, back, isFolder, name, restored: { bytes, commit, files, path, skipped } }: RestoredProps) {
  return (
    <section aria-label="The proof">
      <BackLink href={back}>{`Versions of ${name}`}</BackLink>
      <Headline mark={<StatusMark mark="good" size={18} />}>{`${name} of ${formatShort(atMs)} is restored`}</Headline>
      <p className={styles.sub}>
        {counted(files, 'file')}, {formatBytes(bytes)}, compared with what the version has.
        {skipped > 0 ? ` ${counted(skipped, 'submodule')} left out: what they hold is in repositories of their own.` : ''}
      </p>
      <Facts>
        <Fact name={isFolder ? 'Folder' : 'File'}>
          <span className={styles.path}>{path}</span>
        </Fact>
        <Fact name="Version">
          <Digest sha256={commit} />
        </Fact>
      </Facts>
      <div className={styles.actions}>
        <ShowFile path={path} />
        <Button component="a" variant="default" href={back}>
          Back to its versions
        </Button>
      </div>
    </section>
  );
}
