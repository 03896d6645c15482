import { Button } from '@mantine/core';
import { IconBrandGoogleDrive, IconFolder } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type SyntheticEvent, useState } from 'react';
import type { Manifest } from '../../../electron/domain/manifest.ts';
import { placeOf } from '../../../electron/domain/model.ts';
import type { DestinationContents, RestoreOutcome } from '../../../electron/domain/outcomes.ts';
import type { RunEvent } from '../../../electron/domain/run-event.ts';
import { countRows } from '../../../electron/domain/table-rows.ts';
import { formatBytes } from '../../../electron/domain/units.ts';
import { client, engine } from '../../client.ts';
import { zone } from '../../clock.ts';
import { failureOf } from '../../failure.ts';
import { counted, formatDate, formatInstant, formatShort, formatTime } from '../../format.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { PathField } from '../../parts/path-field.tsx';
import { Section } from '../../parts/section.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { isWholePath, nameOfPath } from '../../path-text.ts';
import { type Route, routeTo } from '../../route.ts';
import { restores } from './activity.ts';
import { CopyForm } from './copy-form.tsx';
import styles from './pieces.module.css';
import { BackLink, Digest, Fact, Facts, Headline } from './pieces.tsx';
import { RailList } from './rail.tsx';
import { restoreTo } from './restore-route.ts';
import { copyNameOf, folderOf, inFolder } from './restore-target.ts';
import { changeSince } from './snapshot-change.ts';
import { TableList } from './table-list.tsx';

/** Brings a database back on a machine that knows nothing: from a folder of backups, or from Drive after signing in. */
export function FromBackups({ route }: { readonly route: Route }) {
  const place = route.query.get('place');
  return (
    <div className={styles.narrow}>
      {place === null ? <ChoosePlace route={route} /> : <Contents key={place} route={route} place={place} />}
    </div>
  );
}

function ChoosePlace({ route }: { readonly route: Route }) {
  const [folder, setFolder] = useState('');
  const { data: settings } = useQuery(engine.settings.get.queryOptions());
  const look = (event: SyntheticEvent) => {
    event.preventDefault();
    if (isWholePath(folder)) location.hash = restoreTo(route, [], { from: 'backups', place: folder });
  };
  return (
    <>
      <BackLink href={restoreTo(route, [])}>Restore</BackLink>
      <PageHead title="I have only my backups">
        Each backup says itself what it is: neither this machine's history nor its settings are needed.
      </PageHead>
      <Section title="They are in a folder or on a disk">
        <form onSubmit={look}>
          <PathField
            label="The folder with the backups"
            want="folder"
            description="The one that holds a folder for each job."
            value={folder}
            onChange={setFolder}
          />
          <div className={styles.actions}>
            <Button type="submit" disabled={!isWholePath(folder)}>
              Look what is there
            </Button>
          </div>
        </form>
      </Section>
      <Section title="They are at a place that is set up here, or in Google Drive">
        {settings === undefined || settings.destinations.length === 0 ? (
          <p className={styles.text}>No place is set up here yet. Sign in to Google Drive once, and it is listed here.</p>
        ) : (
          <RailList
            label="Places that are set up here"
            current={null}
            entries={settings.destinations.map((config) => ({
              key: config.name,
              href: restoreTo(route, [], { from: 'backups', place: config.name }),
              name: config.name,
              about: placeOf(config),
              mark:
                config.kind === 'drive' ? (
                  <IconBrandGoogleDrive size={16} stroke={1.6} aria-hidden />
                ) : (
                  <IconFolder size={16} stroke={1.6} aria-hidden />
                ),
            }))}
          />
        )}
        <div className={styles.actions}>
          <Button component="a" variant="default" href={routeTo('jobs', ['destinations', 'new'])}>
            Sign in to Google Drive…
          </Button>
        </div>
      </Section>
    </>
  );
}

