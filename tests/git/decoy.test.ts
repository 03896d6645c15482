import { spawn } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { type GitScene, makeGitScene } from '../support/git-remote.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
/** Itself; what is slow on purpose, or the same many times over; and what starts no git that could look at its environment. */
const excluded = ['decoy', '*soak*', 'poisoned-items', 'retry-schedule', 'store-watcher', 'store-config-file', 'command'].map(
  (name) => `tests/git/${name}.test.ts`,
);

/** The variables of a git that has started the tests, as one that runs a hook has them (S2-73): they name another repository. */
function variablesOf({ project }: GitScene): NodeJS.ProcessEnv {
  const gitFolder = join(project, '.git');
  return {
    GIT_DIR: gitFolder,
    GIT_COMMON_DIR: gitFolder,
    GIT_WORK_TREE: project,
    GIT_INDEX_FILE: join(gitFolder, 'index'),
    GIT_OBJECT_DIRECTORY: join(gitFolder, 'objects'),
    GIT_ALTERNATE_OBJECT_DIRECTORIES: join(gitFolder, 'objects'),
    GIT_PREFIX: 'notes/',
    GIT_NAMESPACE: 'decoy',
    GIT_EXEC_PATH: '/nowhere',
    GIT_CONFIG_PARAMETERS: "'core.bare'='true'",
    GIT_CONFIG_COUNT: '2',
    GIT_CONFIG_KEY_0: 'core.worktree',
    GIT_CONFIG_VALUE_0: project,
    GIT_CONFIG_KEY_1: 'remote.origin.pushurl',
    GIT_CONFIG_VALUE_1: '/nowhere/decoy.git',
    GIT_AUTHOR_NAME: 'decoy',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_QUARANTINE_PATH: gitFolder,
  };
}

/** Every file of a folder, with its bytes and the time of its last change. */
async function bytesOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory()).map(({ name, parentPath }) => join(parentPath, name));
  const facts = files.map(async (path) => [path, `${(await stat(path)).mtimeMs} ${(await readFile(path)).toString('base64')}`]);
  return Object.fromEntries(await Promise.all(facts));
}

interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** Runs the tests of this folder with these variables. Nothing of what it says is shown. */
async function runTests(variables: NodeJS.ProcessEnv, reportPath: string) {
  // What vitest tells its workers is not for another vitest.
  const own = Object.entries(process.env).filter(([name]) => !/^(VITEST|TINYPOOL|NODE_V8_COVERAGE$)/.test(name) && name !== 'TEST');
  const args = ['run', 'tests/git', ...excluded.flatMap((path) => ['--exclude', path]), '--reporter=json', `--outputFile=${reportPath}`];
  const child = spawn(process.execPath, [vitest, ...args], {
    cwd: root,
    env: { ...Object.fromEntries(own), ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const [said, complained] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, words: `${said}${complained}` };
}

it('every test of git passes beside a repository that the environment names, and leaves it alone', { timeout: 900_000 }, async () => {
  await using decoy = await makeGitScene();
  await decoy.write({ 'notes/a.md': 'untracked', 'README.md': 'changed\n', 'staged.md': 'staged\n' });
  await decoy.git('add', 'staged.md');
  const before = await bytesOf(decoy.root);
  await using folder = await makeTempFolder();
  const reportPath = join(folder.path, 'report.json');
  const { code, words } = await runTests(variablesOf(decoy), reportPath);
  expect(await bytesOf(decoy.root)).toEqual(before);
  const { numPassedTests, testResults } = JSON.parse(await readFile(reportPath, 'utf8')) as Report;
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  expect(tests.filter(({ status }) => status !== 'passed').map(({ fullName }) => fullName)).toEqual([]);
  expect(numPassedTests).toBeGreaterThan(100);
  expect(code, words).toBe(0);
});
