import { readFileSync } from 'node:fs';

/** The version in package.json, which stands above the sources and above what is built from them. */
export const version = readVersion();

/** What manifests name as their writer. */
export const program = `nightjar ${version}`;

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
