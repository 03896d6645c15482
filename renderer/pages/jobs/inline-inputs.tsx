import type { ComponentProps, ReactNode } from 'react';
import styles from './inline-inputs.module.css';

interface InlineProps {
  /** What it is, for who hears instead of sees. */
  readonly label: string;
  readonly isInvalid?: boolean;
}

interface ValueProps<T> {
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** A number in a sentence; an empty one is `NaN`. */
export function InlineNumber({ onChange, value, ...of }: InlineProps & ValueProps<number>) {
  return (
    <InlineInput
      {...of}
      type="number"
      min={0}
      value={Number.isNaN(value) ? '' : value}
      onChange={(event) => onChange(event.currentTarget.valueAsNumber)}
    />
  );
}

/** A time of day in a sentence, such as `03:17`; an unfinished one is empty. */
export function InlineTime({ onChange, value, ...of }: InlineProps & ValueProps<string>) {
  return <InlineInput {...of} type="time" defaultValue={value} onChange={(event) => onChange(event.currentTarget.value)} />;
}

/** A text in a sentence, as wide as it is. */
export function InlineText({ onChange, value, ...of }: InlineProps & ValueProps<string>) {
  return (
    <InlineInput
      {...of}
      size={Math.max(6, value.length + 1)}
      value={value}
      spellCheck={false}
      autoCapitalize="off"
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function InlineInput({ isInvalid = false, label, ...input }: InlineProps & ComponentProps<'input'>) {
  return <input className={styles.input} aria-label={label} aria-invalid={isInvalid} {...input} />;
}

/** One of several in a sentence. */
export function InlineSelect<T extends string>({
  isInvalid = false,
  label,
  onChange,
  options,
  value,
}: InlineProps & {
  readonly value: T;
  readonly options: readonly (readonly [value: T, text: string])[];
  readonly onChange: (value: T) => void;
}) {
  return (
    <select
      className={styles.input}
      aria-label={label}
      aria-invalid={isInvalid}
      value={value}
      onChange={({ currentTarget }) => {
        const [chosen] = options.find(([each]) => each === currentTarget.value) ?? [];
        if (chosen !== undefined) onChange(chosen);
      }}
    >
      {options.map(([each, text]) => (
        <option key={each} value={each}>
          {text}
        </option>
      ))}
    </select>
  );
}

/** A word in a sentence that opens what it is chosen in. */
export function InlineToggle({
  children,
  isInvalid = false,
  isOpen,
  label,
  onToggle,
}: InlineProps & { readonly isOpen: boolean; readonly onToggle: () => void; readonly children: ReactNode }) {
  return (
    <button
      type="button"
      className={styles.input}
      aria-label={label}
      aria-expanded={isOpen}
      data-invalid={isInvalid || undefined}
      onClick={onToggle}
    >
      {children}
    </button>
  );
}
