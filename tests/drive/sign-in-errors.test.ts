import { describe, expect, it } from 'vitest';
import {
  type Account,
  classifyRefusal,
  clockProblem,
  otherAccount,
  type Refusal,
  type RefusalContext,
  type SignInCode,
  signInProblem,
} from '../../electron/engine/destinations/drive/sign-in-errors.ts';
import { ownAccount } from './sample-credentials.ts';
import { minuteMs, nowMs } from './token-scene.ts';

const shared: Account = { name: 'drive', credentials: { kind: 'shared', path: '/home/ada/.config/google-drive-mcp' } };

const classify = (refusal: Partial<Refusal>, context: Partial<RefusalContext> = {}) =>
  classifyRefusal(
    { status: 400, code: null, serverTimeMs: nowMs, ...refusal },
    { account: ownAccount, nowMs, grant: 'refresh', refreshEndsAtMs: null, ...context },
  );

describe('a refused request for tokens', () => {
  it.each<[string, Partial<Refusal>, Partial<RefusalContext>, string, boolean, RegExp]>([
    ['a revoked grant', { code: 'invalid_grant' }, {}, 'sign-in-revoked', false, /^sign in again: .*drive/],
    ['a Testing sign-in that is over', { code: 'invalid_grant' }, { refreshEndsAtMs: nowMs }, 'sign-in-expired', false, /^sign in again: /],
    ['a Testing sign-in before its end', { code: 'invalid_grant' }, { refreshEndsAtMs: nowMs + 1 }, 'sign-in-revoked', false, /^sign in/],
    ['a code that is too old', { code: 'invalid_grant' }, { grant: 'code' }, 'sign-in-missing', false, /the code of the browser/],
    [
      'a clock that is behind',
      { code: 'invalid_grant', serverTimeMs: nowMs + 180 * minuteMs },
      {},
      'sign-in-clock',
      false,
      /^this machine's clock is 3 hours behind, .*drive$/,
    ],
    [
      'a clock that is ahead',
      { code: 'invalid_grant', serverTimeMs: nowMs - 26 * 60 * minuteMs - 100 },
      {},
      'sign-in-clock',
      false,
      /^this machine's clock is 1 day 2 hours ahead, /,
    ],
    ['a clock within five minutes', { code: 'invalid_grant', serverTimeMs: nowMs - 5 * minuteMs }, {}, 'sign-in-revoked', false, /./],
    ['no Date header', { code: 'invalid_grant', serverTimeMs: null }, {}, 'sign-in-revoked', false, /./],
    ['a certificate of the future', { status: null, code: 'CERT_NOT_YET_VALID' }, {}, 'sign-in-clock', false, /is not valid yet/],
    ['a certificate of the past', { status: null, code: 'CERT_HAS_EXPIRED' }, {}, 'sign-in-clock', false, /has expired/],
    ['a client that is not known', { status: 401, code: 'invalid_client' }, {}, 'sign-in-client', false, /invalid_client/],
    ['a client that may not', { status: 401, code: 'unauthorized_client' }, {}, 'sign-in-client', false, /unauthorized_client/],
    ['a client that was deleted', { status: 401, code: 'deleted_client' }, {}, 'sign-in-client', false, /deleted_client/],
    ['a scope that is none', { code: 'invalid_scope' }, {}, 'sign-in-scope', false, /^sign in again: /],
    ['no network', { status: null, code: 'ENOTFOUND' }, {}, 'destination-absent', true, /ENOTFOUND/],
    ['a time limit', { status: null, code: 'TimeoutError' }, {}, 'destination-absent', true, /TimeoutError/],
    ['nothing known', { status: null }, {}, 'destination-absent', true, /no answer/],
    ['a service that is down', { status: 503 }, {}, 'destination-busy', true, /HTTP 503/],
    ['too many requests', { status: 429, code: 'rate_limit_exceeded' }, {}, 'destination-busy', true, /HTTP 429/],
    ['a page instead of tokens', { status: 200 }, {}, 'destination-busy', true, /HTTP 200/],
    ['a rule of an organisation', { code: 'admin_policy_enforced' }, {}, 'destination-refused', false, /admin_policy_enforced/],
    ['a refusal without a reason', { status: 403 }, {}, 'destination-refused', false, /HTTP 403/],
  ])('%s is told apart', (_, refusal, context, code, retryable, message) => {
    const error = classify(refusal, context);
    expect(error).toMatchObject({ code, retryable, hint: expect.any(String), message: expect.stringMatching(message) });
    expect(error.message).toContain('drive');
    expect(error.message).not.toMatch(/\.$/);
  });
});

describe('a problem of a sign-in', () => {
  const codes: SignInCode[] = [
    'sign-in-missing',
    'sign-in-expired',
    'sign-in-revoked',
    'sign-in-clock',
    'sign-in-scope',
    'sign-in-api-disabled',
    'sign-in-account',
    'sign-in-client',
  ];

  it.each(codes)('%s names the destination and what to do', (code) => {
    const error = signInProblem(code, 'drive', 'a fact');
    expect(error).toMatchObject({ code, retryable: false });
    expect(error.cause).toBeUndefined();
    expect(error.message).toMatch(/destination drive/);
    expect(error.message).toContain('(a fact)');
    expect(error.hint).toMatch(/nightjar destination sign-in drive|APIs & Services > Library > Google Drive API > Enable|date and time/);
  });

  it.each(['sign-in-missing', 'sign-in-expired', 'sign-in-revoked', 'sign-in-scope', 'sign-in-client'] as const)(
    '%s of shared credentials names the file and the program instead of the command',
    (code) => {
      const { hint } = signInProblem(code, shared);
      expect(hint).toMatch(/\/home\/ada\/\.config\/google-drive-mcp\/(tokens|gcp-oauth\.keys)\.json/);
      expect(hint).not.toContain('nightjar destination');
    },
  );

  it('of another account names both', () => {
    expect(otherAccount('drive', 'ada@example.org', 'bob@example.org')).toMatchObject({
      code: 'sign-in-account',
      message: 'the destination drive belongs to ada@example.org, but the sign-in is of bob@example.org',
      hint: expect.stringContaining('ada@example.org'),
    });
  });

  it.each([
    [-6 * minuteMs, '6 minutes behind'],
    [59.6 * minuteMs, '1 hour ahead'],
    [-3 * 24 * 60 * minuteMs, '3 days behind'],
  ])('of a clock that is off by %d ms says by how much', (offMs, text) => {
    expect(clockProblem(ownAccount, offMs).message).toBe(`this machine's clock is ${text}, so Google refuses the destination drive`);
  });
});
