/** A kept log of one run, as the folder shows it. */
export interface RunLogFile {
  readonly name: string;
  readonly bytes: number;
  /** When something was last written to it. */
  readonly changedAtMs: number;
}

export interface RunLogLimits {
  readonly files: number;
  readonly bytes: number;
}

/** The logs of the newest 200 runs, and never more than 50 MB of them. */
export const runLogLimits: RunLogLimits = { files: 200, bytes: 50_000_000 };

/** The names of the logs that are to go, oldest last: what is beyond either limit when the newest are kept. The newest always stays. */
export function planRunLogs(files: readonly RunLogFile[], limits: RunLogLimits): string[] {
  const newestFirst = files.toSorted((a, b) => b.changedAtMs - a.changedAtMs || b.name.localeCompare(a.name));
  let bytes = 0;
  const kept = newestFirst.findIndex((file, index) => {
    bytes += file.bytes;
    return index > 0 && (index >= limits.files || bytes > limits.bytes);
  });
  return kept < 0 ? [] : newestFirst.slice(kept).map(({ name }) => name);
}
