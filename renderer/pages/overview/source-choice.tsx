import { Button, Switch } from '@mantine/core';
import { useState } from 'react';
import { counted, formatBytes } from '../../../electron/domain/units.ts';
import { Ago } from '../../parts/ago.tsx';
import { nameOfPath } from '../../path-text.ts';
import styles from './first-run.module.css';
import type { FoundSource } from './first-run-plan.ts';

const shownAtFirst = 6;

interface SourceChoiceProps {
  readonly sources: readonly FoundSource[];
  readonly chosen: readonly FoundSource[];
  /** Whether the search is over. */
  readonly isFound: boolean;
  readonly onSwitch: (path: string, on: boolean) => void;
}

/** Databases, then git folders, each with a switch; the less likely ones on demand. */
export function SourceChoice({ chosen, isFound, onSwitch, sources }: SourceChoiceProps) {
  const [isAll, setAll] = useState(false);
  if (sources.length === 0) {
    return isFound ? <p className={styles.hint}>Nothing was found in the usual places. Name a database or a git folder below.</p> : null;
  }
  const shown = isAll
    ? sources
    : sources.filter((source, index) => index < shownAtFirst || chosen.includes(source) || isFirstStore(source, sources));
  return (
    <>
      <ul className={styles.sources} aria-label="What was found">
        {shown.map((source) => (
          <li key={source.path}>
            <Switch
              size="sm"
              checked={chosen.includes(source)}
              onChange={(event) => onSwitch(source.path, event.currentTarget.checked)}
              label={nameOfPath(source.path)}
              description={source.path}
              classNames={{ body: styles.switch ?? '', labelWrapper: styles.label ?? '', description: styles.path ?? '' }}
            />
            <SourceFacts source={source} />
          </li>
        ))}
      </ul>
      {shown.length === sources.length ? null : (
        <Button variant="subtle" size="compact-xs" onClick={() => setAll(true)}>
          {`Show ${counted(sources.length - shown.length, 'more', 'more')}`}
        </Button>
      )}
    </>
  );
}

/** However many databases there are, it is seen that git folders can be chosen too. */
function isFirstStore(source: FoundSource, sources: readonly FoundSource[]): boolean {
  return source === sources.find(({ kind }) => kind === 'git');
}

function SourceFacts({ source }: { readonly source: FoundSource }) {
  if (source.kind === 'git') {
    const { branch, remote } = source;
    return (
      <span className={styles.facts}>
        git, {branch === null ? 'no branch' : `branch ${branch}`}
        {remote === null ? ', no remote: commits stay on this machine' : `, pushed to ${remote}`}
      </span>
    );
  }
  return (
    <span className={styles.facts}>
      {formatBytes(source.bytes)}, written <Ago atMs={source.lastWriteMs} />
      {source.isInUse === true ? ', in use now' : ''}
      {source.journalMode === 'wal' ? ', WAL' : ', rollback journal'}
    </span>
  );
}
