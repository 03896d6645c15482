import { Anchor, Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { engine } from '../../client.ts';
import { failureOf } from '../../failure.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { PathField } from '../../parts/path-field.tsx';
import { SignIn } from '../../parts/sign-in.tsx';
import { nameError, pathError } from './name-text.ts';
import styles from './panel.module.css';

/** Sets up a folder in Google Drive as a place for snapshots, and signs in to it. */
export function AddDrive({ onAdded }: { readonly onAdded: (name: string) => void }) {
  const [name, setName] = useState('gdrive');
  const [added, setAdded] = useState(false);
  if (added) {
    return (
      <div className={styles.form}>
        <p className={styles.quiet}>{name} is set up. Now let it into your Google Drive:</p>
        <SignIn name={name} onSignedIn={() => onAdded(name)} />
        <div className={styles.line}>
          <Button variant="subtle" onClick={() => onAdded(name)}>
            Sign in later
          </Button>
        </div>
      </div>
    );
  }
  return <DriveForm name={name} onName={setName} onAdded={() => setAdded(true)} />;
}

interface DriveFormProps {
  readonly name: string;
  readonly onName: (name: string) => void;
  readonly onAdded: () => void;
}

function DriveForm({ name, onAdded, onName }: DriveFormProps) {
  const [clientFile, setClientFile] = useState('');
  const [folder, setFolder] = useState('Nightjar');
  const [isAsked, setAsked] = useState(false);
  const add = useMutation(engine.destinations.addDrive.mutationOptions({ onSuccess: onAdded }));
  const failure = add.error === null ? null : failureOf(add.error);
  const errors = {
    clientFile: pathError(clientFile, 'Choose the file of your OAuth client.'),
    folder: folder.split('/').some((part) => part.trim() === '') ? 'Write a folder as A/B/C, without an empty part.' : null,
    name: nameError(name),
  };
  const shown = isAsked ? errors : { clientFile: null, folder: null, name: null };
  const submit = () => {
    setAsked(true);
    if (Object.values(errors).some((error) => error !== null)) return;
    add.mutate({ clientFile, config: { ...newDrive, name, folder } });
  };
  const isTaken = failure?.code === 'destination-exists';
  const isFile = failure?.code === 'usage-invalid' || failure?.code === 'sign-in-client';
  return (
    <form
      className={styles.form}
      aria-label="A folder in Google Drive"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <DriveSteps />
      <PathField
        label="OAuth client"
        description="The JSON file that Google gave you for it"
        title="Choose the file of your OAuth client"
        want="file"
        value={clientFile}
        onChange={(path) => {
          add.reset();
          setClientFile(path);
        }}
        error={isFile ? `${failure.message}.` : shown.clientFile}
        required
      />
      <TextInput
        label="Folder in Drive"
        description="As A/B/C; Nightjar makes it, since it cannot see one that you have made"
        value={folder}
        error={shown.folder}
        onChange={(event) => setFolder(event.currentTarget.value)}
      />
      <TextInput
        label="Name"
        description="What you call this place"
        value={name}
        error={isTaken ? `${failure.message}.` : shown.name}
        onChange={(event) => onName(event.currentTarget.value)}
      />
      {failure === null || isTaken || isFile ? null : <FailureNote failure={failure} means="Nothing was set up." />}
      <div className={styles.line}>
        <Button type="submit" loading={add.isPending}>
          Add this Drive
        </Button>
      </div>
    </form>
  );
}

const newDrive = {
  kind: 'drive',
  folderId: null,
  credentials: { kind: 'own' },
  account: null,
} as const;

/** How one gets there, with what bites later. */
function DriveSteps() {
  return (
    <ol className={styles.steps}>
      <li>
        In{' '}
        <Anchor href="https://console.cloud.google.com" target="_blank" rel="noopener noreferrer" underline="always" inherit>
          Google's console
        </Anchor>{' '}
        make a project, enable the Google Drive API, and publish its consent screen. While that says “Testing”, Google ends every sign-in
        after seven days.
      </li>
      <li>
        Make an OAuth client of the type “Desktop app” and download its JSON. Keep that file with your recovery papers: what one client has
        stored in Drive, another one does not see.
      </li>
      <li>Choose it here and sign in, with the box for Google Drive ticked. Nightjar sees only the files that it has made itself.</li>
    </ol>
  );
}
