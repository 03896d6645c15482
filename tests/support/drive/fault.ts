/** What a request is for. An upload in one request, whether `multipart` or `media`, is `multipart`. */
export type RequestKind =
  | 'auth'
  | 'token'
  | 'revoke'
  | 'about'
  | 'generateIds'
  | 'list'
  | 'get'
  | 'download'
  | 'create'
  | 'update'
  | 'delete'
  | 'multipart'
  | 'upload-start'
  | 'upload-chunk'
  | 'upload-query'
  | 'upload-cancel'
  | 'other';

/** The reasons that the server knows how Google words them; another one is sent as it is. */
export type FaultReason =
  | 'rateLimitExceeded'
  | 'userRateLimitExceeded'
  | 'storageQuotaExceeded'
  | 'dailyLimitExceeded'
  | 'insufficientPermissions'
  | 'appNotAuthorizedToFile'
  | 'insufficientFilePermissions'
  | 'accessNotConfigured'
  | 'authError'
  | 'notFound'
  | 'fileIdInUse'
  | 'backendError'
  | 'internalError';

/**
 * What goes wrong.
 *
 * - `status`: answers this; with `when: 'after'` the request was carried out all the same. The status 404 or 410 for a request in an
 *   upload session ends that session for good.
 * - `drop`: destroys the connection: `before` reading, after so many bytes of the body, or `after` the effect.
 * - `stall`: never answers, after so many bytes of the body or after all of it and its effect.
 * - `short-ack`: keeps only the first `blocks` times 256 KiB of the chunk, always less than all of it, and says so.
 * - `missing-range`: forgets everything of the session and answers 308 without a Range.
 * - `no-progress`: keeps nothing of this chunk and answers with the Range as it was.
 * - `duplicate-delivery`: the request arrives a second time; the answer is that of the second.
 * - `late-listing`: what this request makes is in none of the next `listings` listings, by default until `settleListings`.
 * - `incomplete-search`: says `incompleteSearch` and lists only the first `keep` files of that page, by default none.
 * - `flip-byte`: one byte of what is stored differs from what was sent, and so do the checksums.
 * - `corrupt-download`: one byte of what is sent differs from what is stored.
 * - `short-download`: closes the connection after so many bytes of the content.
 * - `full-quota`: from now on there is not a byte left, until `setQuota`.
 * - `expire-token`: the access token of this request is invalid from now on.
 * - `revoke`: the user takes back the access; nothing that was given out is valid any more.
 */
export type FaultAct =
  | {
      readonly act: 'status';
      readonly code: number;
      readonly reason?: FaultReason | (string & {});
      readonly retryAfterSeconds?: number;
      /** `before` by default. */
      readonly when?: 'before' | 'after';
    }
  | { readonly act: 'drop'; readonly when: 'before' | 'after' }
  | { readonly act: 'drop'; readonly afterBytes: number }
  | { readonly act: 'stall'; readonly afterBytes?: number }
  | { readonly act: 'short-ack'; readonly blocks: number }
  | { readonly act: 'missing-range' }
  | { readonly act: 'no-progress' }
  | { readonly act: 'duplicate-delivery' }
  | { readonly act: 'late-listing'; readonly listings?: number }
  | { readonly act: 'incomplete-search'; readonly keep?: number }
  | { readonly act: 'flip-byte' }
  | { readonly act: 'corrupt-download'; readonly atByte?: number }
  | { readonly act: 'short-download'; readonly afterBytes: number }
  | { readonly act: 'full-quota' }
  | { readonly act: 'expire-token' }
  | { readonly act: 'revoke' };

/**
 * One entry of a plan, which is plain JSON. It counts the requests of its kind for which its act means something; where two are due at
 * once, the later one waits for the next request, unless its act goes together with any other.
 */
export type Fault = FaultAct & {
  /** `any-upload` is every request that sends content or belongs to a session. */
  readonly on: RequestKind | 'any-upload' | 'any';
  /** So many requests pass before; none by default. */
  readonly skip?: number;
  /** So often it happens, each time to the next request; once by default. */
  readonly times?: number;
};
