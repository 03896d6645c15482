import { describe, expect, it } from 'vitest';
import { encodeOAuthClient, parseOAuthClient } from '../../electron/engine/destinations/drive/oauth-client.ts';
import { everythingOf } from './sample-credentials.ts';

const file = '/home/ada/client_secret.json';
const fields = {
  client_id: '123.apps.googleusercontent.com',
  project_id: 'ada-backups',
  auth_uri: 'https://accounts.google.com/o/oauth2/auth',
  token_uri: 'https://oauth2.googleapis.com/token',
  auth_provider_x509_cert_url: 'https://www.googleapis.com/oauth2/v1/certs',
  client_secret: 'GOCSPX-secret',
  redirect_uris: ['http://localhost'],
};
const google = {
  clientId: fields.client_id,
  clientSecret: fields.client_secret,
  authUri: fields.auth_uri,
  tokenUri: fields.token_uri,
};

describe('the JSON of an OAuth client', () => {
  it('is what the console gives for a desktop app', () => {
    expect(parseOAuthClient(JSON.stringify({ installed: fields }), file)).toEqual(google);
    expect(parseOAuthClient(`\uFEFF${JSON.stringify({ installed: fields }, null, 2)}\n`, file)).toEqual(google);
  });

  it("has Google's endpoints where it names none, and its own where it does", () => {
    const { client_id, client_secret } = fields;
    expect(parseOAuthClient(JSON.stringify({ installed: { client_id, client_secret } }), file)).toEqual(google);
    const own = { auth_uri: 'http://127.0.0.1:4711/auth', token_uri: 'https://gateway.example/token' };
    expect(parseOAuthClient(JSON.stringify({ installed: { client_id, client_secret, ...own } }), file)).toEqual({
      ...google,
      authUri: own.auth_uri,
      tokenUri: own.token_uri,
    });
  });

  it('comes back as it was', () => {
    expect(parseOAuthClient(encodeOAuthClient(google), file)).toEqual(google);
  });

  it.each<[string, string, RegExp]>([
    ['no JSON', '{"installed": {"client_secret": "GOCSPX-secret"', /it is not JSON$/],
    ['empty', '', /it is not JSON$/],
    ['a list', '[]', /it is not the JSON of an OAuth client$/],
    ['a web client', JSON.stringify({ web: fields }), /it is a client of the type "Web application", not "Desktop app"$/],
    ['a service account', JSON.stringify({ type: 'service_account', private_key: 'GOCSPX-secret' }), /it is the key of a service account/],
    ['tokens', JSON.stringify({ access_token: 'GOCSPX-secret' }), /it has the tokens of a sign-in/],
    ['something else', '{}', /it has no "installed" part/],
    ['without its id', JSON.stringify({ installed: { ...fields, client_id: undefined } }), /it has no usable client_id$/],
    ['without id and secret', '{ "installed": {} }', /it has no usable client_id, client_secret$/],
    ['with an empty secret', JSON.stringify({ installed: { ...fields, client_secret: '' } }), /it has no usable client_secret$/],
    [
      'with an address that would carry secrets in the clear',
      JSON.stringify({ installed: { ...fields, token_uri: 'http://google.example/token' } }),
      /it has no usable token_uri$/,
    ],
  ])('that is %s is refused in one sentence that names the file and tells no secret', (_, text, message) => {
    const error = (() => {
      try {
        return parseOAuthClient(text, file);
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toMatchObject({
      code: 'usage-invalid',
      message: expect.stringMatching(message),
      hint: expect.stringContaining('Desktop app'),
    });
    expect((error as Error).message).toMatch(/^the OAuth client \/home\/ada\/client_secret\.json cannot be used: /);
    expect(everythingOf(error)).not.toContain('GOCSPX');
  });
});
