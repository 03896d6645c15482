import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import { type Command, runCommand } from '../../electron/engine/platform/command.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

const base = { cwd: tmpdir(), env: { PATH: process.env.PATH ?? '' }, limitMs: 30_000, maxOutputBytes: 1_000_000 };

function sh(script: string, changes: Partial<Command> = {}) {
  return runCommand({ ...base, program: 'sh', args: ['-c', script], ...changes }, systemClock);
}

/** True while the process is there and not only waits to be reaped. */
async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return !/\) Z/.test(stat);
}

async function pidIn(path: string): Promise<number> {
  return Number(await readFile(path, 'utf8'));
}

describe('runCommand', () => {
  it('resolves to what the program said, whatever its exit code', async () => {
    const { code, stdout, stderr } = await sh('cat; echo no >&2; exit 3', { input: 'yes' });
    expect({ code, stdout: stdout.toString(), stderr }).toEqual({ code: 3, stdout: 'yes', stderr: 'no\n' });
  });

  it('gives an empty input where there is none', async () => {
    expect((await sh('cat')).stdout.length).toBe(0);
  });

  it('passes arguments and environment without a shell, and nothing else', async () => {
    const { stdout } = await runCommand({ ...base, program: 'printf', args: ['%s', '$HOME; `id`'] }, systemClock);
    expect(stdout.toString()).toBe('$HOME; `id`');
    expect((await sh('echo "$HOME"')).stdout.toString()).toBe('\n');
  });

  it('tells the signal that ended the program', async () => {
    expect((await sh('kill -9 $$')).code).toBe(137);
  });

  it('ends the whole group after its limit, also what ignores SIGTERM', async () => {
    await using folder = await makeTempFolder();
    const script = `trap '' TERM; (trap '' TERM; while :; do sleep 1; done) & echo $! > child; wait`;
    await expect(sh(script, { cwd: folder.path, limitMs: 300 })).rejects.toMatchObject({ code: 'timed-out' });
    const pid = await pidIn(`${folder.path}/child`);
    await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
  });

  it('ends the whole group on an abort, with the reason of the signal', async () => {
    await using folder = await makeTempFolder();
    const stop = new AbortController();
    const running = sh('sleep 100 & echo $! > child; echo ready > ready; wait', { cwd: folder.path, signal: stop.signal });
    const settled = expect(running).rejects.toThrow('enough');
    await expect.poll(() => readFile(`${folder.path}/ready`, 'utf8').catch(() => ''), { interval: 10 }).toBe('ready\n');
    stop.abort(new Error('enough'));
    await settled;
    expect(await isAlive(await pidIn(`${folder.path}/child`))).toBe(false);
  });

  it('starts nothing where the signal has come before', async () => {
    await expect(sh('true', { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
  });

  it('ends what says too much', async () => {
    await expect(sh('while :; do echo more; done', { maxOutputBytes: 1000 })).rejects.toMatchObject({ code: 'internal' });
  });

  it('does not wait for what the program left behind, and ends it', async () => {
    await using folder = await makeTempFolder();
    const { code, stdout } = await sh('sleep 100 & echo $! > child; echo done', { cwd: folder.path });
    expect([code, stdout.toString()]).toEqual([0, 'done\n']);
    expect(await isAlive(await pidIn(`${folder.path}/child`))).toBe(false);
  });

  it('tells a missing program from a missing folder', async () => {
    const missing = { ...base, program: 'no-such-program', args: [], missingCode: 'git-missing' as const };
    await expect(runCommand(missing, systemClock)).rejects.toMatchObject({
      code: 'git-missing',
      message: 'no-such-program is not installed',
    });
    await expect(sh('true', { cwd: '/no/such/folder' })).rejects.toMatchObject({ code: 'source-missing' });
  });
});
