import { TextInput } from '@mantine/core';
import styles from './rules-form.module.css';

interface NumberFieldProps {
  readonly label: string;
  /** What is counted; part of what is read out. */
  readonly unit: string;
  readonly value: number;
  readonly onChange: (value: number) => void;
  readonly error?: string | undefined;
  readonly disabled?: boolean;
}

/** A number with its unit; an empty one is `NaN`. */
export function NumberField({ disabled = false, error, label, onChange, unit, value }: NumberFieldProps) {
  return (
    <TextInput
      type="number"
      label={
        <>
          {label} <span className={styles.unit}>({unit})</span>
        </>
      }
      value={Number.isNaN(value) ? '' : value}
      error={error}
      disabled={disabled}
      step="any"
      onChange={(event) => onChange(event.currentTarget.valueAsNumber)}
    />
  );
}
