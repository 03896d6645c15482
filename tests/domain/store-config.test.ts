import { describe, expect, it } from 'vitest';
import { parseStoreConfig, toMessageTemplate } from '../../electron/domain/store-config.ts';

const git = { enabled: true, remote: 'origin', branch: 'main', push: false, commitMessageTemplate: 'backup memory {memoryId}' };
/** What the other program shows as its defaults (S2-01). */
const example = { projectPath: './data', storePath: './data/storage', databasePath: './.trauma/trauma.sqlite', backup: { git } };

function outcomeOf(value: unknown): unknown {
  try {
    return parseStoreConfig(JSON.stringify(value), '/etc/store.json');
  } catch (error) {
    return error;
  }
}

describe('parseStoreConfig', () => {
  it('takes the example', () => expect(parseStoreConfig(JSON.stringify(example, null, 2), 'store.json')).toEqual(example));

  it('takes for a remote what could be no branch', () => {
    const config = { ...example, backup: { git: { ...git, remote: 'HEAD' } } };
    expect(outcomeOf(config)).toEqual(config);
  });

  it.each(['', '{', '{"a": 1,}', '// a comment\n{}', 'projectPath: ./data'])(
    'refuses %j, which is not JSON, in the words of the parser',
    (text) => {
      let words = '';
      try {
        JSON.parse(text);
      } catch (error) {
        words = (error as Error).message;
      }
      const refusal = {
        code: 'settings-invalid',
        message: `the configuration "/etc/store.json" is not JSON: ${words}`,
        hint: expect.stringContaining('correct it'),
      };
      expect(words).not.toBe('');
      expect(() => parseStoreConfig(text, '/etc/store.json')).toThrow(expect.objectContaining(refusal));
    },
  );

  const { push: _push, ...withoutPush } = git;
  const { storePath: _storePath, ...withoutStore } = example;
  const tilde = 'it begins with "~", which only a shell understands: write the path out in full';
  const remote = 'backup.git.remote: it must be the name of a remote as git takes it, such as origin';
  const branch = 'backup.git.branch: it must be the name of a branch as git takes it, such as main';
  it.each([
    ['no object', null, 'it must be an object'],
    ['a list', [], 'it must be an object'],
    ['no path', withoutStore, 'storePath: it must be a string'],
    ['a path that is a number', { ...example, projectPath: 1 }, 'projectPath: it must be a string'],
    ['an empty path', { ...example, databasePath: '' }, 'databasePath: it must not be empty'],
    ['a path with a NUL', { ...example, storePath: 'a\0b' }, 'storePath: it must not have a NUL in it'],
    ['the project in a home', { ...example, projectPath: '~/data' }, `projectPath: ${tilde}`],
    ['the store in a home', { ...example, storePath: '~' }, `storePath: ${tilde}`],
    ['the database in a home', { ...example, databasePath: '~ada/db' }, `databasePath: ${tilde}`],
    ['no backup', { ...example, backup: undefined }, 'backup: it must be an object'],
    ['no git', { ...example, backup: {} }, 'backup.git: it must be an object'],
    ['no push', { ...example, backup: { git: withoutPush } }, 'backup.git.push: it must be a boolean'],
    ['a push in words', { ...example, backup: { git: { ...git, push: 'no' } } }, 'backup.git.push: it must be a boolean'],
    ['an enabled number', { ...example, backup: { git: { ...git, enabled: 1 } } }, 'backup.git.enabled: it must be a boolean'],
    ['a remote that is null', { ...example, backup: { git: { ...git, remote: null } } }, 'backup.git.remote: it must be a string'],
    ['an address as the remote', { ...example, backup: { git: { ...git, remote: 'https://ada:pass@example.org/a' } } }, remote],
    ['an option as the remote', { ...example, backup: { git: { ...git, remote: '--upload-pack=x' } } }, remote],
    ['a branch that is true', { ...example, backup: { git: { ...git, branch: true } } }, 'backup.git.branch: it must be a string'],
    ['an option as the branch', { ...example, backup: { git: { ...git, branch: '-d' } } }, branch],
    ['the commit that is checked out as the branch', { ...example, backup: { git: { ...git, branch: 'HEAD' } } }, branch],
    ['an empty branch', { ...example, backup: { git: { ...git, branch: '' } } }, branch],
    [
      'no text of a message',
      { ...example, backup: { git: { ...git, commitMessageTemplate: ['a'] } } },
      'backup.git.commitMessageTemplate: it must be a string',
    ],
    [
      'an empty message',
      { ...example, backup: { git: { ...git, commitMessageTemplate: '' } } },
      'backup.git.commitMessageTemplate: it must not be empty',
    ],
    ['another key', { ...example, version: 1 }, 'it has keys that are not known: version'],
    ['another kind of backup', { ...example, backup: { git, s3: {} } }, 'backup: it has keys that are not known: s3'],
    [
      'commands (S2-05)',
      { ...example, backup: { git: { ...git, command: 'rm', hooks: {} } } },
      'backup.git: it has keys that are not known: command, hooks',
    ],
  ])('refuses %s', (_, value, why) => {
    expect(outcomeOf(value)).toMatchObject({
      code: 'settings-invalid',
      message: `the configuration "/etc/store.json" cannot be used: ${why}`,
      hint: expect.stringContaining('commitMessageTemplate'),
    });
  });

  it('names everything that is wrong at once', () => {
    const broken = { enabled: 'yes', remote: '', branch: 'a b', push: null, commitMessageTemplate: 0, command: 'x' };
    expect(outcomeOf({ projectPath: '', storePath: '~/a', backup: { git: broken }, extra: 1 })).toMatchObject({
      message: `the configuration "/etc/store.json" cannot be used: ${[
        'projectPath: it must not be empty',
        `storePath: ${tilde}`,
        'databasePath: it must be a string',
        'backup.git.enabled: it must be a boolean',
        remote,
        branch,
        'backup.git.push: it must be a boolean',
        'backup.git.commitMessageTemplate: it must be a string',
        'backup.git: it has keys that are not known: command',
        'it has keys that are not known: extra',
      ].join('; ')}`,
    });
  });
});

describe('toMessageTemplate', () => {
  it.each([
    ['backup memory {memoryId}', 'backup memory {item}'],
    ['{memory_id}: {action}', '{item}: {reason}'],
    ['{memoryId} {memoryId} ({reason})', '{item} {item} ({reason})'],
    ['backup', 'backup'],
    [
      '{memoryid} {MemoryId} { memoryId } {memory-id} {actions} memoryId',
      '{memoryid} {MemoryId} { memoryId } {memory-id} {actions} memoryId',
    ],
    ['{{memoryId}} {{action}', '{{item}} {{reason}'],
    ['$& $1 $$ $(id) `id` {memoryId} {constructor}', '$& $1 $$ $(id) `id` {item} {constructor}'],
    ['first {action}\n\nsecond {memory_id}\n', 'first {reason}\n\nsecond {item}\n'],
  ])('%j', (template, ours) => expect(toMessageTemplate(template)).toBe(ours));
});
