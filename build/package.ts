import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { signingArguments } from './signing.ts';

// Nothing is published from here: a release is drafted by its workflow, with checksums.
const program = fileURLToPath(new URL('../node_modules/electron-builder/cli.js', import.meta.url));
const signing = signingArguments(process.platform, process.env);
const args = ['--config', 'build/electron-builder.yml', '--publish', 'never', ...signing, ...process.argv.slice(2)];
const root = fileURLToPath(new URL('..', import.meta.url));
process.exitCode = spawnSync(process.execPath, [program, ...args], { cwd: root, stdio: 'inherit' }).status ?? 1;
