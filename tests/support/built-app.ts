import { execFile } from 'node:child_process';
import { existsSync, globSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { lock } from 'proper-lockfile';

/** The project's folder. */
export const projectFolder = fileURLToPath(new URL('../../', import.meta.url));

const sources = ['electron/**/*.ts', 'build/icons/{tray,app}/*', 'electron.vite.config.ts', 'package-lock.json'];

/**
 * Builds the app for a test that looks at it, as `npm run build` does, where a source is newer than what was built. Gives the folder, with
 * `main`, `preload` and `icons`, and the page of `built-page.ts` in `renderer`. Whoever else wants it waits.
 */
export async function buildApp(): Promise<string> {
  const folder = join(projectFolder, 'out');
  mkdirSync(folder, { recursive: true });
  const release = await lock(folder, {
    lockfilePath: join(folder, '.lock'),
    stale: 60_000,
    retries: { forever: true, minTimeout: 100, maxTimeout: 500 },
  });
  try {
    if (isStale(join(folder, 'main/index.js'))) await build();
  } finally {
    await release();
  }
  return folder;
}

function isStale(built: string): boolean {
  if (!existsSync(built)) return true;
  const builtMs = statSync(built).mtimeMs;
  return globSync(sources, { cwd: projectFolder }).some((path) => statSync(join(projectFolder, path)).mtimeMs > builtMs);
}

async function build(): Promise<void> {
  const program = join(projectFolder, 'node_modules/electron-vite/bin/electron-vite.js');
  const args = ['build', '--config', 'tests/support/built-app.config.ts', '--logLevel', 'warn'];
  // A test's NODE_ENV would make other files of it.
  await promisify(execFile)(process.execPath, [program, ...args], { cwd: projectFolder, env: { ...process.env, NODE_ENV: 'production' } });
}
