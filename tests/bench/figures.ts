/** Megabytes, with a decimal where there are few. */
export function megabytes(bytes: number | null): string {
  if (bytes === null) return '';
  return `${(bytes / 1e6).toFixed(bytes < 99.5e6 ? 1 : 0)} MB`;
}

export function seconds(ms: number | null): string {
  return ms === null ? '' : `${(ms / 1000).toFixed(1)} s`;
}

export function times(value: number | null): string {
  return value === null ? '' : value.toFixed(value < 0.095 ? 3 : 2);
}
