import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { engine } from '../../client.ts';
import { failureOf } from '../../failure.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { PathField } from '../../parts/path-field.tsx';
import { nameOfPath } from '../../path-text.ts';
import { nameError, nameFrom, pathError } from './name-text.ts';
import styles from './panel.module.css';

/** Sets up a folder as a place for snapshots. */
export function AddFolder({ onAdded }: { readonly onAdded: (name: string) => void }) {
  const [path, setPath] = useState('');
  const [named, setNamed] = useState<string | null>(null);
  const [isAsked, setAsked] = useState(false);
  const add = useMutation(engine.destinations.addFolder.mutationOptions({ onSuccess: ({ config }) => onAdded(config.name) }));
  const name = named ?? nameFrom(nameOfPath(path));
  const failure = add.error === null ? null : failureOf(add.error);
  const isTaken = failure?.code === 'destination-exists';
  const errors = { path: pathError(path, 'Choose a folder for the snapshots.'), name: nameError(name) };
  const shown = isAsked ? errors : { path: null, name: null };
  const submit = () => {
    setAsked(true);
    if (errors.path === null && errors.name === null) add.mutate({ name, path: withoutSeparator(path) });
  };
  return (
    <form
      className={styles.form}
      aria-label="A folder for snapshots"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <PathField
        label="Folder"
        description="One that exists, on another disk if you can; Nightjar makes a folder in it for each job"
        title="Choose a folder for snapshots"
        want="folder"
        value={path}
        onChange={(next) => {
          add.reset();
          setPath(next);
        }}
        error={failure !== null && !isTaken ? `${failure.message}.` : shown.path}
        required
      />
      <TextInput
        label="Name"
        description="What you call this place"
        value={name}
        error={isTaken ? `${failure.message}.` : shown.name}
        onChange={(event) => setNamed(event.currentTarget.value)}
      />
      {failure?.code === 'unreachable' ? <FailureNote failure={failure} /> : null}
      <div className={styles.line}>
        <Button type="submit" loading={add.isPending}>
          Add this folder
        </Button>
        {failure?.code === 'destination-absent' ? (
          <Button variant="default" loading={add.isPending} onClick={() => add.mutate({ name, path: withoutSeparator(path), make: true })}>
            Make this folder and add it
          </Button>
        ) : null}
      </div>
    </form>
  );
}

/** The engine knows folders without one at their end. */
function withoutSeparator(path: string): string {
  return path.length > 1 && !/^[A-Za-z]:[\\/]$/.test(path) ? path.replace(/[\\/]+$/, '') : path;
}
