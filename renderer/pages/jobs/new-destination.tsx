import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { PageHead } from '../../parts/page-head.tsx';
import { go } from '../../route.ts';
import { AddDrive } from './add-drive.tsx';
import { AddFolder } from './add-folder.tsx';
import { BackLink } from './back-link.tsx';
import { partsOfDestination } from './jobs-place.ts';

/** A new place for snapshots. */
export function NewDestination() {
  const [kind, setKind] = useState('folder');
  const show = (name: string) => {
    go('jobs', partsOfDestination(name));
  };
  return (
    <>
      <BackLink />
      <PageHead title="Add a destination">A place that keeps snapshots. Two of them, one away from home, survive more than one.</PageHead>
      <SegmentedControl
        mb="md"
        aria-label="Kind of destination"
        value={kind}
        onChange={setKind}
        data={[
          { value: 'folder', label: 'Folder or disk' },
          { value: 'drive', label: 'Google Drive' },
        ]}
      />
      {kind === 'folder' ? <AddFolder onAdded={show} /> : <AddDrive onAdded={show} />}
    </>
  );
}
