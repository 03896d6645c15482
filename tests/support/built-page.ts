import { existsSync, globSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = `${root}out/renderer/index.html`;
const sources = ['renderer/**/*.*', 'electron/{domain,api}/**/*.ts', 'vite.config.ts', 'package-lock.json'];

/** Builds the window's page for every test that opens it, where a source is newer than what was built. */
export async function setup(): Promise<void> {
  const newest = Math.max(...globSync(sources, { cwd: root }).map((path) => statSync(`${root}${path}`).mtimeMs));
  if (existsSync(page) && statSync(page).mtimeMs > newest) return;
  // The runner says `test`, and the packages of the page would be built with everything that helps a developer.
  const { NODE_ENV } = process.env;
  process.env.NODE_ENV = 'production';
  await build({ configFile: `${root}vite.config.ts`, logLevel: 'warn' });
  if (NODE_ENV !== undefined) process.env.NODE_ENV = NODE_ENV;
}
