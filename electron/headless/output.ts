import { styleText } from 'node:util';
import Table from 'cli-table3';
import type { ErrorFacts } from '../domain/errors.ts';

type Style = Parameters<typeof styleText>[0];

/** What a command says: text for people, or exactly one JSON document for programs. */
export interface Output {
  readonly json: boolean;
  /** A line on stdout for people; nothing with `--json`. */
  line(text?: string): void;
  /** Rows under a heading on stdout for people; nothing with `--json` or without rows. */
  table(heading: readonly string[], rows: readonly (readonly string[])[]): void;
  /** The one document on stdout; nothing without `--json`. */
  document(value: unknown): void;
  /** A message on stderr, in both. */
  note(text: string): void;
  failure(error: ErrorFacts): void;
  /** Colours the text where stdout is a terminal that shows them. */
  style(style: Style, text: string): string;
}

export interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

export function openOutput(json: boolean, { stdout, stderr }: Streams): Output {
  const style = (as: Style, text: string) => styleText(as, text, { stream: stdout });
  return {
    json,
    style,
    line: (text = '') => {
      if (!json) stdout.write(`${text}\n`);
    },
    table: (heading, rows) => {
      if (json || rows.length === 0) return;
      const table = new Table({
        head: heading.map((cell) => style('bold', cell)),
        style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 },
        chars: noBorders,
      });
      table.push(...rows.map((row) => [...row]));
      stdout.write(`${table.toString().replaceAll(/ +$/gm, '')}\n`);
    },
    document: (value) => {
      if (json) stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    },
    note: (text) => void stderr.write(`${text}\n`),
    failure: ({ code, message, hint }) => {
      if (json) stdout.write(`${JSON.stringify({ error: { code, message, hint: hint ?? null } }, null, 2)}\n`);
      else stderr.write(`${styleText('red', 'nightjar:', { stream: stderr })} ${message}${hint === undefined ? '' : `\n  ${hint}`}\n`);
    },
  };
}

const noBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};
