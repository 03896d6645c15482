import { Button, Checkbox } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { placeOf } from '../../../electron/domain/model.ts';
import { engine } from '../../client.ts';
import { AddDrive } from './add-drive.tsx';
import { AddFolder } from './add-folder.tsx';
import styles from './panel.module.css';

interface DestinationChoiceProps {
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}

/** Where the snapshots of a job go: the places that are known, and a new one. */
export function DestinationChoice({ chosen, onChange }: DestinationChoiceProps) {
  const { data: settings } = useQuery(engine.settings.get.queryOptions());
  const [added, setAdded] = useState<'folder' | 'drive' | null>(null);
  const known = settings?.destinations ?? [];
  const take = (name: string) => {
    setAdded(null);
    onChange([...chosen, name]);
  };
  return (
    <fieldset className={styles.choice}>
      <legend>Where its snapshots go</legend>
      {known.map((config) => (
        <Checkbox
          key={config.name}
          label={config.name}
          description={placeOf(config)}
          checked={chosen.includes(config.name)}
          onChange={({ currentTarget: { checked } }) =>
            onChange(checked ? [...chosen, config.name] : chosen.filter((name) => name !== config.name))
          }
        />
      ))}
      <div className={styles.line}>
        <Button variant="default" aria-expanded={added === 'folder'} onClick={() => setAdded(added === 'folder' ? null : 'folder')}>
          Add a folder…
        </Button>
        <Button variant="default" aria-expanded={added === 'drive'} onClick={() => setAdded(added === 'drive' ? null : 'drive')}>
          Add Google Drive…
        </Button>
      </div>
      {added === 'folder' ? <AddFolder onAdded={take} /> : null}
      {added === 'drive' ? <AddDrive onAdded={take} /> : null}
    </fieldset>
  );
}
