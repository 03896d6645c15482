import { Button, FileButton, SegmentedControl } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { ImportOutcome, SettingsChange } from '../../../electron/domain/settings-file.ts';
import { counted } from '../../../electron/domain/units.ts';
import { client } from '../../client.ts';
import { failureOf, sentence } from '../../failure.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { Section } from '../../parts/section.tsx';
import { SettingRow } from './setting-row.tsx';
import styles from './transfer-settings.module.css';

/** Settings as a file for another machine, and back. */
export function TransferSettings() {
  const [file, setFile] = useState<File | null>(null);
  // Without it the same file, once it was corrected, could not be chosen again.
  const forgetFile = useRef<() => void>(null);
  const [imported, setImported] = useState<ImportOutcome | null>(null);
  const exported = useMutation({ mutationFn: exportSettings });
  return (
    <Section title="Another machine">
      <SettingRow
        label="Export"
        effect="Jobs, destinations and settings as a file. No secret is in it: on the other machine you sign in again."
        below={exported.error ? <FailureNote failure={failureOf(exported.error)} /> : null}
      >
        <Button variant="default" loading={exported.isPending} onClick={() => exported.mutate()}>
          Export to a file
        </Button>
      </SettingRow>
      <SettingRow
        label="Import"
        effect="Takes over such a file. What it would change is shown first."
        below={
          <>
            {file === null ? null : (
              <ImportPlan
                key={file.name + file.lastModified}
                file={file}
                onEnd={(outcome) => {
                  setFile(null);
                  setImported(outcome);
                }}
              />
            )}
            {imported === null ? null : <Imported outcome={imported} />}
          </>
        }
      >
        <FileButton
          resetRef={forgetFile}
          accept="application/json,.json"
          inputProps={{ 'aria-label': 'File to import' }}
          onChange={(chosen) => {
            setImported(null);
            setFile(chosen);
            forgetFile.current?.();
          }}
        >
          {(props) => (
            <Button variant="default" {...props}>
              Import from a file...
            </Button>
          )}
        </FileButton>
      </SettingRow>
    </Section>
  );
}

/** Hands the settings to the browser, or the app, as a file to be kept. */
async function exportSettings(): Promise<void> {
  const { text } = await client.settings.export();
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'nightjar-settings.json';
  link.click();
  URL.revokeObjectURL(url);
}

const modes = [
  { value: 'merge', label: 'Add and replace' },
  { value: 'replace', label: 'Only what is in the file' },
] as const;
type Mode = (typeof modes)[number]['value'];

interface ImportPlanProps {
  readonly file: File;
  /** Is told what was changed, or `null` where nothing was. */
  readonly onEnd: (outcome: ImportOutcome | null) => void;
}

/** What an import would change, before it does. */
function ImportPlan({ file, onEnd }: ImportPlanProps) {
  const queries = useQueryClient();
  const [mode, setMode] = useState<Mode>('merge');
  const plan = usePlan(file, mode);
  const run = useMutation({
    mutationFn: async () => client.settings.import({ text: await file.text(), name: file.name, mode, dryRun: false }),
    onSuccess: async (outcome) => {
      await queries.invalidateQueries();
      onEnd(outcome);
    },
  });
  const failed = plan.error ?? run.error;
  const changes = plan.data?.changes.filter(({ kind }) => kind !== 'same') ?? [];
  return (
    <div className={styles.plan}>
      <SegmentedControl size="xs" aria-label="How it is taken over" value={mode} data={[...modes]} onChange={setMode} />
      {failed ? <FailureNote failure={failureOf(failed)} means="Nothing was changed." /> : null}
      {plan.data === undefined ? null : (
        <>
          <Changes changes={changes} tense="would be" />
          <Notes outcome={plan.data} />
        </>
      )}
      <div className={styles.actions}>
        <Button disabled={plan.data === undefined || changes.length === 0} loading={run.isPending} onClick={() => run.mutate()}>
          {changes.length === 0 ? 'Import' : `Import ${counted(changes.length, 'change')}`}
        </Button>
        <Button variant="default" onClick={() => onEnd(null)}>
          Import nothing
        </Button>
      </div>
    </div>
  );
}

function usePlan(file: File, mode: Mode) {
  const plan = useMutation({
    mutationFn: async (asked: Mode) => client.settings.import({ text: await file.text(), name: file.name, mode: asked, dryRun: true }),
  });
  const { mutate } = plan;
  useEffect(() => mutate(mode), [mode, mutate]);
  return plan;
}

function Imported({ outcome }: { readonly outcome: ImportOutcome }) {
  return (
    <div className={styles.plan} role="status">
      <Changes changes={outcome.changes.filter(({ kind }) => kind !== 'same')} tense="is" />
      <Notes outcome={outcome} />
    </div>
  );
}

function Changes({ changes, tense }: { readonly changes: readonly SettingsChange[]; readonly tense: 'would be' | 'is' }) {
  if (changes.length === 0) return <p>Everything is as in the file already.</p>;
  return (
    <ul>
      {changes.map(({ fields, kind, name, what }) => (
        <li key={`${what} ${name}`}>
          {what === 'preferences' ? 'What holds for all jobs' : `The ${what} ${name}`} {tense} {kind}
          {fields.length === 0 ? '' : `: ${fields.join(', ')}`}
        </li>
      ))}
    </ul>
  );
}

function Notes({ outcome: { signIns, warnings } }: { readonly outcome: ImportOutcome }) {
  if (signIns.length + warnings.length === 0) return null;
  return (
    <ul className={styles.notes}>
      {warnings.map((warning) => (
        <li key={warning}>{sentence(warning)}</li>
      ))}
      {signIns.map((name) => (
        <li key={name}>Nobody has signed in to {name} here yet</li>
      ))}
    </ul>
  );
}
