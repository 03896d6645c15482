import { describe, expect, it } from 'vitest';
import { resolveVersion } from '../../electron/engine/git/history.ts';
import { makeGitScene } from '../support/git-remote.ts';
import { commitAt, feedGit } from '../support/git-versions.ts';

describe('resolveVersion', () => {
  it('takes a day in a zone: the same instant is on different days', async () => {
    await using scene = await makeGitScene({ unborn: true });
    const first = await commitAt(scene, '2026-03-09T23:30:00Z', 'first');
    const second = await commitAt(scene, '2026-03-10T00:00:00Z', 'second');
    const third = await commitAt(scene, '2026-03-10T23:59:59+00:00', 'third');
    const resolve = (day: string, zone: string) => resolveVersion(scene.open(), 'main', day, zone);
    expect(await resolve('2026-03-09', 'UTC')).toBe(first);
    expect(await resolve('2026-03-10', 'UTC')).toBe(third);
    expect(await resolve('2026-03-10', 'Asia/Kathmandu')).toBe(second); // 05:45 ahead: its day ends at 18:15 UTC.
    expect(await resolve('2026-03-09', 'America/New_York')).toBe(second); // 4 h behind: its day ends at 04:00 UTC.
    expect(await resolve('2030-01-01', 'UTC')).toBe(third);
    await expect(resolve('2026-03-09', 'Asia/Tokyo')).rejects.toMatchObject({
      code: 'usage-invalid',
      message: 'the branch main has no commit from "2026-03-09" (Asia/Tokyo) or before',
      hint: expect.stringContaining('nightjar git log NAME'),
    });
    for (const day of ['2026-03-08', '1969-12-31', '0000-01-01'])
      await expect(resolve(day, 'UTC')).rejects.toMatchObject({ code: 'usage-invalid' });
    await expect(resolve('2026-02-30', 'UTC')).rejects.toMatchObject({ message: '"2026-02-30" is no day of the calendar' });
  });

  it('takes for a day what was on the branch itself then, also where a clock went wrong', async () => {
    await using scene = await makeGitScene({ unborn: true });
    const kept = await commitAt(scene, '2026-01-01T00:00:00Z', 'kept');
    await scene.git('switch', '--quiet', '-c', 'side');
    await commitAt(scene, '2026-01-02T00:00:00Z', 'side');
    await scene.git('switch', '--quiet', 'main');
    await commitAt(scene, '2026-01-05T00:00:00Z', 'ahead of time');
    const late = await commitAt(scene, '2026-01-03T00:00:00Z', 'late');
    await scene.git('merge', '--quiet', '-m', 'merged', 'side');
    await scene.git('switch', '--quiet', 'side');
    expect(await resolveVersion(scene.open(), 'main', '2026-01-02', 'UTC')).toBe(kept);
    expect(await resolveVersion(scene.open(), 'main', '2026-01-04', 'UTC')).toBe(late);
    expect(await resolveVersion(scene.open(), 'main', 'latest', 'UTC')).toBe(await scene.git('rev-parse', 'main'));
  });

  it('takes any name that git knows', async () => {
    await using scene = await makeGitScene();
    const first = await scene.git('rev-parse', 'HEAD');
    await commitAt(scene, '2026-01-01T00:00:00Z', 'second');
    await scene.git('tag', '-a', '-m', 'x', 'v1', first);
    await scene.git('branch', 'topic', first);
    await scene.git('tag', 'main', first);
    const names = [first, first.slice(0, 8), first.slice(0, 8).toUpperCase(), 'v1', 'topic', 'HEAD~1', 'refs/heads/topic', 'HEAD^{/first}'];
    for (const name of names) expect([name, await resolveVersion(scene.open(), 'main', name, 'UTC')]).toEqual([name, first]);
    // The branch, and not a tag of its name.
    expect(await resolveVersion(scene.open(), 'main', 'latest', 'UTC')).toBe(await scene.git('rev-parse', 'HEAD'));
  });

  it('refuses everything else in its own words', async () => {
    await using scene = await makeGitScene();
    await commitAt(scene, '2026-01-01T00:00:00Z', 'second');
    const refused = [
      '',
      '-1',
      '--all',
      '--since=yesterday',
      '--output=ran',
      '^HEAD',
      'HEAD~1..HEAD',
      'HEAD~99',
      'nonsense',
      'HEAD:README.md',
      'a\0b',
      'ab\nc',
      'deadbeef',
      'f'.repeat(40),
      'f'.repeat(50),
      '2026-1-1',
    ];
    for (const when of refused) {
      await expect(resolveVersion(scene.open(), 'main', when, 'UTC')).rejects.toMatchObject({
        code: 'usage-invalid',
        message: `${JSON.stringify(when)} is neither a commit that git knows, nor a day such as 2026-01-31, nor "latest"`,
        hint: 'see which versions there are: nightjar git log NAME',
      });
    }
  });

  it('tells that a short id is ambiguous, and a branch without a commit', async () => {
    await using scene = await makeGitScene({ unborn: true });
    await expect(resolveVersion(scene.open(), 'main', 'latest', 'UTC')).rejects.toMatchObject({
      code: 'usage-invalid',
      message: 'the branch main has no commit, so there is no "latest" version',
    });
    await expect(resolveVersion(scene.open(), 'main', '2026-01-01', 'UTC')).rejects.toMatchObject({ code: 'usage-invalid' });
    const commits = Array.from(
      { length: 1000 },
      (_, at) => `commit refs/heads/main\ncommitter A <a@b> ${1_000_000_000 + at} +0000\ndata 1\nx\n`,
    );
    await feedGit(scene, commits.join(''), 'fast-import', '--quiet');
    const ids = (await scene.git('rev-list', 'main')).split('\n');
    const starts = ids.map((id) => id.slice(0, 4));
    const shared = starts.find((start, at) => starts.indexOf(start) !== at) ?? '';
    const own = ids.find((_, at) => starts.indexOf(starts[at] ?? '') === starts.lastIndexOf(starts[at] ?? '')) ?? '';
    await expect(resolveVersion(scene.open(), 'main', shared, 'UTC')).rejects.toMatchObject({
      code: 'usage-invalid',
      message: `"${shared}" is ambiguous: the ids of ${starts.filter((start) => start === shared).length} commits begin with it`,
      hint: expect.stringContaining('more of its characters'),
    });
    expect(await resolveVersion(scene.open(), 'main', own.slice(0, 5), 'UTC')).toBe(own);
  });
});
