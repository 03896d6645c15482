import { Button, Combobox, TextInput, useCombobox, VisuallyHidden } from '@mantine/core';
import { IconDatabase, IconFile, IconFolder } from '@tabler/icons-react';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { PathWant } from '../../electron/domain/desktop.ts';
import type { PathSuggestion } from '../../electron/domain/found-sources.ts';
import { counted } from '../../electron/domain/units.ts';
import { client, engine, isInApp } from '../client.ts';
import { failureOf } from '../failure.ts';
import { isWholePath, nameOfPath, withHome } from '../path-text.ts';
import styles from './path-field.module.css';

interface PathFieldProps {
  readonly label: string;
  readonly value: string;
  /** Is told every change; `~` has become the person's own folder. */
  readonly onChange: (path: string) => void;
  readonly want: PathWant;
  /** What the native dialog is called: the label where nothing else is given. */
  readonly title?: string;
  readonly description?: string;
  /** What is wrong with the path, from whoever has asked the engine about it. */
  readonly error?: string | null | undefined;
  /** Where the native dialog begins while the field is empty. */
  readonly start?: string;
  readonly placeholder?: string;
  readonly required?: boolean;
  /** Is told when the person has left the field. */
  readonly onLeave?: () => void;
}

/**
 * A path on the engine's machine: typed with completion, or chosen in the system's own dialog where there is one. A folder that is taken
 * from the list goes on with what is in it.
 */
export function PathField(props: PathFieldProps) {
  const { description, error, label, onChange, onLeave, placeholder = '/', required = false, value, want } = props;
  const field = useRef<HTMLInputElement>(null);
  const { combobox, failure, isTouched, leave, suggestions, touch } = useCompletion(value, want, onChange);
  const complaint = error ?? failure ?? (isTouched && value !== '' && !isWholePath(value) ? 'Write the whole path, from / or ~ on' : null);

  const take = (path: string) => {
    const found = suggestions.find((suggestion) => suggestion.path === path);
    touch(found?.isFolder ? withSeparator(path) : path);
    if (!found?.isFolder) combobox.closeDropdown();
    field.current?.focus();
  };
  const takeByTab = (event: React.KeyboardEvent) => {
    if (event.key !== 'Tab' || event.shiftKey || !combobox.dropdownOpened || combobox.getSelectedOptionIndex() === -1) return;
    event.preventDefault();
    combobox.clickSelectedOption();
  };

  return (
    <Combobox store={combobox} onOptionSubmit={take} withinPortal={false} size="sm">
      <Combobox.Target withExpandedAttribute>
        <TextInput
          ref={field}
          label={label}
          description={description}
          error={complaint}
          required={required}
          withAsterisk={false}
          placeholder={placeholder}
          value={value}
          onChange={(event) => touch(event.currentTarget.value)}
          onBlur={() => {
            leave();
            onLeave?.();
          }}
          onKeyDown={takeByTab}
          autoCapitalize="off"
          autoCorrect="off"
          spellCheck={false}
          classNames={{ input: styles.input ?? '' }}
          {...(isInApp ? { rightSection: <ChooseButton {...props} />, rightSectionWidth: 92 } : {})}
        />
      </Combobox.Target>
      <VisuallyHidden aria-live="polite">
        {combobox.dropdownOpened && suggestions.length > 0 ? `${counted(suggestions.length, 'way')} to go on, with the arrow keys` : ''}
      </VisuallyHidden>
      <Combobox.Dropdown hidden={suggestions.length === 0}>
        <Combobox.Options className={styles.options} aria-label={`${label}: how it may go on`}>
          {suggestions.map((suggestion) => (
            <Suggestion key={suggestion.path} suggestion={suggestion} />
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

/** What the list is made of: it is asked for anew with every letter, while the person is in the field. */
function useCompletion(value: string, want: PathWant, onChange: (path: string) => void) {
  const combobox = useCombobox();
  const [isTyping, setTyping] = useState(false);
  const [isTouched, setTouched] = useState(false);
  const asked = { text: value, want: want === 'folder' ? ('folder' as const) : ('file' as const) };
  const { data, error } = useQuery({
    ...engine.sources.complete.queryOptions({ input: asked }),
    enabled: isTyping && (value === '' || isWholePath(value)),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  const { data: home } = useQuery({ ...engine.desktop.info.queryOptions(), select: ({ homeFolder }) => homeFolder });
  const suggestions = isTyping && data !== undefined ? data.filter(({ path }) => path !== value && path !== withSeparator(value)) : [];

  useEffect(() => {
    const path = home === undefined ? value : withHome(value, home);
    if (path !== value) onChange(path);
  }, [home, value, onChange]);

  return {
    combobox,
    suggestions,
    isTouched: isTouched && !isTyping,
    failure: isTyping && error !== null ? failureOf(error).message : null,
    touch: (path: string) => {
      onChange(path);
      setTyping(true);
      setTouched(true);
      combobox.openDropdown();
      combobox.resetSelectedOption();
    },
    leave: () => {
      setTyping(false);
      combobox.closeDropdown();
    },
  };
}

/** Only what follows the last separator: the rest stands in the field already. */
function Suggestion({ suggestion: { isFolder, path } }: { readonly suggestion: PathSuggestion }) {
  const Icon = iconOf(path, isFolder);
  return (
    <Combobox.Option value={path} className={styles.option}>
      <Icon size={15} stroke={1.6} aria-hidden />
      <span className={styles.name}>{nameOfPath(path)}</span>
      {isFolder ? <VisuallyHidden>, a folder</VisuallyHidden> : null}
    </Combobox.Option>
  );
}

function iconOf(path: string, isFolder: boolean) {
  if (isFolder) return IconFolder;
  return /\.(db|sqlite3?)$/i.test(path) ? IconDatabase : IconFile;
}

function ChooseButton({ label, onChange, start, title = label, value, want }: PathFieldProps) {
  const from = isWholePath(value) ? value : start;
  const choose = useMutation({
    mutationFn: () => client.desktop.choosePath({ want, title, ...(from === undefined ? {} : { start: from }) }),
    onSuccess: ({ path }) => path !== null && onChange(path),
  });
  return (
    <Button variant="subtle" size="compact-xs" loading={choose.isPending} onClick={() => choose.mutate()} aria-label={`Choose ${label}`}>
      Choose…
    </Button>
  );
}

function withSeparator(path: string): string {
  const separator = path.includes('\\') ? '\\' : '/';
  return path.endsWith(separator) ? path : `${path}${separator}`;
}
