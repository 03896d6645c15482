import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findElectron } from '../../build/electron-program.ts';
import { obstacleOf } from '../../build/start-plan.ts';
import { buildApp, projectFolder } from '../support/built-app.ts';
import { setup as buildPage } from '../support/built-page.ts';

// `npm run test:electron`: the built app in Electron itself. Where that cannot be, one sentence says so, and nothing has failed; with
// `-- --required` that is a failure.
const program = findElectron(dirname(fileURLToPath(import.meta.resolve('electron/package.json'))), process.env);
const obstacle =
  program.state === 'present'
    ? obstacleOf({ platform: process.platform, environment: process.env, userId: process.getuid?.() ?? null })
    : 'the program of Electron is not here (npx install-electron fetches it)';

if (program.state !== 'present' || obstacle !== null) {
  process.stdout.write(`The tests of the app in Electron itself did not run, since ${obstacle}.\n`);
  if (process.argv.includes('--required')) process.exitCode = 1;
} else {
  await buildPage();
  await buildApp();
  const playwright = join(projectFolder, 'node_modules/@playwright/test/cli.js');
  const child = spawn(process.execPath, [playwright, 'test', '--config', 'tests/electron/playwright.config.ts'], {
    cwd: projectFolder,
    env: { ...process.env, NIGHTJAR_ELECTRON: program.path },
    stdio: 'inherit',
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
}
