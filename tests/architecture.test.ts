import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, matchesGlob, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeTempFolder } from './support/temp-folder.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const rule = {
  domain: 'domain is pure: it imports only domain, zod, croner, pretty-bytes and pretty-ms',
  engine: 'engine imports only domain, Node and packages',
  api: 'api imports only domain and engine',
  contract: 'the contract is pure: it imports only domain, zod and @orpc/contract',
  shell: 'shell imports only domain, engine, api and Electron',
  headless: 'headless imports only domain, engine and api',
  renderer: 'renderer imports only domain and api/contract.ts',
  electron: 'only the shell imports Electron',
  path: 'write the shortest path: it goes up only at its beginning',
  type: 'import the type with an import declaration at the top of the file',
  time: 'time is injected: use the Clock port',
  chance: 'chance is injected: use the Ids port',
  timeout: 'Do not use the global variable setTimeout.',
  interval: 'Do not use the global variable setInterval.',
  immediate: 'Do not use the global variable setImmediate.',
} as const;

type Plant = readonly [file: string, broken: string | null, statements: readonly string[]];

function imports(paths: string): readonly string[] {
  return paths.split(' ').map((path) => `import '${path}';`);
}

/** Statements to stand in a file, and the rule that each of them breaks; `null` where they are allowed. */
const plants: readonly Plant[] = [
  ['electron/domain/planted.ts', null, imports('./model.ts ./parts/model.ts zod croner pretty-bytes pretty-ms')],
  [
    'electron/domain/planted.ts',
    rule.domain,
    [
      ...imports(
        'node:fs node:fs/promises electron better-sqlite3 conf ../engine/engine.ts ../api/contract.ts ../shell/boot.ts ../headless/cli.ts ../main.ts ../../renderer/app.tsx',
      ),
      "import type { Engine } from '../engine/engine.ts';",
      "export { openEngine } from '../engine/engine.ts';",
      "export * from '../engine/engine.ts';",
      "void import('../engine/engine.ts');",
    ],
  ],
  ['electron/engine/planted.ts', null, imports('./ports.ts ./catalog/catalog.ts ../domain/model.ts node:fs better-sqlite3')],
  ['electron/engine/planted.ts', rule.engine, imports('../api/router.ts ../shell/boot.ts ../headless/cli.ts ../main.ts')],
  ['electron/engine/catalog/planted.ts', null, imports('../ports.ts ../../domain/model.ts ../api-limits.ts')],
  [
    'electron/engine/catalog/planted.ts',
    rule.engine,
    [
      ...imports(
        '../../api/contract.ts ../../shell/boot.ts ../../headless/commands/backup.ts ../../preload.ts ../../../renderer/app.tsx electron electron/main electron-store',
      ),
      "import type { App } from 'electron';",
      "void import('../../headless/cli.ts');",
    ],
  ],
  ['electron/api/router.ts', null, imports('./contract.ts ../engine/engine.ts ../domain/model.ts node:net')],
  [
    'electron/api/router.ts',
    rule.api,
    imports('../shell/boot.ts ../headless/cli.ts ../main.ts ../../renderer/app.tsx electron electron/main electron-store'),
  ],
  ['electron/api/contract.ts', null, imports('../domain/model.ts zod @orpc/contract')],
  ['electron/api/contract.ts', rule.contract, imports('./router.ts ../engine/ports.ts node:net electron better-sqlite3 @orpc/server')],
  [
    'electron/shell/planted.ts',
    null,
    imports('./boot.ts ../domain/model.ts ../engine/engine.ts ../api/router.ts electron electron/main electron-store node:path'),
  ],
  ['electron/shell/planted.ts', rule.shell, imports('../headless/cli.ts ../../renderer/app.tsx')],
  ['electron/main.ts', null, imports('./shell/boot.ts electron')],
  ['electron/main.ts', rule.shell, imports('./headless/cli.ts ../renderer/app.tsx')],
  ['electron/preload.ts', null, imports('./api/contract.ts electron')],
  ['electron/preload.ts', rule.shell, ["import './headless/cli.ts';"]],
  [
    'electron/headless/commands/planted.ts',
    null,
    imports('../cli.ts ../../domain/model.ts ../../engine/engine.ts ../../api/router.ts node:fs'),
  ],
  [
    'electron/headless/commands/planted.ts',
    rule.headless,
    imports('../../shell/boot.ts ../../main.ts ../../../renderer/app.tsx electron electron/main electron-store'),
  ],
  ['renderer/pages/planted.tsx', null, imports('../app.tsx ../../electron/domain/model.ts ../../electron/api/contract.ts zod')],
  [
    'renderer/pages/planted.tsx',
    rule.renderer,
    imports(
      '../../electron/api/router.ts ../../electron/engine/ports.ts ../../electron/shell/boot.ts ../../electron/headless/cli.ts ../../electron/preload.ts node:fs node:fs/promises better-sqlite3 electron electron/main electron-store',
    ),
  ],
  ['tests/planted.test.ts', null, imports('../electron/domain/model.ts ../electron/shell/boot.ts ../renderer/app.tsx')],
  ['tests/planted.test.ts', rule.electron, imports('electron electron/main electron-store')],
  [
    'electron/domain/spelled.ts',
    rule.path,
    [...imports('./../engine/engine.ts ./parts/../../engine/engine.ts'), "export * from './../engine/ports.ts';"],
  ],
  ['electron/domain/spelled.ts', rule.type, ["type A = import('../engine/engine.ts').Engine;", "type B = typeof import('electron');"]],
  [
    'electron/engine/operations/timed.ts',
    null,
    [
      'new Date(0);',
      "new Date('2026-11-22');",
      'Date.parse(text);',
      'clock.now();',
      'clearTimeout(timer);',
      "import { createHash } from 'node:crypto';",
    ],
  ],
  [
    'electron/engine/operations/timed.ts',
    rule.time,
    [
      'Date.now();',
      'const now = Date.now;',
      'new Date();',
      'new Date;',
      'Date();',
      'new globalThis.Date();',
      'performance.now();',
      'process.hrtime.bigint();',
      'AbortSignal.timeout(1);',
      'Temporal.Now.instant();',
      'globalThis.setTimeout(act, 1);',
      'globalThis.setInterval(act, 1);',
      'globalThis.setImmediate(act);',
      "import 'node:timers';",
      "import { setTimeout as wait } from 'node:timers/promises';",
      "void import('node:timers');",
      "void import('node:timers/promises');",
    ],
  ],
  ['electron/engine/operations/timed.ts', rule.timeout, ['setTimeout(act, 1);']],
  ['electron/engine/operations/timed.ts', rule.interval, ['setInterval(act, 1);']],
  ['electron/engine/operations/timed.ts', rule.immediate, ['setImmediate(act);']],
  [
    'electron/engine/operations/timed.ts',
    rule.chance,
    [
      'Math.random();',
      'crypto.randomUUID();',
      'crypto.randomBytes(8);',
      'crypto.randomInt(8);',
      'crypto.getRandomValues(block);',
      "import { randomUUID } from 'node:crypto';",
      "import { randomBytes as bytes } from 'node:crypto';",
    ],
  ],
  ['renderer/pages/timed.tsx', rule.time, ['Date.now();', 'new Date();']],
  ['renderer/pages/timed.tsx', rule.timeout, ['setTimeout(act, 1);']],
  ['renderer/pages/timed.tsx', rule.chance, ['Math.random();']],
  ['electron/engine/platform/clock.ts', null, ['Date.now();', 'setInterval(act, 1);', "import 'node:timers/promises';"]],
  ['electron/engine/platform/clock.ts', rule.engine, ["import '../../headless/cli.ts';"]],
  ['electron/engine/platform/ids.ts', null, ["import { randomBytes } from 'node:crypto';", 'Math.random();']],
  ['tests/timed.test.ts', null, ['Date.now();', 'new Date();', 'setTimeout(act, 1);', 'Math.random();']],
];

