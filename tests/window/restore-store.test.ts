import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expect, it } from 'vitest';
import type { CliSandbox } from '../support/cli.ts';
import { openWindowScene } from '../support/window-scene.ts';

const whereTo = (page: Page) => page.getByLabel('Where to', { exact: true });
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
const link = (page: Page, name: string | RegExp) => page.getByRole('link', { name });
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 2, name });

function git(box: CliSandbox, ...args: readonly string[]): string {
  const author = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
  const env = { PATH: process.env.PATH ?? '', HOME: box.path, GIT_CONFIG_NOSYSTEM: '1' };
  return execFileSync('git', [...author, ...args], { cwd: box.at('wiki'), env, encoding: 'utf8' });
}

/** A repository with three commits under `notes`, as the store of a job `wiki`. */
async function makeStore(box: CliSandbox): Promise<void> {
  box.folder('wiki/notes/sub');
  git(box, 'init', '--quiet', '--initial-branch=main');
  const write = (path: string, text: string | Buffer) => writeFileSync(box.at('wiki', 'notes', path), text);
  write('plan.md', '# Plan\n\nfirst\nlast\n');
  write('old.md', 'to be thrown away\n');
  write('sub/inner.md', 'inner\n');
  write('picture.bin', Buffer.from([0, 1, 2, 0, 255]));
  git(box, 'add', '.');
  git(box, 'commit', '--quiet', '--message=the first plan');
  write('plan.md', '# Plan\n\nsecond <b>\nlast\n');
  git(box, 'commit', '--quiet', '--all', '--message=a better plan');
  rmSync(box.at('wiki', 'notes', 'old.md'));
  git(box, 'commit', '--quiet', '--all', '--message=tidied up');
  await box.json(['job', 'add', 'wiki', '--git', box.at('wiki'), '--store', 'notes']);
}

it('brings an older version of a file back, after its change was read, and never over a file unasked', async () => {
  await using scene = await openWindowScene({ hash: '#/restore', prepare: makeStore });
  const { box, page } = scene;
  await page.getByRole('textbox', { name: 'Find a file' }).fill('PLAN');
  await page.getByRole('navigation', { name: 'Files that were found' }).getByRole('link', { name: 'notes/plan.md' }).click();
  await heading(page, 'plan.md').waitFor();
  const lines = page.getByRole('table', { name: 'Lines of notes/plan.md' });
  await lines.waitFor();
  expect((await lines.getByRole('row').allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' ').trim())).toEqual([
    '1 1 # Plan',
    '2 2',
    '3 − removed: first',
    '3 + added: second <b>',
    '4 4 last',
  ]);

  await link(page, /^the first plan/).click();
  await page.getByText('It was new in this version').waitFor();
  await link(page, 'Restore the file of this version…').click();
  await whereTo(page).fill(box.at('back.md'));
  await whereTo(page).press('Escape');
  await button(page, 'Restore plan.md').click();
  await heading(page, /^plan\.md of .* is restored$/).waitFor();
  expect(readFileSync(box.at('back.md'), 'utf8')).toBe('# Plan\n\nfirst\nlast\n');
  expect(git(box, 'status', '--porcelain')).toBe('');

  await link(page, 'Back to its versions').click();
  await link(page, 'Restore the file of this version…').click();
  await button(page, 'Where it was in the repository').click();
  await button(page, 'Restore plan.md').click();
  await button(page, 'Replace plan.md').waitFor();
  expect(readFileSync(box.at('wiki', 'notes', 'plan.md'), 'utf8')).toContain('second');
  await button(page, 'Replace plan.md').click();
  await heading(page, /^plan\.md of .* is restored$/).waitFor();
  expect(readFileSync(box.at('wiki', 'notes', 'plan.md'), 'utf8')).toBe(git(box, 'show', 'HEAD~2:notes/plan.md'));
});

it('finds a file that was deleted, and brings back the version before', async () => {
  await using scene = await openWindowScene({ hash: '#/restore/wiki', prepare: makeStore });
  const { box, page } = scene;
  await button(page, 'Show deleted files').click();
  await page.getByRole('navigation', { name: 'Deleted files' }).getByRole('link', { name: 'notes/old.md' }).click();
  await page.getByText('This version deleted it.').waitFor();
  await link(page, 'Restore the version before…').click();
  await button(page, 'Where it was in the repository').click();
  await button(page, 'Restore old.md').click();
  await heading(page, /^old\.md of .* is restored$/).waitFor();
  expect(readFileSync(box.at('wiki', 'notes', 'old.md'), 'utf8')).toBe('to be thrown away\n');
});

it('brings a whole folder of a version back, and says what is no text', async () => {
  await using scene = await openWindowScene({ hash: '#/restore/wiki', prepare: makeStore });
  const { box, page } = scene;
  await heading(page, 'notes').waitFor();
  await link(page, /^the first plan/).click();
  await page.getByText('It is not text, so its change cannot be read here.').waitFor();
  await link(page, 'Restore the folder of this version…').click();
  await whereTo(page).fill(box.at('then'));
  await whereTo(page).press('Escape');
  await button(page, 'Restore notes').click();
  await heading(page, /^notes of .* is restored$/).waitFor();
  expect(readdirSync(box.at('then'), { recursive: true }).toSorted()).toEqual(['old.md', 'picture.bin', 'plan.md', 'sub', 'sub/inner.md']);
  expect(existsSync(box.at('wiki', 'notes', 'old.md'))).toBe(false);
});
