import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findGit, gitEnvironment } from '../../electron/engine/git/git-environment.ts';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import { makeGitScene } from '../support/git-remote.ts';

const fixed = {
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: 'false',
  SSH_ASKPASS: 'false',
  SSH_ASKPASS_REQUIRE: 'never',
  GIT_EDITOR: 'false',
  GCM_INTERACTIVE: 'never',
  GIT_SSH_COMMAND: 'ssh -oBatchMode=yes -oConnectTimeout=15',
};

describe('gitEnvironment', () => {
  it('clears everything of another git, keeps the rest, and never asks', () => {
    const inherited = {
      HOME: '/home/ada',
      PATH: '/home/ada/bin:/usr/bin',
      LC_ALL: 'de_DE.UTF-8',
      SSH_AUTH_SOCK: '/run/agent',
      SSH_ASKPASS: '/usr/bin/ask',
      GIT_DIR: '/elsewhere',
      GIT_INDEX_FILE: '/elsewhere/index',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'core.hooksPath',
      GIT_CONFIG_VALUE_0: '/evil',
      GIT_TRACE: '1',
      GIT_SSH_COMMAND: 'nc',
      GIT_AUTHOR_NAME: 'Eve',
    };
    expect(gitEnvironment(inherited, 'linux')).toEqual({
      HOME: '/home/ada',
      SSH_AUTH_SOCK: '/run/agent',
      PATH: '/home/ada/bin:/usr/bin:/usr/local/bin:/bin:/usr/sbin:/sbin',
      ...fixed,
    });
  });

  it('completes the bare PATH of the desktop', () => {
    const mac = gitEnvironment({ PATH: '/usr/bin:/bin:/usr/sbin:/sbin' }, 'darwin');
    expect(mac.PATH).toBe('/usr/bin:/bin:/usr/sbin:/sbin:/opt/homebrew/bin:/usr/local/bin');
    const windows = gitEnvironment({ Path: 'C:\\Windows', ProgramFiles: 'D:\\Programs', git_dir: 'x' }, 'win32');
    expect(windows).toEqual({
      ProgramFiles: 'D:\\Programs',
      PATH: 'C:\\Windows;D:\\Programs\\Git\\cmd;D:\\Programs\\Git\\mingw64\\bin;D:\\Programs\\Git\\usr\\bin',
      ...fixed,
    });
  });

  it('leaves the current folder out of PATH', () => {
    expect(gitEnvironment({ PATH: ':/usr/bin:' }, 'linux').PATH).not.toMatch(/^:|::|:$/);
  });

  it('leaves out optional writes for commands that read', () => {
    expect(gitEnvironment({}, 'linux', { readOnly: true }).GIT_OPTIONAL_LOCKS).toBe('0');
  });

  it.each([
    ['ssh -i /key', 'ssh -i /key -oBatchMode=yes -oConnectTimeout=15'],
    ['/usr/bin/ssh', '/usr/bin/ssh -oBatchMode=yes -oConnectTimeout=15'],
    ['plink.exe -batch', 'plink.exe -batch'],
    ['"/my tools/ssh"', '"/my tools/ssh"'],
  ])('adds its options to OpenSSH alone: %s', (sshCommand, expected) => {
    expect(gitEnvironment({}, 'linux', { sshCommand }).GIT_SSH_COMMAND).toBe(expected);
  });
});

describe('findGit', () => {
  it('resolves git, ssh and the credential helper', async () => {
    await using scene = await makeGitScene();
    const tools = join(scene.root, 'tools');
    await mkdir(tools);
    await writeFile(join(tools, 'git-credential-vault'), '#!/bin/sh\n');
    await chmod(join(tools, 'git-credential-vault'), 0o755);
    await scene.git('config', '--global', 'credential.helper', 'vault --fast');
    const found = await findGit(systemClock, { ...scene.env, PATH: `${tools}:${scene.env.PATH}` });
    expect(found.git).toEqual({ path: expect.stringMatching(/^\/.*\/git$/), version: expect.stringMatching(/^2\./) });
    expect(found.credentialHelper).toEqual({ configured: 'vault --fast', path: join(tools, 'git-credential-vault') });
    // A machine may have no ssh; what is found has a path.
    expect(found.ssh === null || found.ssh.path.endsWith('/ssh')).toBe(true);
  });
});
