import { TextInput, VisuallyHidden } from '@mantine/core';
import { type KeyboardEvent, type ReactNode, useId, useState } from 'react';
import { failureOf } from '../../failure.ts';
import { SettingRow } from './setting-row.tsx';
import type { Typed } from './setting-text.ts';

interface SettingFieldProps<T> {
  readonly label: string;
  readonly effect: ReactNode;
  /** The setting as it is, in the words in which it is typed. */
  readonly text: string;
  readonly read: (text: string) => Typed<T>;
  /** Rejects where the engine refuses it; then the setting is as before. */
  readonly save: (value: T) => Promise<unknown>;
  readonly placeholder?: string;
  /** For what is long. */
  readonly isWide?: boolean;
}

/** A setting that is typed: Enter or leaving the field keeps it, Escape takes it back; what was changed elsewhere meanwhile is replaced only by Enter. What cannot be kept says why, and stays in the field. */
export function SettingField<T>({ effect, isWide = false, label, placeholder, read, save, text }: SettingFieldProps<T>) {
  const id = useId();
  const { change, draft, keep, problem, saved, takeBack } = useDraft(text, read, save);
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter') void keep(true);
    if (event.key === 'Escape') takeBack();
  };
  const field = (
    <>
      <TextInput
        id={id}
        w={isWide ? '100%' : 200}
        value={draft?.typed ?? text}
        placeholder={placeholder ?? ''}
        error={problem}
        aria-describedby={problem === null ? `${id}-effect` : `${id}-effect ${id}-error`}
        onChange={({ currentTarget }) => change(currentTarget.value)}
        onBlur={() => void keep(false)}
        onKeyDown={onKey}
      />
      <VisuallyHidden role="status">{saved ? `${label} is kept` : ''}</VisuallyHidden>
    </>
  );
  return (
    <SettingRow label={label} controlId={id} effect={effect} below={isWide ? field : null}>
      {isWide ? undefined : field}
    </SettingRow>
  );
}

interface Draft {
  readonly typed: string;
  /** The setting as it was when somebody began to type. */
  readonly over: string;
}

/** What is being typed, until it is kept or taken back. */
function useDraft<T>(text: string, read: (text: string) => Typed<T>, save: (value: T) => Promise<unknown>) {
  const [draft, setDraft] = useState<Draft | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [saved, setSaved] = useState(false);
  const takeBack = () => {
    setDraft(null);
    setProblem(null);
  };
  const keep = async (isAsked: boolean) => {
    if (draft === null || draft.typed === text) return takeBack();
    if (!isAsked && draft.over !== text)
      return setProblem(`It was changed to ${text || 'nothing'} meanwhile: Enter keeps yours, Escape that`);
    const typed = read(draft.typed);
    if ('problem' in typed) return setProblem(typed.problem);
    try {
      await save(typed.value);
      takeBack();
      setSaved(true);
    } catch (error) {
      const { hint, message } = failureOf(error);
      setProblem(hint === null ? message : `${message}. ${hint}`);
    }
  };
  const change = (next: string) => {
    setDraft({ typed: next, over: draft?.over ?? text });
    setProblem(null);
    setSaved(false);
  };
  return { change, draft, keep, problem, saved, takeBack };
}