/** The findings of `biome lint` on `path` in `folder`. */
async function lint(folder: string, path: string): Promise<readonly Finding[]> {
  const command = [join(root, 'node_modules/@biomejs/biome/bin/biome'), 'lint', '--reporter=json', '--max-diagnostics=none', path];
  const output = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, command, { cwd: folder, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (stdout === '') reject(new Error(`biome said nothing: ${stderr}`, { cause: error }));
      else resolve(stdout);
    });
  });
  return (JSON.parse(output) as { diagnostics: Finding[] }).diagnostics;
}

interface Finding {
  readonly severity: string;
  readonly category: string;
  readonly message: string;
  readonly location: { readonly path: string; readonly start: { readonly line: number } };
}

interface Override {
  readonly includes: readonly string[];
  readonly linter?: {
    readonly rules: {
      readonly style?: { readonly noRestrictedImports?: { readonly options: { readonly patterns: readonly { message: string }[] } } };
    };
  };
}

/** The layer table as it stands in biome.json: which files a row is for, and what it says about an import that breaks it. */
async function readLayers(): Promise<readonly { readonly includes: readonly string[]; readonly message: string }[]> {
  const { overrides } = JSON.parse(await readFile(join(root, 'biome.json'), 'utf8')) as { overrides: readonly Override[] };
  return overrides.flatMap(({ includes, linter }) =>
    (linter?.rules.style?.noRestrictedImports?.options.patterns ?? []).map(({ message }) => ({ includes, message })),
  );
}