function Contents({ place, route }: { readonly route: Route; readonly place: string }) {
  const input = { destination: place };
  const { data, error, isFetching, refetch } = useQuery(engine.destinations.contents.queryOptions({ input }));
  const elsewhere = restoreTo(route, [], { from: 'backups' });
  const chosen = data?.manifests.find(({ id }) => id === route.query.get('snapshot'));
  if (chosen !== undefined) return <ForeignSnapshot key={chosen.id} route={route} place={place} manifest={chosen} />;
  return (
    <>
      <BackLink href={elsewhere}>Another place</BackLink>
      <PageHead title={`Backups in ${nameOfPath(place)}`}>{place}</PageHead>
      {error === null ? null : (
        <FailureNote
          failure={failureOf(error)}
          means="Nothing was read and nothing was changed; that says nothing of the backups themselves."
        >
          <Button size="compact-xs" variant="default" loading={isFetching} onClick={() => refetch()}>
            Look again
          </Button>
        </FailureNote>
      )}
      {data === undefined && error === null ? <Waiting what={`Reading what is in ${place}`} /> : null}
      {data === undefined ? null : <JobsThere route={route} place={place} contents={data} />}
    </>
  );
}

interface JobsThereProps {
  readonly route: Route;
  readonly place: string;
  readonly contents: DestinationContents;
}

function JobsThere({ contents: { manifests, notes }, place, route }: JobsThereProps) {
  const jobs = [...Map.groupBy(manifests, ({ job }) => job)].toSorted(([a], [b]) => a.localeCompare(b));
  return (
    <>
      {jobs.length === 0 ? (
        <p className={styles.text}>
          There is no snapshot in it. Choose the folder that holds the folders of the jobs: in each lie files such as 2026-11-25.db.gz, with
          a .json beside it.
        </p>
      ) : null}
      {notes.map((note) => (
        <p key={note} className={styles.text}>
          <StatusMark mark="warning" label="Warning" size={14} /> {note}
        </p>
      ))}
      {jobs.map(([job, own]) => (
        <Section key={job} title={job}>
          <RailList
            label={`Snapshots of ${job}`}
            current={null}
            limit={12}
            entries={own.map((manifest) => entryOf(route, place, manifest))}
          />
        </Section>
      ))}
    </>
  );
}

function entryOf(route: Route, place: string, { createdAt, id, raw, sqlite }: Manifest) {
  const atMs = Date.parse(createdAt);
  return {
    key: id,
    href: restoreTo(route, [], { from: 'backups', place, snapshot: id }),
    name: `${formatDate(atMs)}, ${formatTime(atMs)}`,
    about: `${formatBytes(raw.bytes)}, ${counted(countRows(sqlite.tables), 'row')}`,
    mark: <StatusMark mark="unknown" size={14} />,
  };
}

interface ForeignSnapshotProps {
  readonly route: Route;
  readonly place: string;
  readonly manifest: Manifest;
}

function ForeignSnapshot({ manifest, place, route }: ForeignSnapshotProps) {
  const { createdAt, id, job, raw, source } = manifest;
  const atMs = Date.parse(createdAt);
  const name = nameOfPath(source.path);
  const [typed, setTarget] = useState<string | null>(null);
  const { data: home } = useQuery({
    ...engine.sources.complete.queryOptions({ input: { text: '~', want: 'folder' } }),
    select: ([first]) => (first === undefined ? undefined : folderOf(first.path.replace(/[\\/]$/, ''))),
  });
  const suggested = home === undefined ? '' : inFolder(home, copyNameOf(name, atMs, zone));
  const target = typed ?? suggested;
  const key = `foreign ${place} ${id}`;
  const back = restoreTo(route, [], { from: 'backups', place });
  return (
    <>
      <BackLink href={back}>Other snapshots</BackLink>
      <PageHead title={`Backups in ${nameOfPath(place)}`} />
      <CopyForm
        activity={restores.use(key)}
        name={name}
        live={null}
        target={target}
        onTarget={setTarget}
        onRestore={(force) => restores.begin(key, () => restoreFrom({ destination: place, at: id, target, force }))}
        head={
          <>
            <Headline>{`${job} of ${formatShort(atMs)}`}</Headline>
            <p className={styles.sub}>{formatInstant(atMs)}</p>
            <Facts>
              <Fact name="Size">{formatBytes(raw.bytes)}</Fact>
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
