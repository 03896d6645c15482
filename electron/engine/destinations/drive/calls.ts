import type { BackupError } from '../../../domain/errors.ts';
import { type Patience, type PatienceTools, requestPatience, startPatience, transferPatience } from '../patience.ts';
import type { AccessTokens } from './access-tokens.ts';
import { apiError } from './api-errors.ts';
import type { Http, HttpRequest, HttpResponse } from './http.ts';
import type { Account } from './sign-in-errors.ts';

/** Where Google's API is, unless a gateway stands in for it. */
export const googleRoot = 'https://www.googleapis.com';

/** Requests in the name of the signed-in account. */
export interface DriveCalls {
  /** Sends once, with a valid token; a token that is refused is renewed and the same request sent again, once. */
  send(request: HttpRequest): Promise<HttpResponse>;
  /** Sends until the answer is a success or one of `expected`, as long as a repetition can help. */
  call(request: HttpRequest, expected?: readonly number[]): Promise<HttpResponse>;
  /** What an answer means that is no success. */
  problem(response: HttpResponse): BackupError;
  /** The readiness to try again, from its beginning, for what is more than one request. */
  patience(): Patience;
}

export interface CallsOptions {
  readonly account: Account;
  readonly http: Http;
  readonly tokens: AccessTokens;
  readonly ports: PatienceTools;
  readonly apiRoot: string | null;
  /** Ends every request, beside the signal of each. */
  readonly signal?: AbortSignal | undefined;
}

export function driveCalls({ account, http, tokens, ports, apiRoot, signal: every }: CallsOptions): DriveCalls {
  const problem = (response: HttpResponse) => apiError(response, account, ports.clock.now());

  const send: DriveCalls['send'] = async (asked) => {
    const request = { ...asked, signal: either(asked.signal, every) };
    const url = apiRoot === null ? request.url : rebase(request.url, apiRoot);
    const withToken = (token: string) => http({ ...request, url, headers: { ...request.headers, authorization: `Bearer ${token}` } });
    const token = await tokens.current(request.signal);
    const response = await withToken(token);
    return response.status === 401 ? withToken(await tokens.renew(token, request.signal)) : response;
  };

  const call: DriveCalls['call'] = async (request, expected = []) => {
    const patience = startPatience(ports, requestPatience);
    for (;;) {
      try {
        const response = await send(request);
        if (isSuccess(response.status) || expected.includes(response.status)) return response;
        throw problem(response);
      } catch (error) {
        await patience.await(error, either(request.signal, every));
      }
    }
  };

  return { send, call, problem, patience: () => startPatience(ports, transferPatience) };
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function either(one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined {
  return one && other && one !== other ? AbortSignal.any([one, other]) : (one ?? other);
}

/** The same address at another root; an upload session's address is one of Google's, too. */
function rebase(url: string, root: string): string {
  return url.startsWith(`${googleRoot}/`) ? root.replace(/\/$/, '') + url.slice(googleRoot.length) : url;
}
