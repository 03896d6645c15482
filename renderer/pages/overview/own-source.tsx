import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type SyntheticEvent, useState } from 'react';
import { client } from '../../client.ts';
import { failureOf, sentence } from '../../failure.ts';
import { PathField } from '../../parts/path-field.tsx';
import { isWholePath } from '../../path-text.ts';
import styles from './first-run.module.css';
import type { FoundSource } from './first-run-plan.ts';

/** A path of one's own: looked at before it is added, so that what cannot be backed up is said at once. */
export function OwnSource({ onFound }: { readonly onFound: (source: FoundSource) => void }) {
  const [path, setPath] = useState('');
  const look = useMutation({
    mutationFn: (asked: string) => client.sources.inspect({ path: asked }),
    onSuccess: (report) => {
      if (report.kind === 'none') return;
      onFound(report);
      setPath('');
    },
  });
  const refused = look.data?.kind === 'none' && look.variables === path ? sentence(look.data.message) : null;
  const error = look.error === null ? refused : failureOf(look.error).message;
  const change = (next: string) => {
    look.reset();
    setPath(next);
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (isWholePath(path)) look.mutate(path);
  };
  return (
    <form className={styles.own} onSubmit={submit}>
      <PathField label="Another database or git folder" want="database" value={path} onChange={change} error={error} />
      <Button type="submit" variant="default" disabled={!isWholePath(path)} loading={look.isPending}>
        Add it
      </Button>
    </form>
  );
}
