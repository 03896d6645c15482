import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { PathField } from '../../parts/path-field.tsx';
import styles from './panel.module.css';
import { SourceFacts } from './source-facts.tsx';

interface StoresProps {
  readonly paths: readonly string[];
  readonly error: string | undefined;
  readonly onChange: (paths: readonly string[]) => void;
}

interface SourceEditorProps {
  readonly path: string;
  readonly error: string | undefined;
  readonly onChange: (path: string) => void;
  /** For a repository: what of it is backed up. */
  readonly stores?: StoresProps;
}

/** Where a job's source is, and what is there. */
export function SourceEditor({ error, onChange, path, stores }: SourceEditorProps) {
  const [asked, setAsked] = useState(path);
  const isStore = stores !== undefined;
  return (
    <div className={styles.panel}>
      <PathField
        label={isStore ? 'Repository' : 'Database'}
        want={isStore ? 'folder' : 'database'}
        value={path}
        error={error}
        onChange={onChange}
        onLeave={() => setAsked(path)}
        required
      />
      <SourceFacts path={asked} wanted={isStore ? 'git' : 'sqlite'} />
      {isStore ? <StoresField {...stores} /> : null}
    </div>
  );
}

/** What of a repository is backed up, one path a line. */
export function StoresField({ error, onChange, paths }: StoresProps) {
  return (
    <Textarea
      label="What of it"
      description="Files and folders in the repository, one a line; nothing means all of it"
      value={paths.join('\n')}
      error={error}
      autosize
      minRows={2}
      onChange={(event) => onChange(event.currentTarget.value.split('\n'))}
      onBlur={() => onChange(withoutBlank(paths))}
    />
  );
}

function withoutBlank(paths: readonly string[]): readonly string[] {
  const named = paths.map((path) => path.trim()).filter((path) => path !== '');
  return named.length === 0 ? [''] : named;
}
