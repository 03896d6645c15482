import { describe, expect, it } from 'vitest';
import { maxTextLength, redact } from '../../electron/engine/platform/redact.ts';

describe('redact', () => {
  it.each([
    ["fatal: unable to access 'https://ada:s3cret@example.org/a.git/'", "fatal: unable to access 'https://***@example.org/a.git/'"],
    ['https://ghp_aaaaaaaaaaaaaaaaaaaaaaaa@github.com/a', 'https://***@github.com/a'],
    ['https://ada:p@ss@example.org/a', 'https://***@example.org/a'],
    ['ssh://git@example.org/a and git@example.org:a', 'ssh://***@example.org/a and git@example.org:a'],
    ['https://example.org/a@b', 'https://example.org/a@b'],
    ['Authorization: Bearer abc.def', 'Authorization: *** ***'],
    ['sent bearer abc.def, twice', 'sent bearer ***, twice'],
    ['token=abc&x=1', 'token=***&x=1'],
    ['access_token: "a b", Password = x', 'access_token: ***, Password = ***'],
    ['{"client_secret":"abc","n":1}', '{"client_secret":***,"n":1}'],
    ['remote: glpat-abcdefghijklmnopqrst is no longer valid', 'remote: *** is no longer valid'],
    [
      "could not read Password for 'https://example.org': terminal prompts disabled",
      "could not read Password for 'https://example.org': terminal prompts disabled",
    ],
    ['remote: \u001b[31mno\u001b[0m\r\n', 'remote: [31mno[0m'],
  ])('%j', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it('cuts what is too long, after the secrets are gone', () => {
    const text = redact(`${'x'.repeat(maxTextLength - 20)} token=${'s'.repeat(100)} ${'y'.repeat(100)}`);
    expect([text.length, text.includes('sss')]).toEqual([maxTextLength, false]);
  });
});
