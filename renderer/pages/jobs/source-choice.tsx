import { Button, Radio } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { FoundDatabase, FoundStore, SourceReport } from '../../../electron/domain/found-sources.ts';
import { client, engine } from '../../client.ts';
import { failureOf, sentence } from '../../failure.ts';
import { PathField } from '../../parts/path-field.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { pathError } from './name-text.ts';
import styles from './panel.module.css';
import { DatabaseFacts, StoreFacts } from './source-facts.tsx';

type Source = Exclude<SourceReport, { readonly kind: 'none' }>;

interface SourceChoiceProps {
  /** The path of the source that is chosen. */
  readonly chosen: string | null;
  readonly onChosen: (source: Source) => void;
}

/** What could be backed up: what was found in the usual places, or what a person names. */
export function SourceChoice({ chosen, onChosen }: SourceChoiceProps) {
  const { data: found, isPending } = useQuery({ ...engine.sources.find.queryOptions(), staleTime: 60_000 });
  const [other, setOther] = useState<'sqlite' | 'git' | null>(null);
  const value = other ?? chosen ?? '';
  const take = (next: string) => {
    setOther(next === 'sqlite' || next === 'git' ? next : null);
    const source = sourcesOf(found?.databases ?? [], found?.stores ?? []).find(({ path }) => path === next);
    if (source !== undefined) onChosen(source);
  };
  // What comes in later would push away what is about to be pressed.
  if (isPending) return <Waiting what="Looking for databases and repositories in the usual places" />;
  return (
    <>
      <Radio.Group value={value} onChange={take} aria-label="What must not be lost?">
        <div className={styles.sources}>
          {found?.databases.map((database) => (
            <FoundSource key={database.path} source={database} facts={<DatabaseFacts {...database} />} />
          ))}
          {found?.stores.map((store) => (
            <FoundSource key={store.path} source={store} facts={<StoreFacts {...store} />} />
          ))}
          <Radio value="sqlite" label="Another database" />
          <Radio value="git" label="Another git repository" />
        </div>
      </Radio.Group>
      {other === null ? null : <NamedSource key={other} wanted={other} onChosen={onChosen} />}
    </>
  );
}

function sourcesOf(databases: readonly FoundDatabase[], stores: readonly FoundStore[]): Source[] {
  return [
    ...databases.map((database) => ({ kind: 'sqlite' as const, ...database })),
    ...stores.map((store) => ({ kind: 'git' as const, ...store })),
  ];
}

/** What a job backs up already needs no second one. */
function FoundSource({ facts, source }: { readonly source: FoundDatabase | FoundStore; readonly facts: React.ReactNode }) {
  const { job, path } = source;
  return (
    <Radio
      value={path}
      label={path}
      disabled={job !== null}
      description={
        <>
          {facts}
          {job === null ? '' : `; the job ${job} backs it up`}
        </>
      }
    />
  );
}

function NamedSource({ onChosen, wanted }: { readonly wanted: Source['kind']; readonly onChosen: (source: Source) => void }) {
  const [path, setPath] = useState('');
  const [complaint, setComplaint] = useState<string | null>(null);
  const look = useMutation({
    mutationFn: () => client.sources.inspect({ path }),
    onSuccess: (report) => {
      if (report.kind === 'none') setComplaint(`${sentence(report.message)}.`);
      else onChosen(report);
    },
    onError: (error) => setComplaint(`${failureOf(error).message}.`),
  });
  const isStore = wanted === 'git';
  return (
    <form
      className={`${styles.panel} ${styles.named}`}
      aria-label={isStore ? 'Another git repository' : 'Another database'}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const error = pathError(path, isStore ? 'Choose a git repository.' : 'Choose a database.');
        if (error === null) look.mutate();
        setComplaint(error);
      }}
    >
      <PathField
        label={isStore ? 'Repository' : 'Database'}
        title={isStore ? 'Choose a git repository' : 'Choose a database'}
        want={isStore ? 'folder' : 'database'}
        value={path}
        error={complaint}
        onChange={(next) => {
          setComplaint(null);
          setPath(next);
        }}
        required
      />
      <div className={styles.line}>
        <Button type="submit" variant="default" loading={look.isPending}>
          Look at it
        </Button>
      </div>
    </form>
  );
}
