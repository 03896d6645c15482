import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRefName, isRemoteName } from '../../electron/domain/ref-name.ts';

/** Asked outside every repository, where `@{-1}` and its like stand for nothing. */
function takesName(...args: readonly string[]): boolean {
  return spawnSync('git', ['check-ref-format', ...args], { cwd: tmpdir(), env: { ...process.env, GIT_DIR: '/nowhere' } }).status === 0;
}
const takesBranch = (name: string) => takesName('--branch', name);
const takesRemote = (name: string) => takesName(`refs/remotes/${name}/branch`);

const good = [
  'main',
  'a',
  'feature/notes',
  'v1.2',
  'a-b_c',
  '1',
  'größe',
  '笔记',
  '😀',
  'a@b',
  '@a',
  'a{b}',
  'main.LOCK',
  'a.lock.b',
  'a.b/c',
  'head',
];
/** Called by what is wrong with them. */
type Named = [what: string, name: string];
const bad: Named[] = [
  ['nothing', ''],
  ['an upper folder', '..'],
  ['two dots', 'a..b'],
  ['a dot in front', '.a'],
  ['a dot in front of a part', 'a/.b'],
  ['.lock at the end', 'main.lock'],
  ['.lock at the end of a part', 'a.lock/b'],
  ['a slash alone', '/'],
  ['a slash in front', '/main'],
  ['a slash at the end', 'main/'],
  ['two slashes', 'a//b'],
  ['a space', 'a b'],
  ['a tab', 'a\tb'],
  ['a line end', 'main\n'],
  ['an escape', 'a\u001bb'],
  ['a delete', 'a\u007fb'],
  ['a tilde', 'a~1'],
  ['a caret', 'a^'],
  ['a colon', 'a:b'],
  ['a question mark', 'a?'],
  ['a star', '*'],
  ['a bracket', 'a[b'],
  ['a backslash', 'a\\b'],
  ['a look into the past', 'a@{1}'],
  ['the branch before', '@{-1}'],
];

describe('isRefName', () => {
  it.each(good)('takes %j, as git does', (name) => expect([isRefName(name), takesBranch(name)]).toEqual([true, true]));

  it.each<Named>([...bad, ['an option', '-main'], ['a dot at the end', 'main.'], ['what is checked out', 'HEAD']])(
    'refuses %s, as git does',
    (_, name) => expect([isRefName(name), takesBranch(name)]).toEqual([false, false]),
  );

  it.each([
    ['the short name of HEAD', '@'],
    ['a space that does not break', 'a\u00a0b'],
    ['a control character beyond ASCII', 'a\u0085b'],
  ])('refuses %s, which git takes', (_, name) => expect([isRefName(name), takesBranch(name)]).toEqual([false, true]));

  // Neither can be put on a command line as it is.
  it.each(['a\0b', 'a\ud800'])('refuses %j', (name) => expect(isRefName(name)).toBe(false));
});

describe('isRemoteName', () => {
  const names = [...good, 'HEAD', '@', 'origin.'];
  it.each(names)('takes %j, as git does', (name) => expect([isRemoteName(name), takesRemote(name)]).toEqual([true, true]));

  it.each<Named>([
    ...bad,
    ['an address', 'https://example.org/a.git'],
    ['a place on another machine', 'git@example.org:a.git'],
    ['a path', '/srv/a.git'],
    ['a path to an upper folder', '../a.git'],
    ['this repository', '.'],
  ])('refuses %s, as git does', (_, name) => expect([isRemoteName(name), takesRemote(name)]).toEqual([false, false]));

  it('refuses an option, which git takes after "--"', () => expect([isRemoteName('-f'), takesRemote('-f')]).toEqual([false, true]));

  it.each(['a\0b', 'a\ud800'])('refuses %j', (name) => expect(isRemoteName(name)).toBe(false));
});

it('git agrees about any name that is made of what could matter', () => {
  const parts = ['a', 'é', '.', '/', '@', '{', '}', '-', '.lock', 'HEAD', '~', '\\', ' ', '*', '\u0001'];
  const names = fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 5 }).map((some) => some.join(''));
  const property = fc.property(names, (name) => {
    fc.pre(name !== '@');
    expect(isRefName(name)).toBe(takesBranch(name));
    expect(isRemoteName(name)).toBe(!name.startsWith('-') && takesRemote(name));
  });
  fc.assert(property, { numRuns: 150 });
});
