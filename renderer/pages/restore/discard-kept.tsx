import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { engine } from '../../client.ts';
import { failureOf } from '../../failure.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import styles from './pieces.module.css';

/** Deletes what a restore had kept, by a second button that says what goes. */
export function DiscardKept({ name, restore }: { readonly restore: string; readonly name: string }) {
  const [isAsked, setAsked] = useState(false);
  const discard = useMutation(engine.restores.discard.mutationOptions());
  if (discard.isSuccess) return <span role="status">The former {name} is deleted.</span>;
  if (!isAsked) {
    return (
      <Button variant="subtle" onClick={() => setAsked(true)}>
        Delete what was kept…
      </Button>
    );
  }
  return (
    <div className={styles.line}>
      <span role="status">Then this restore cannot be undone any more.</span>
      <Button
        color="var(--failed)"
        variant="outline"
        loading={discard.isPending}
        data-autofocus
        onClick={() => discard.mutate({ restore }, { onSuccess: (_, __, ___, { client }) => client.invalidateQueries() })}
      >
        {`Delete the former ${name}`}
      </Button>
      <Button variant="default" onClick={() => setAsked(false)}>
        Keep it
      </Button>
      {discard.error === null ? null : <FailureNote failure={failureOf(discard.error)} means="It is still kept." />}
    </div>
  );
}
