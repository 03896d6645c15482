/** Tells how far the bench is, apart from its results. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
