import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('says in one sentence that it did not run where Electron is not here, and has not failed', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'run.ts')], {
    env: { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: '/nowhere' },
  });
  expect([stdout, stderr]).toEqual([
    'The tests of the app in Electron itself did not run, since the program of Electron is not here (npx install-electron fetches it).\n',
    '',
  ]);
});

it('fails with the same sentence where it was required to run', async () => {
  const run = promisify(execFile)(process.execPath, [join(import.meta.dirname, 'run.ts'), '--required'], {
    env: { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: '/nowhere' },
  });
  await expect(run).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining('did not run, since') });
});
