import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Tells what happens: sections, facts, proofs, tables. Colours only on a terminal. */
export interface Narrator {
  section(title: string): void;
  line(text?: string): void;
  /** A command as a person would type it. */
  command(text: string): void;
  /** A proof, and whether it holds; one that does not makes the demo fail. */
  proof(what: string, holds: boolean): void;
  /** The first column to the left, the others to the right. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): void;
  /** The proofs that did not hold. */
  readonly failures: readonly string[];
}

/** Narrates to a stream. */
export function openNarrator(stream: NodeJS.WriteStream): Narrator {
  const style = (format: Style, text: string) => (stream.isTTY ? styleText(format, text, { stream }) : text);
  const line = (text = '') => void stream.write(`${text}\n`);
  const failures: string[] = [];
  let sections = 0;
  return {
    failures,
    line: (text) => line(text === undefined ? '' : `  ${text}`),
    section: (title) => line(`\n${style('bold', `${++sections}. ${title}`)}`),
    command: (text) => line(`  ${style('dim', '$')} ${style('cyan', text)}`),
    proof: (what, holds) => {
      if (!holds) failures.push(what);
      line(`  ${holds ? style('green', '✓') : style('red', '✗ NOT SO:')} ${what}`);
    },
    table: (head, rows) => {
      const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
      const align = (row: readonly string[]) =>
        row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ');
      line(`  ${style('dim', align(head))}`);
      for (const row of rows) line(`  ${align(row)}`);
    },
  };
}
