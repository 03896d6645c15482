import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { JobHealth } from '../../../electron/domain/health.ts';
import { engine } from '../../client.ts';
import { failureOf, sentence } from '../../failure.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { refusedSources } from './refused-sources.ts';

const storageKey = 'nightjar-access-note-dismissed';

/** Sources that macOS does not let Nightjar read, and the way to the page where a person allows it. Stays away once it was dismissed. */
export function AccessNote({ jobs }: { readonly jobs: readonly JobHealth[] }) {
  const { data: desktop } = useQuery(engine.desktop.info.queryOptions());
  const open = useMutation(engine.desktop.openSystemPage.mutationOptions());
  const [dismissed, setDismissed] = useState(() => localStorage.getItem(storageKey));
  const refused = refusedSources(jobs);
  const names = refused.map(({ job }) => job).join(', ');
  if (desktop?.platform !== 'darwin' || refused.length === 0 || dismissed === names) return null;
  const dismiss = () => {
    localStorage.setItem(storageKey, names);
    setDismissed(names);
  };
  const failure = {
    code: 'source-unreadable',
    message: `macOS does not let Nightjar read the source of ${names}`,
    hint: `${sentence(refused.map(({ message }) => message).join('; '))}. Allow it under Privacy & Security, Full Disk Access, and start Nightjar again.`,
  };
  return (
    <FailureNote failure={failure} means="Until that is allowed nothing of it is backed up; what was backed up before is untouched.">
      {desktop.kind === 'app' ? (
        <Button size="compact-xs" loading={open.isPending} onClick={() => open.mutate({ page: 'full-disk-access' })}>
          Open Full Disk Access settings
        </Button>
      ) : null}
      <Button variant="subtle" size="compact-xs" onClick={dismiss}>
        Do not show this again
      </Button>
      {open.error === null ? null : <span role="alert">{failureOf(open.error).message}</span>}
    </FailureNote>
  );
}
