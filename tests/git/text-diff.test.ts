import { describe, expect, it } from 'vitest';
import { textDiff } from '../../electron/engine/git/history.ts';
import { makeGitScene } from '../support/git-remote.ts';
import { commitAt } from '../support/git-versions.ts';

describe('textDiff', () => {
  it('tells what a commit changed at a path against its first parent', async () => {
    await using scene = await makeGitScene();
    await scene.write({ 'README.md': 'read me\nnew\n', 'notes/ü.md': 'x\n' });
    await commitAt(scene, '2026-01-01T00:00:00Z', 'second');
    const body = '@@ -1 +1,2 @@\n read me\n+new\n';
    expect(await textDiff(scene.open(), 'HEAD', 'README.md')).toMatch(/^diff --git a\/README\.md b\/README\.md\nindex /);
    expect(await textDiff(scene.open(), 'HEAD', 'README.md')).toContain(`--- a/README.md\n+++ b/README.md\n${body}`);
    expect(await textDiff(scene.open(), 'HEAD', 'README.md')).not.toContain('notes');
    expect(await textDiff(scene.open(), 'HEAD', 'notes')).toContain('+++ b/notes/ü.md\n@@ -0,0 +1 @@\n+x\n');
    expect((await textDiff(scene.open(), 'HEAD', '')).match(/^\+\+\+ .*$/gm)).toEqual(['+++ b/README.md', '+++ b/notes/ü.md']);
    expect(await textDiff(scene.open(), 'HEAD~1', 'README.md')).toContain('--- /dev/null\n+++ b/README.md\n@@ -0,0 +1 @@\n+read me\n');
    expect(await textDiff(scene.open(), 'HEAD', '*')).toBe('');
    await expect(textDiff(scene.open(), '--output=ran', '')).rejects.toMatchObject({ code: 'usage-invalid' });
  });

  it('tells of a merge what it brought to the branch', async () => {
    await using scene = await makeGitScene();
    await scene.git('switch', '--quiet', '-c', 'side');
    await scene.write({ 'README.md': 'side\n' });
    await commitAt(scene, '2026-01-01T00:00:00Z', 'side');
    await scene.git('switch', '--quiet', 'main');
    await scene.git('merge', '--quiet', '--no-ff', '-m', 'merged', 'side');
    expect(await textDiff(scene.open(), 'HEAD', '')).toContain('-read me\n+side\n');
  });

  it('runs no program of the repository', async () => {
    await using scene = await makeGitScene();
    await scene.write({ '.gitattributes': '*.md diff=own\n', 'README.md': 'new\n' });
    await commitAt(scene, '2026-01-01T00:00:00Z', 'second');
    await scene.git('config', 'diff.external', 'echo external');
    await scene.git('config', 'diff.own.textconv', 'echo converted');
    await scene.git('config', 'diff.own.command', 'echo command');
    await scene.git('config', 'color.ui', 'always');
    expect(await textDiff(scene.open(), 'HEAD', 'README.md')).toContain('\n-read me\n+new\n');
  });

  it('is cut at 256 KiB, not within a character, and calls large files binary', async () => {
    await using scene = await makeGitScene();
    for (const shift of ['', 'x']) {
      await scene.write({ 'long.md': `${shift}${'日本'.repeat(60_000)}\n` });
      await commitAt(scene, '2026-01-01T00:00:00Z', 'long');
      const diff = await textDiff(scene.open(), 'HEAD', 'long.md');
      expect(diff.endsWith('\n\\ cut at 256 KiB; the change is longer\n')).toBe(true);
      expect(diff).not.toContain('\ufffd');
      expect(Buffer.byteLength(diff)).toBeGreaterThan(262_100);
      expect(Buffer.byteLength(diff)).toBeLessThan(262_250);
    }
    await scene.write({ 'large.md': 'line of text\n'.repeat(1_400_000) });
    await commitAt(scene, '2026-01-02T00:00:00Z', 'large');
    expect(await textDiff(scene.open(), 'HEAD', 'large.md')).toContain('Binary files /dev/null and b/large.md differ\n');
  });
});
