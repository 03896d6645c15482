import { readFileSync } from 'node:fs';

/** The version of the checkout, by which its programs know each other. */
export const version = (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;
