import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseLogLine } from '../../electron/domain/log-line.ts';
import { logPath, openLog, runLogPath } from '../../electron/engine/platform/log.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

function linesOf(path: string) {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => parseLogLine(line));
}

describe('the log', () => {
  it('has one JSON line for each call, without secrets; what names its run is kept with that too', async () => {
    await using folder = await makeTempFolder();
    mkdirSync(join(folder.path, 'runs'));
    const log = openLog(folder.path);
    log.info('send done', { run: 'run-abc', bytes: 5, uploadUrl: 'https://example.org/x' });
    log.warn('asked https://ada:s3cret@example.org', { token: 's3cret', restore: 'restore-abc' });
    log.error('broken\nin two', { stack: 'Error: Bearer s3cret' });
    log.info('of no run', { run: '../../outside' });
    log.close();
    log.info('too late', { run: 'run-late' });
    const main = linesOf(logPath(folder.path));
    expect(main.map((line) => line && { ...line, atMs: 0 })).toEqual([
      { atMs: 0, level: 'info', message: 'send done', fields: { run: 'run-abc', bytes: 5, uploadUrl: '***' } },
      { atMs: 0, level: 'warn', message: 'asked https://***@example.org', fields: { token: '***', restore: 'restore-abc' } },
      { atMs: 0, level: 'error', message: 'broken\nin two', fields: { stack: 'Error: Bearer ***' } },
      { atMs: 0, level: 'info', message: 'of no run', fields: { run: '../../outside' } },
    ]);
    const runPath = runLogPath(folder.path, 'run-abc') ?? '';
    expect([linesOf(runPath), linesOf(runLogPath(folder.path, 'restore-abc') ?? '')]).toEqual([[main[0]], [main[1]]]);
    expect([statSync(logPath(folder.path)).mode & 0o777, statSync(runPath).mode & 0o777]).toEqual([0o600, 0o600]);
  });

  it.each(['', 'run-', 'run-../x', 'run-a/b', 'run-A', 'snap-abc', 'run-abc.log'])('%j is no id of a run', (id) => {
    expect(runLogPath('/logs', id)).toBeNull();
  });

  it('says nothing, and ends nothing, where its folder is gone', () => {
    const log = openLog('/nonexistent/folder');
    log.info('lost', {
      run: 'run-abc',
      self: new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('no');
          },
        },
      ),
    });
    log.error('lost');
    log.close();
  });
});
