import { Button } from '@mantine/core';
import { IconGitCommit } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Version } from '../../../electron/domain/git-version.ts';
import type { GitJob } from '../../../electron/domain/model.ts';
import { counted } from '../../../electron/domain/units.ts';
import { engine } from '../../client.ts';
import { now } from '../../clock.ts';
import { failureOf } from '../../failure.ts';
import { formatInstant } from '../../format.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { Section } from '../../parts/section.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { nameOfPath } from '../../path-text.ts';
import type { Route } from '../../route.ts';
import { DiffView } from './diff-view.tsx';
import { formatMoment } from './moment.ts';
import pieces from './pieces.module.css';
import railStyles from './rail.module.css';
import { RailList } from './rail.tsx';
import { restoreTo, taskOf } from './restore-route.ts';
import { RestoreVersion } from './restore-version.tsx';
import { StoreRail } from './store-rail.tsx';
import { isFolderOf } from './store-tree.ts';
import styles from './store-view.module.css';
import { parseDiff } from './unified-diff.ts';

interface StoreViewProps {
  readonly route: Route;
  readonly job: GitJob;
  readonly rail: ReactNode;
  readonly layout: Readonly<Record<string, string | undefined>>;
}

/** A git store: its items at the side, the versions of one of them, what each changed, and the way to bring it back. */
export function StoreView({ job, layout, rail, route }: StoreViewProps) {
  const { stores } = job.source;
  const root = stores.length === 1 ? (stores[0] ?? '') : '';
  const [, path = root] = route.parts;
  const { data, error, isFetching, refetch } = useQuery(engine.git.files.queryOptions({ input: { job: job.name } }));
  const isGone = data !== undefined && !data.paths.includes(path) && !isFolderOf(data.paths, path) && path !== root;
  return (
    <div className={layout.page}>
      <div className={railStyles.rail}>
        {rail}
        {data === undefined ? null : <StoreRail key={job.name} route={route} job={job} path={path} root={root} files={data.paths} />}
        {data !== undefined && data.paths.length < data.pathCount ? (
          <p
            className={railStyles.legend}
          >{`Of ${counted(data.pathCount, 'file')} the first ${String(data.paths.length)} are listed: look for the others.`}</p>
        ) : null}
      </div>
      <div className={layout.body}>
        {error === null ? null : (
          <FailureNote failure={failureOf(error)} means="What was committed is in the repository and at its remote as before.">
            <Button size="compact-xs" variant="default" loading={isFetching} onClick={() => refetch()}>
              Look again
            </Button>
          </FailureNote>
        )}
        {data === undefined && error === null ? <Waiting what={`Reading the files of ${job.name}`} /> : null}
        {data === undefined ? null : (
          <Item key={path} route={route} job={job} path={path} isFolder={isFolderOf(data.paths, path) || path === root} isGone={isGone} />
        )}
      </div>
    </div>
  );
}

interface ItemProps {
  readonly route: Route;
  readonly job: GitJob;
  readonly path: string;
  readonly isFolder: boolean;
  /** It is not in the latest version. */
  readonly isGone: boolean;
}

const limit = 200;

function Item({ isFolder, isGone, job, path, route }: ItemProps) {
  const { data: versions, error } = useQuery(engine.git.versions.queryOptions({ input: { job: job.name, path, limit } }));
  const title = path === '' ? 'All of it' : nameOfPath(path);
  if (error !== null) return <FailureNote failure={failureOf(error)} means="Its versions are in the repository as before." />;
  if (versions === undefined) return <Waiting what={`Reading the versions of ${title}`} />;
  const chosen = versions.find(({ commit }) => commit === route.query.get('at')) ?? versions[0];
  if (chosen === undefined) return <p className={pieces.text}>{`${title} has no version yet: it has never been committed.`}</p>;
  if (taskOf(route) === 'copy') {
    return <RestoreVersion key={chosen.commit} {...{ route, job, path, isFolder }} version={chosen} />;
  }
  const at = ({ commit }: Version) => restoreTo(route, [job.name, path], { at: commit });
  return (
    <article aria-labelledby="item-title">
      <h2 id="item-title" className={pieces.headline}>
        {title}
      </h2>
      <p className={pieces.sub}>
        <span className={pieces.path}>{path === '' ? job.source.path : path}</span>, {counted(versions.length, 'version')}
        {versions.length === limit ? ' or more' : ''}
        {isGone ? ', deleted since' : ''}
      </p>
      <div className={styles.versions}>
        <RailList
          label={`Versions of ${title}`}
          current={chosen.commit}
          entries={versions.map((version) => ({
            key: version.commit,
            href: at(version),
            name: version.subject,
            about: formatMoment(version.atMs, now()),
            mark: <IconGitCommit size={16} stroke={1.6} aria-hidden />,
          }))}
        />
      </div>
      <ChosenVersion {...{ route, job, path, isFolder, version: chosen }} before={versions[versions.indexOf(chosen) + 1]} />
    </article>
  );
}

interface ChosenVersionProps extends Omit<ItemProps, 'isGone'> {
  readonly version: Version;
  /** The one before it; none where it is the first. */
  readonly before: Version | undefined;
}

function ChosenVersion({ before, isFolder, job, path, route, version: { atMs, author, commit, pathCount } }: ChosenVersionProps) {
  const { data, error } = useQuery(engine.git.diff.queryOptions({ input: { job: job.name, commit, path } }));
  const diff = data === undefined ? null : parseDiff(data.text);
  const isDeletion = !isFolder && diff?.files.length === 1 && diff.files[0]?.kind === 'deleted';
  const what = isFolder ? 'the folder' : 'the file';
  return (
    <>
      <p className={pieces.text}>
        {formatInstant(atMs)}, by {author}, <span className={pieces.digest}>{commit.slice(0, 10)}</span>
        {isFolder ? `: ${counted(pathCount, 'file')} changed` : ''}
      </p>
      {isDeletion ? (
        <div className={pieces.actions}>
          <span>This version deleted it.</span>
          {before === undefined ? null : (
            <Button component="a" href={restoreTo(route, [job.name, path], { at: before.commit, do: 'copy' })}>
              Restore the version before…
            </Button>
          )}
        </div>
      ) : (
        <div className={pieces.actions}>
          <Button component="a" href={restoreTo(route, [job.name, path], { at: commit, do: 'copy' })}>
            {`Restore ${what} of this version…`}
          </Button>
        </div>
      )}
      <Section title="What it changed">
        {error === null ? null : <FailureNote failure={failureOf(error)} means="It can be restored all the same." />}
        {diff === null && error === null ? <Waiting what="Reading what it changed" /> : null}
        {diff === null ? null : <DiffView diff={diff} isNamed={isFolder} />}
      </Section>
    </>
  );
}