/** Lints the plants in a folder of their own, beside a copy of the configuration; the sources stay untouched. */
async function lintPlants(): Promise<readonly Finding[]> {
  await using folder = await makeTempFolder();
  for (const name of ['biome.json', 'package.json', 'build/lint']) await cp(join(root, name), join(folder.path, name), { recursive: true });
  for (const [file, lines] of linesByFile()) {
    await mkdir(dirname(join(folder.path, file)), { recursive: true });
    await writeFile(join(folder.path, file), `${lines.join('\n')}\n`);
  }
  return await lint(folder.path, '.');
}

function linesByFile(): Map<string, readonly string[]> {
  const groups = Map.groupBy(plants, ([file]) => file);
  return new Map([...groups].map(([file, group]) => [file, group.flatMap(([, , statements]) => statements)]));
}

describe('the layer table', () => {
  const findings: Finding[] = [];
  beforeAll(async () => {
    findings.push(...(await lintPlants()));
  });

  const judged = ['lint/style/noRestrictedImports', 'lint/style/noRestrictedGlobals', 'plugin'];
  const messagesAt = (file: string, statement: string) => {
    const line = 1 + (linesByFile().get(file) ?? []).indexOf(statement);
    const here = findings.filter(
      ({ category, location }) => judged.includes(category) && location.path === file && location.start.line === line,
    );
    return here.map(({ severity, message }) => `${severity}: ${message}`);
  };
  const verdicts = ([file, , statements]: Plant) => statements.map((statement) => [statement, messagesAt(file, statement)]);

  it.each(plants.filter(([, broken]) => broken !== null))('in %s: %s', (...plant) => {
    const [, broken, statements] = plant;
    expect(verdicts(plant)).toEqual(statements.map((statement) => [statement, [`error: ${broken}`]]));
  });

  it.each(plants.filter(([, broken]) => broken === null))('lets %s do what it may', (...plant) => {
    expect(verdicts(plant)).toEqual(plant[2].map((statement) => [statement, []]));
  });

  it('has a plant for every row', async () => {
    const planted = new Set(plants.map(([, broken]) => broken));
    expect((await readLayers()).filter(({ message }) => !planted.has(message))).toEqual([]);
  });
});

describe('the sources', () => {
  it('stand in a layer each', async () => {
    const rows = await readLayers();
    const files: string[] = [];
    for (const folder of ['electron', 'renderer']) {
      const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(() => []);
      files.push(
        ...entries
          .filter((entry) => entry.isFile())
          .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/')),
      );
    }
    expect(files.filter((file) => !rows.some(({ includes }) => includes.some((glob) => matchesGlob(file, glob))))).toEqual([]);
  });

  it('break no rule', async () => {
    // A plugin that cannot be run says so in an information only.
    const findings = (await lint(root, 'electron')).filter(({ severity, category }) => severity !== 'info' || category === 'plugin');
    expect(findings.map(({ location, category, message }) => `${location.path}:${location.start.line} ${category}: ${message}`)).toEqual(
      [],
    );
  });
});
