import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../support/built-app.ts';

const workflows = globSync('.github/workflows/*.yml', { cwd: projectFolder }).map((path) => ({
  path,
  text: readFileSync(join(projectFolder, path), 'utf8'),
}));

describe.each(workflows)('$path', ({ path, text }) => {
  it('runs no action but by the digest of its commit, with its version beside it', () => {
    const used = [...text.matchAll(/\buses: (.*)$/gm)].map(([, action]) => action ?? '');
    const isPinned = (action: string) => action.startsWith('./') || /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action);
    expect(used.filter((action) => !isPinned(action))).toEqual([]);
    expect(used.length).toBeGreaterThan(0);
  });

  it('may only read, but for the one job that makes the draft', () => {
    expect(text).toMatch(/^permissions:\n {2}contents: read\n\n/m);
    const rights = [...text.matchAll(/^ {2}(\w+):\n(?:(?! {2}\w).*\n)*? {4}permissions:\n((?: {6}.*\n)+)/gm)];
    expect(rights.map(([, job, granted]) => [job, granted?.trim()])).toEqual(
      path.endsWith('release.yml') ? [['draft', 'contents: write']] : [],
    );
  });
});
