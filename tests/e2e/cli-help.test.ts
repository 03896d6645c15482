import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from 'vitest';
import { type CliSandbox, launcherPath, onlyDocument, openSandbox } from '../support/cli.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };

interface Help {
  readonly command: string;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The help of a command and of everything below it. */
async function walkHelp(box: CliSandbox, path: readonly string[] = []): Promise<Help[]> {
  const { code, stdout, stderr } = await box.run([...path, '--help']);
  const listed = /^Commands:\n((?: .*\n)+)/m.exec(stdout)?.[1] ?? '';
  const names = [...listed.matchAll(/^ {2}(\S+)/gm)].map(([, name = '']) => name).filter((name) => name !== 'help');
  const below = await Promise.all(names.map((name) => walkHelp(box, [...path, name])));
  return [{ command: ['nightjar', ...path].join(' '), code, stdout, stderr }, ...below.flat()];
}

describe('help', () => {
  let helps: Help[] = [];

  beforeAll(async () => {
    await using box = await openSandbox();
    helps = await walkHelp(box);
    expect(existsSync(box.home)).toBe(false);
  });

  it('covers every command, on stdout, within 80 columns', () => {
    expect(helps.map(({ command }) => command).toSorted()).toEqual(
      [
        '',
        ' backup',
        ' cancel',
        ' destination',
        ' destination add',
        ' destination add drive',
        ' destination add folder',
        ...['list', 'remove', 'set', 'show', 'sign-in', 'test'].map((name) => ` destination ${name}`),
        ' doctor',
        ' drill',
        ' forget',
        ' git',
        ...['enqueue', 'log', 'status'].map((name) => ` git ${name}`),
        ' history',
        ' job',
        ...['acknowledge', 'add', 'adopt', 'import', 'list', 'pause', 'remove', 'resume', 'set', 'show', 'skip-next', 'slots'].map(
          (name) => ` job ${name}`,
        ),
        ...[
          ' logs',
          ' note',
          ' pin',
          ' restore',
          ' retain',
          ' send',
          ' serve',
          ' settings',
          ' settings export',
          ' settings import',
          ' settings list',
          ' settings on-failure',
          ' settings set',
          ' snapshots',
          ' status',
          ' unpin',
          ' verify',
        ],
      ]
        .map((name) => `nightjar${name}`)
        .toSorted(),
    );
    expect(helps.filter(({ code, stderr }) => code !== 0 || stderr !== '')).toEqual([]);
    expect(
      helps.flatMap(({ stdout }) => stdout.split('\n').filter((line) => line.length > 80 && !line.includes('nightjar job add'))),
    ).toEqual([]);
  });

  it('has an example for every command and group', () => {
    const without = helps.filter(({ command, stdout }) => !new RegExp(`^  ${command}( |$)`, 'm').test(stdout));
    expect(without.map(({ command }) => command)).toEqual([]);
  });

  it('tells the version', async () => {
    await using box = await openSandbox();
    expect(await box.run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('a command line that cannot be read', () => {
  const cases: [string, string[], RegExp][] = [
    ['an unknown command', ['bakcup'], /unknown command 'bakcup'.*Did you mean backup\?/],
    ['an unknown command of a group', ['job', 'ad'], /unknown command 'ad'.*Did you mean add\?/],
    ['an unknown option', ['status', '--jsno'], /unknown option '--jsno'/],
    ['an option without its value', ['backup', '--sqlite'], /--sqlite <file>.*argument missing/],
    ['an argument that is missing', ['destination', 'add', 'folder', 'usb'], /missing required argument 'path'/],
    ['an argument too many', ['backup', 'a', 'b'], /too many arguments/],
    ['an unknown kind of destination', ['destination', 'add', 'cloud', 'x'], /unknown command 'cloud'/],
  ];

  it.each(cases)('%s: exit code 2, one sentence, and one document with --json', async (_, args, message) => {
    await using box = await openSandbox();
    const [plain, json] = await Promise.all([box.run(args), box.run([...args, '--json'])]);
    expect(plain).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(/^nightjar: .+\n {2}.+\n$/) });
    expect(plain.stderr).toMatch(message);
    expect(json).toMatchObject({ code: 2, stderr: '' });
    expect(onlyDocument(json)).toEqual({ error: { code: 'usage-invalid', message: expect.any(String), hint: expect.any(String) } });
    expect(existsSync(box.home)).toBe(false);
  });
});

describe('a group without a command', () => {
  it.each([[[]], [['destination']], [['destination', 'add']], [['job']], [['settings']]])(
    '%j: exit code 2, and the commands that there are',
    async (args) => {
      await using box = await openSandbox();
      const { code, stdout, stderr } = await box.run(args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/nightjar: a command is missing\n/);
      // The help is there as a whole, or not at all.
      expect(/^Usage: /m.test(stderr)).toBe(/^(Example|Start here):/m.test(stderr));
    },
  );
});

describe('a Node that is too old', () => {
  it.each(['0.12.18', '18.1.0', '20.20.2', '22.17.1'])('%s: one sentence, exit code 2, nothing else', async (old) => {
    const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${old}' } }); require(process.argv[1]);`;
    const child = spawn(process.execPath, ['-e', pretend, launcherPath, 'status'], { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`^nightjar: .*Node 22\\.18.*${old.replaceAll('.', '\\.')}.*\\n$`)),
    });
  });
});
