import { Button, TextInput, Title } from '@mantine/core';
import { IconArrowUp, IconFile, IconFileX, IconFolder } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import type { GitJob } from '../../../electron/domain/model.ts';
import { counted } from '../../../electron/domain/units.ts';
import { engine } from '../../client.ts';
import { failureOf } from '../../failure.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import type { Route } from '../../route.ts';
import pieces from './pieces.module.css';
import { RailList } from './rail.tsx';
import { restoreTo } from './restore-route.ts';
import { deletedFiles, entriesIn, isFolderOf, parentOf } from './store-tree.ts';
import styles from './store-view.module.css';

interface StoreRailProps {
  readonly route: Route;
  readonly job: GitJob;
  /** The item that is open. */
  readonly path: string;
  readonly root: string;
  /** Every file of the store as it is now. */
  readonly files: readonly string[];
}

/** The items of a store: by their folders, by a search, and those that are gone. */
export function StoreRail({ files, job, path, root, route }: StoreRailProps) {
  const [text, setText] = useState('');
  const [isGone, setGone] = useState(false);
  const wanted = useDeferredValue(text.trim());
  const folder = isFolderOf(files, path) || path === root ? path : parentOf(path);
  const entry = (to: string, name: string, Icon: typeof IconFile, about = '') => ({
    key: to,
    href: restoreTo(route, [job.name, to]),
    name,
    about,
    mark: <Icon size={16} stroke={1.6} aria-hidden />,
  });
  const up = folder === root ? [] : [entry(parentOf(folder), parentOf(folder) || 'All of it', IconArrowUp)];
  const here = entriesIn(files, folder).map((each) => entry(each.path, each.name, each.isFolder ? IconFolder : IconFile));
  return (
    <>
      <Title order={2}>Files</Title>
      <TextInput
        className={styles.search ?? ''}
        aria-label="Find a file"
        placeholder="Find a file"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {wanted === '' ? (
        <>
          <div className={styles.where}>{folder === '' ? 'All of it' : `In ${folder}`}</div>
          <RailList label="Items of the store" current={path} entries={[...up, ...here]} limit={60} />
        </>
      ) : (
        <Found job={job} text={wanted} path={path} entryOf={(to) => entry(to, to, IconFile)} />
      )}
      <Button variant="subtle" size="compact-xs" aria-expanded={isGone} onClick={() => setGone(!isGone)}>
        {isGone ? 'Hide deleted files' : 'Show deleted files'}
      </Button>
      {isGone ? <Gone job={job} files={files} text={wanted} path={path} entryOf={(to) => entry(to, to, IconFileX)} /> : null}
    </>
  );
}

interface FoundProps {
  readonly job: GitJob;
  readonly text: string;
  readonly path: string;
  readonly entryOf: (path: string) => Parameters<typeof RailList>[0]['entries'][number];
}

function Found({ entryOf, job, path, text }: FoundProps) {
  const { data, error } = useQuery({
    ...engine.git.files.queryOptions({ input: { job: job.name, text } }),
    placeholderData: keepPreviousData,
  });
  if (error !== null) return <FailureNote failure={failureOf(error)} />;
  if (data === undefined) return <Waiting what="Looking for it" />;
  return (
    <>
      <div className={styles.where} role="status">
        {data.pathCount === 0 ? 'No file has this in its path' : counted(data.pathCount, 'file')}
      </div>
      <RailList label="Files that were found" current={path} entries={data.paths.map(entryOf)} limit={60} />
    </>
  );
}

const lookBack = 1000;

function Gone({ entryOf, files, job, path, text }: FoundProps & { readonly files: readonly string[] }) {
  const { data, error } = useQuery(engine.git.versions.queryOptions({ input: { job: job.name, path: '', limit: lookBack } }));
  if (error !== null) return <FailureNote failure={failureOf(error)} />;
  if (data === undefined) return <Waiting what="Reading what was deleted" />;
  const gone = deletedFiles(data, files, job.source.stores).filter((each) => each.toLowerCase().includes(text.toLowerCase()));
  return (
    <>
      <p className={pieces.sub}>
        {gone.length === 0 ? 'None' : counted(gone.length, 'file')} of the last {counted(Math.min(lookBack, data.length), 'version')}.
      </p>
      <RailList label="Deleted files" current={path} entries={gone.map(entryOf)} limit={60} />
    </>
  );
}
