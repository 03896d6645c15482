import { Button } from '@mantine/core';
import { IconDatabase } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Manifest } from '../../../electron/domain/manifest.ts';
import type { DestinationContents } from '../../../electron/domain/outcomes.ts';
import { describeForm } from '../../../electron/domain/snapshot-form.ts';
import { countRows } from '../../../electron/domain/table-rows.ts';
import { counted, formatBytes } from '../../../electron/domain/units.ts';
import { engine } from '../../client.ts';
import { now } from '../../clock.ts';
import { failureOf } from '../../failure.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { Section } from '../../parts/section.tsx';
import { SignIn } from '../../parts/sign-in.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { nameOfPath } from '../../path-text.ts';
import type { Route } from '../../route.ts';
import { ChoosePlace } from './choose-place.tsx';
import { ForeignSnapshot } from './foreign-snapshot.tsx';
import { formatMoment } from './moment.ts';
import styles from './pieces.module.css';
import { BackLink } from './pieces.tsx';
import { RailList } from './rail.tsx';
import { restoreTo } from './restore-route.ts';

/** Brings a database back on a machine that knows nothing: from a folder of backups, or from Drive after signing in. */
export function FromBackups({ route }: { readonly route: Route }) {
  const place = route.query.get('place');
  return (
    <div className={styles.narrow}>
      {place === null ? <ChoosePlace route={route} /> : <Contents key={place} route={route} place={place} />}
    </div>
  );
}

function Contents({ place, route }: { readonly route: Route; readonly place: string }) {
  const input = { destination: place };
  const { data, error, isFetching, refetch } = useQuery(engine.destinations.contents.queryOptions({ input }));
  const failure = error === null ? null : failureOf(error);
  const elsewhere = restoreTo(route, [], { from: 'backups' });
  const chosen = data?.manifests.find(({ id }) => id === route.query.get('snapshot'));
  if (chosen !== undefined) return <ForeignSnapshot key={chosen.id} route={route} place={place} manifest={chosen} />;
  return (
    <>
      <BackLink href={elsewhere}>Another place</BackLink>
      <PageHead title={`Backups in ${nameOfPath(place)}`}>{place}</PageHead>
      {failure === null ? null : (
        <FailureNote failure={failure} means="Nothing was read and nothing was changed; that says nothing of the backups themselves.">
          <Button size="compact-xs" variant="default" loading={isFetching} onClick={() => refetch()}>
            Look again
          </Button>
        </FailureNote>
      )}
      {failure?.code.startsWith('sign-in-') ? <SignIn name={place} onSignedIn={() => refetch()} /> : null}
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
          There is no snapshot in it. Choose the folder that holds the folders of the jobs: in each lie files such as 2026-11-25.db.gz or
          2026-11-26.delta.gz, with a .json beside each.
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
            entries={own.map((manifest) => entryOf(route, place, manifest, own))}
          />
        </Section>
      ))}
    </>
  );
}

function entryOf(route: Route, place: string, manifest: Manifest, series: readonly Manifest[]) {
  const { createdAt, delta, id, raw, sqlite } = manifest;
  const isWithoutBase = delta !== undefined && !series.some((other) => other.object.name === delta.base.name);
  const atMs = Date.parse(createdAt);
  return {
    key: id,
    href: restoreTo(route, [], { from: 'backups', place, snapshot: id }),
    name: formatMoment(atMs, now()),
    about: [formatBytes(raw.bytes), counted(countRows(sqlite.tables), 'row'), formText(manifest, isWithoutBase)].join(', '),
    mark: isWithoutBase ? (
      <StatusMark mark="failed" size={15} label="Not restorable:" />
    ) : (
      <IconDatabase size={15} stroke={1.6} aria-hidden />
    ),
  };
}

function formText(manifest: Manifest, isWithoutBase: boolean): string {
  return isWithoutBase ? `${describeForm(manifest)}, which is not there` : describeForm(manifest);
}
