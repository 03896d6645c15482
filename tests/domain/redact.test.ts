import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSecretKey, maxTextLength, redact, redactValue } from '../../electron/domain/redact.ts';

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
    [
      'PUT https://example.org/upload/files?uploadType=resumable&upload_id=ABg5-x_y&n=1',
      'PUT https://example.org/upload/files?uploadType=resumable&upload_id=***&n=1',
    ],
    ['GET /?state=abc&code=4/0AbCdEf', 'GET /?state=abc&code=***'],
    ['got ya29.a0AfB_byC-dEf.gHi and 1//0gAbCdEfGhIjKlMnOpQr', 'got *** and ***'],
    ['see https://1//0gAbCdEfGhIjKlMnOpQr', 'see https://1//0gAbCdEfGhIjKlMnOpQr'],
    ['the client GOCSPX-abc_DEF-123456 and the key AIzaSyA0123456789012345678901234567890', 'the client *** and the key ***'],
    ['eyJhbGciOiJI.eyJzdWIiOiIx.c2ln is signed', '*** is signed'],
    ['api_key: abc, x-api-key=def, passphrase="open sesame"', 'api_key: ***, x-api-key=***, passphrase=***'],
    ['{"answer":"{\\"refresh_token\\":\\"abc\\",\\"n\\":1}"}', '{"answer":"{\\"refresh_token\\":***,\\"n\\":1}"}'],
    ['-----BEGIN RSA PRIVATE KEY-----\nabc\ndef\n-----END RSA PRIVATE KEY-----\nafter', '***\nafter'],
    ['-----BEGIN PRIVATE KEY-----\nabc', '***'],
    ['job notes: 3 tokens in the table', 'job notes: 3 tokens in the table'],
    ['remote: \u001b[31mno\u001b[0m\r\n', 'remote: [31mno[0m'],
  ])('%j', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it('cuts what is too long, after the secrets are gone', () => {
    const text = redact(`${'x'.repeat(maxTextLength - 20)} token=${'s'.repeat(100)} ${'y'.repeat(100)}`);
    expect([text.length, text.includes('sss')]).toEqual([maxTextLength, false]);
  });
});

describe('redactValue', () => {
  it('hides what is secret by its name or by its look, and keeps the rest', () => {
    const cause = Object.assign(new Error('no way in with token=abc'), { code: 'EACCES' });
    cause.stack = 'Error: token=abc';
    expect(
      redactValue({
        bytes: 5,
        run: 'run-1',
        clientSecret: 'abc',
        refresh_token: 'abc',
        uploadUrl: 'https://example.org/x',
        sessionUri: 'https://example.org/x',
        Authorization: ['abc'],
        passphrase: 7,
        hasToken: true,
        token: null,
        remote: 'https://ada:abc@example.org/a.git',
        nested: [{ deep: { password: 'abc', big: 7n } }],
        cause,
      }),
    ).toEqual({
      bytes: 5,
      run: 'run-1',
      clientSecret: '***',
      refresh_token: '***',
      uploadUrl: '***',
      sessionUri: '***',
      Authorization: '***',
      passphrase: '***',
      hasToken: true,
      token: null,
      remote: 'https://***@example.org/a.git',
      nested: [{ deep: { password: '***', big: '7' } }],
      cause: { message: 'no way in with token=***', code: 'EACCES', stack: 'Error: token=***' },
    });
  });

  it('ends where a value contains itself', () => {
    const value: Record<string, unknown> = { name: 'a' };
    value.self = value;
    expect(JSON.stringify(redactValue(value))).toContain('…');
  });

  it.each(['bytes', 'destination', 'code', 'run', 'key', 'author', 'session'])('%s is no name of a secret', (name) => {
    expect(isSecretKey(name)).toBe(false);
  });
});

const secret = fc.stringMatching(/^[A-Za-z0-9]{24,40}$/);
const ordinary = fc.string({ maxLength: 40 }).filter((text) => !/-----BEGIN/.test(text));

const wrappings: readonly ((secret: string) => string)[] = [
  (text) => `https://ada:${text}@example.org/x`,
  (text) => `ssh://${text}@example.org`,
  (text) => `Authorization: Bearer ${text}`,
  (text) => `bearer ${text}`,
  (text) => `access_token=${text}`,
  (text) => `{"client_secret": "${text}"}`,
  (text) => `PASSWORD='${text}'`,
  (text) => `https://example.org/upload?upload_id=${text}`,
  (text) => `ya29.${text}`,
  (text) => `1//0${text}`,
  (text) => `GOCSPX-${text}`,
  (text) => `ghp_${text}`,
];

describe('whatever stands around it', () => {
  it('a secret is not in what is left', () => {
    fc.assert(
      fc.property(ordinary, ordinary, secret, fc.constantFrom(...wrappings), (before, after, value, wrap) => {
        expect(redact(`${before} ${wrap(value)} ${after}`)).not.toContain(value);
      }),
      { numRuns: 2000 },
    );
  });
});
