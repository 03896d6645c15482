import { Anchor, Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { engine } from '../../client.ts';
import { now } from '../../clock.ts';
import { failureOf } from '../../failure.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { PathField } from '../../parts/path-field.tsx';
import { Section } from '../../parts/section.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { isWholePath } from '../../path-text.ts';
import { routeTo } from '../../route.ts';
import styles from './first-run.module.css';
import { type FoundSource, suggestSources } from './first-run-plan.ts';
import { makeFirstRun } from './make-first-run.ts';
import { OwnSource } from './own-source.tsx';
import { SourceChoice } from './source-choice.tsx';

interface FirstRunChoiceProps {
  readonly onBegin: () => void;
  readonly onMade: (jobs: readonly string[]) => void;
}

/** What must not be lost, and where it goes. */
export function FirstRunChoice({ onBegin, onMade }: FirstRunChoiceProps) {
  const choice = useChoice();
  const folder = useFolder();
  const make = useMutation({ mutationFn: () => makeFirstRun(choice.chosen, folder.path), onMutate: onBegin, onSuccess: onMade });
  const needsFolder = choice.chosen.some(({ kind }) => kind === 'sqlite');
  const missing = whatIsMissing(choice.chosen, needsFolder && !isWholePath(folder.path));
  return (
    <>
      <PageHead
        title="What must not be lost?"
        actions={
          <Button variant="subtle" component="a" href={routeTo('restore', [], { from: 'backups' })}>
            I have only my backups
          </Button>
        }
      >
        Switch on what Nightjar shall back up. Everything else is set up for you and can be changed later.
      </PageHead>
      <Section title="Found on this machine">
        {choice.isLooking ? <Waiting what="Looking in the usual places" /> : null}
        {choice.failure === null ? null : <FailureNote failure={choice.failure} means="Name what you want to keep below." />}
        <SourceChoice sources={choice.sources} chosen={choice.chosen} isFound={!choice.isLooking} onSwitch={choice.turn} />
        <OwnSource onFound={choice.add} />
      </Section>
      <Section title="Where to">
        <div className={styles.folder}>
          <PathField label="Folder for the snapshots" want="folder" value={folder.path} onChange={folder.change} />
          <p className={styles.hint}>
            A folder on another disk survives this one. It is made if it is not there yet. Git folders go to their own remote instead.{' '}
            <Anchor href={routeTo('jobs', ['destinations', 'new'])}>Google Drive can be added whenever you like.</Anchor>
          </p>
        </div>
      </Section>
      {make.error === null ? null : (
        <FailureNote
          failure={failureOf(make.error)}
          means="Nothing was backed up yet. What was set up so far stays and is not set up twice."
        />
      )}
      <div className={styles.begin}>
        <Button size="sm" disabled={missing !== null} loading={make.isPending} onClick={() => make.mutate()}>
          Make the first backup
        </Button>
        <span className={styles.hint}>{missing ?? 'Then every night at 03:17; 30 days and 12 months are kept.'}</span>
      </div>
    </>
  );
}

/** What was found or named, and what of it is switched on. */
function useChoice() {
  const { data: found, error, isPending } = useQuery(engine.sources.find.queryOptions());
  const [own, setOwn] = useState<readonly FoundSource[]>([]);
  const [switched, setSwitched] = useState<ReadonlyMap<string, boolean>>(new Map());
  const databases = found?.databases ?? [];
  const suggested = suggestSources(databases, now());
  const all: readonly FoundSource[] = [
    ...own,
    ...databases.map((database) => ({ kind: 'sqlite' as const, ...database })),
    ...(found?.stores ?? []).map((store) => ({ kind: 'git' as const, ...store })),
  ];
  const sources = [...new Map(all.map((source) => [source.path, source])).values()];
  const turn = (path: string, on: boolean) => setSwitched((before) => new Map(before).set(path, on));
  return {
    sources,
    chosen: sources.filter(({ path }) => switched.get(path) ?? suggested.has(path)),
    isLooking: isPending,
    failure: error === null ? null : failureOf(error),
    turn,
    add: (source: FoundSource) => {
      setOwn((before) => [source, ...before]);
      turn(source.path, true);
    },
  };
}

/** The folder is the best one that the engine knows until a person has typed another. */
function useFolder() {
  const { data: folders } = useQuery(engine.sources.folders.queryOptions());
  const [typed, setTyped] = useState<string | null>(null);
  return { path: typed ?? folders?.[0] ?? '', change: setTyped };
}

function whatIsMissing(chosen: readonly FoundSource[], isFolderMissing: boolean): string | null {
  if (chosen.length === 0) return 'Switch something on first.';
  return isFolderMissing ? 'Choose a folder for the snapshots first.' : null;
}
