import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { launchdPlist, type Service, systemdUnit } from '../../electron/headless/service-unit.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

const awkward = `/opt/a b&c<d>e|f\\g%h$i"j'k;l#m{n}é~*?/nightjar`;
const service: Service = {
  command: [awkward, '/opt/$HOME/%h/launcher.cjs', 'serve', ';', ''],
  environment: { NIGHTJAR_HOME: `${awkward} %n "$X"` },
};

/** The values of a unit's setting, in their order. */
function valuesOf(unit: string, key: string): string[] {
  return unit.split('\n').flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []));
}

/** Reads quoted words as systemd.syntax(7) has them, and then the specifiers, of which only `%%` is none. */
function wordsOf(text: string): string[] {
  const words = [...text.matchAll(/"((?:[^"\\]|\\.)*)"(?: |$)/g)].map(([, word = '']) => word);
  expect(words.map((word) => `"${word}"`).join(' ')).toBe(text);
  const names: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };
  return words.map((word) => {
    const bytes: Buffer[] = [];
    for (const [, hex, escaped, plain] of word.matchAll(/\\x([0-9a-f]{2})|\\(.)|([^\\]+)/gsu)) {
      bytes.push(
        hex === undefined ? Buffer.from(escaped === undefined ? (plain ?? '') : (names[escaped] ?? escaped)) : Buffer.from(hex, 'hex'),
      );
    }
    const said = Buffer.concat(bytes).toString('utf8');
    expect(said.replaceAll('%%', '')).not.toContain('%');
    return said.replaceAll('%%', '%');
  });
}

function commandIn(unit: string): { readonly words: string[]; readonly isLiteral: boolean } {
  const [line = ''] = valuesOf(unit, 'ExecStart');
  return { words: wordsOf(line.replace(/^:/, '')), isLiteral: line.startsWith(':') };
}

const python = spawnSync('python3', ['--version']).status === 0;

/** Property lists as Python's plistlib reads them. */
function readPlists(texts: readonly string[]): Record<string, unknown>[] {
  const script = 'import json,plistlib,sys; print(json.dumps([plistlib.loads(t.encode("utf-8")) for t in json.load(sys.stdin)]))';
  const { stdout, stderr } = spawnSync('python3', ['-c', script], { input: JSON.stringify(texts), encoding: 'utf8' });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Record<string, unknown>[];
}

/** Any text that a path or a variable can hold. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.string({ unit: fc.constantFrom(...` &<>|\\%$"'\`;#{}=é\n\t`), maxLength: 30 }),
);

describe('a unit for systemd', () => {
  it('has what a backup in the background needs', () => {
    const unit = systemdUnit({ command: ['/usr/bin/node', '/opt/nightjar/launcher.cjs', 'serve'], environment: {} });
    expect(unit).toBe(`[Unit]
Description=Nightjar backups

[Service]
Type=simple
ExecStart="/usr/bin/node" "/opt/nightjar/launcher.cjs" "serve"
Nice=15
IOSchedulingClass=best-effort
IOSchedulingPriority=7
LimitNOFILE=4096
UMask=0077
Restart=on-failure
RestartSec=60
RestartPreventExitStatus=2
KillMode=mixed
TimeoutStopSec=300

[Install]
WantedBy=default.target
`);
  });

  it('gives back every word and variable as it was, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), text, (command, value) => {
        const unit = systemdUnit({ command, environment: { NIGHTJAR_HOME: value } });
        const { words, isLiteral } = commandIn(unit);
        expect(words.slice(-command.length)).toEqual(command);
        expect(words.slice(0, -command.length)).toEqual(words.length > command.length ? ['/bin/sh', '-c', 'exec "$0" "$@"'] : []);
        expect(isLiteral).toBe(words.some((word) => word.includes('$')));
        expect(valuesOf(unit, 'Environment').flatMap(wordsOf)).toEqual([`NIGHTJAR_HOME=${value}`]);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([`a b&c<d>e|f\\g%h$i"j'k;l#m{n}é~*?`, 'a b&c<d>e|f%h$i;l#m{n}é~*?'])(
    'is read by systemd itself, and leads to a program in %j',
    async (name) => {
      if (spawnSync('systemd-analyze', ['--version']).status !== 0) {
        process.stdout.write('NOT TRIED: there is no systemd-analyze here\n');
        return;
      }
      await using folder = await makeTempFolder();
      const place = join(folder.path, name);
      mkdirSync(place);
      const program = join(place, 'node');
      writeFileSync(program, '#!/bin/sh\nprintf "%s|" "$0" "$@"\n', { mode: 0o755 });
      const verify = (file: string, unit: string) => {
        const path = join(folder.path, file);
        writeFileSync(path, unit);
        const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' });
        return stderr.split('\n').filter((line) => line.includes(file));
      };
      const { environment } = service;
      const unit = systemdUnit({ command: [program, 'serve'], environment });
      expect(verify('nightjar.service', unit)).toEqual([]);
      const wrong = systemdUnit({ command: [join(place, 'nodes'), 'serve'], environment });
      // What is not there is noticed, so the path above was read right; behind a shell only the shell is looked for.
      const { words } = commandIn(unit);
      if (words[0] === program) expect(verify('wrong.service', wrong).join('\n')).toContain('not executable');
      expect(spawnSync(words[0] ?? '', words.slice(1), { encoding: 'utf8' }).stdout).toBe(`${program}|serve|`);
    },
  );
});

describe('a property list for launchd', () => {
  it('has what a backup in the background needs, and every path as it was', (context) => {
    if (!python) {
      process.stdout.write('NOT TRIED: there is no python3 here\n');
      context.skip('no python3');
    }
    expect(readPlists([launchdPlist(service)])).toEqual([
      {
        Label: 'app.nightjar.serve',
        ProgramArguments: service.command,
        EnvironmentVariables: service.environment,
        RunAtLoad: true,
        KeepAlive: { SuccessfulExit: false },
        ThrottleInterval: 60,
        ProcessType: 'Background',
        Nice: 15,
        LowPriorityIO: true,
        LowPriorityBackgroundIO: true,
        ExitTimeOut: 300,
        SoftResourceLimits: { NumberOfFiles: 4096 },
        HardResourceLimits: { NumberOfFiles: 4096 },
        Umask: 63,
      },
    ]);
    expect(launchdPlist({ command: ['/a'], environment: {} })).not.toContain('EnvironmentVariables');
    const commands = fc.sample(fc.array(text, { minLength: 1, maxLength: 4 }), 500).filter((words) => isXml(words.join('')));
    expect(commands.length).toBeGreaterThan(100);
    const read = readPlists(commands.map((command) => launchdPlist({ command, environment: {} })));
    expect(read.map((plist) => plist.ProgramArguments)).toEqual(commands);
  });

  it.each(['/a\u0000b', '/a\u001bb', '/a\ud800b', '/a\uffffb'])('refuses %j, which XML cannot hold', (path) => {
    expect(() => launchdPlist({ command: [path], environment: {} })).toThrow(/holds a character/);
  });
});

function isXml(said: string): boolean {
  try {
    launchdPlist({ command: [said], environment: {} });
    return true;
  } catch {
    return false;
  }
}
