import { Button } from '@mantine/core';
import { IconBrandGoogleDrive, IconFolder } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type SyntheticEvent, useState } from 'react';
import { placeOf } from '../../../electron/domain/model.ts';
import { engine } from '../../client.ts';
import { PageHead } from '../../parts/page-head.tsx';
import { PathField } from '../../parts/path-field.tsx';
import { Section } from '../../parts/section.tsx';
import { isWholePath } from '../../path-text.ts';
import type { Route } from '../../route.ts';
import { AddDrive } from '../jobs/add-drive.tsx';
import styles from './pieces.module.css';
import { BackLink } from './pieces.tsx';
import { RailList } from './rail.tsx';
import { restoreTo } from './restore-route.ts';

/** Asks where the backups are: a folder, a place that is set up already, or Google Drive. */
export function ChoosePlace({ route }: { readonly route: Route }) {
  const [folder, setFolder] = useState('');
  const [isDrive, setDrive] = useState(false);
  const placeAt = (place: string) => restoreTo(route, [], { from: 'backups', place });
  const { data: settings } = useQuery(engine.settings.get.queryOptions());
  const look = (event: SyntheticEvent) => {
    event.preventDefault();
    if (isWholePath(folder)) location.hash = placeAt(folder);
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
      {settings === undefined || settings.destinations.length === 0 ? null : (
        <Section title="They are at a place that is set up here">
          <RailList
            label="Places that are set up here"
            current={null}
            entries={settings.destinations.map((config) => ({
              key: config.name,
              href: placeAt(config.name),
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
        </Section>
      )}
      <Section title="They are in Google Drive">
        {isDrive ? (
          <AddDrive
            onAdded={(name) => {
              location.hash = placeAt(name);
            }}
          />
        ) : (
          <div className={styles.actions}>
            <Button variant="default" onClick={() => setDrive(true)}>
              Sign in to Google Drive…
            </Button>
            <span className={styles.quiet}>With the OAuth client that had stored them there: another one does not see them.</span>
          </div>
        )}
      </Section>
    </>
  );
}
