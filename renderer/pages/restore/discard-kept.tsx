import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { engine } from '../../client.ts';
import { failureOf } from '../../failure.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import styles from './pieces.module.css';

interface DiscardKeptProps {
  readonly restore: string;
  /** What the database is called. */
  readonly name: string;
}

/** Deletes what a restore had kept, by a second button that says what goes. */
export function DiscardKept({ name, restore }: DiscardKeptProps) {
  const [isAsked, setAsked] = useState(false);
  const [isDeleted, setDeleted] = useState(false);
  if (isDeleted) return <span role="status">The former {name} is deleted.</span>;
  if (isAsked) return <Discard name={name} restore={restore} onDeleted={() => setDeleted(true)} onKept={() => setAsked(false)} />;
  return (
    <Button variant="subtle" onClick={() => setAsked(true)}>
      Delete what was kept…
    </Button>
  );
}

function Discard({ name, onDeleted, onKept, restore }: DiscardKeptProps & { readonly onDeleted: () => void; readonly onKept: () => void }) {
  const discard = useMutation(engine.restores.discard.mutationOptions());
  const keep = useRef<HTMLButtonElement>(null);
  // The keys go on at the way out: Enter pressed twice deletes nothing.
  useEffect(() => keep.current?.focus(), []);
  return (
    <div className={styles.line}>
      <span role="status">Then this restore cannot be undone any more.</span>
      <Button
        color="var(--failed)"
        variant="outline"
        loading={discard.isPending}
        onClick={() =>
          discard.mutate(
            { restore },
            {
              onSuccess: (_, __, ___, { client }) => {
                onDeleted();
                return client.invalidateQueries();
              },
            },
          )
        }
      >
        {`Delete the former ${name}`}
      </Button>
      <Button ref={keep} variant="default" onClick={onKept}>
        Keep it
      </Button>
      {discard.error === null ? null : <FailureNote failure={failureOf(discard.error)} means="It is still kept." />}
    </div>
  );
}
