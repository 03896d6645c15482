import type { Fault, RequestKind } from './drive/fault.ts';
import { randomFaultPlan as drawFaultPlan } from './drive/random-plan.ts';
import { start } from './drive/start.ts';

export type { Fault, FaultAct, FaultReason, RequestKind } from './drive/fault.ts';

/** What the person in front of the consent page does; `ask` shows a page and waits for a click. */
export type Consent = 'allow' | 'deny' | 'untick' | 'ask';

export interface DriveServerOptions {
  /** Where the state is kept, which the next server with the same folder goes on with; by default a temporary one that `close` removes. */
  readonly folder?: string;
  /** By default the port that the folder was served on before, or a free one. */
  readonly port?: number;
  readonly faults?: readonly Fault[];
  /** By default `allow`. */
  readonly consent?: Consent;
  /** The consent screen is in the "Testing" state: a refresh token ends after seven days, and the token answers say so. */
  readonly testingConsent?: boolean;
  /** How long an access token lives; 3599 by default. */
  readonly tokenLifeSeconds?: number;
  /** How long an upload session lives; a week by default. */
  readonly sessionLifeSeconds?: number;
  /** The limit of the account; `null`, the default of a new folder, is unlimited. */
  readonly quotaBytes?: number | null;
  /** What of a chunk arrived before its connection ended is kept in whole blocks of 256 KiB; `true` by default. */
  readonly keepPartialChunks?: boolean;
  /** The clock of the server, by default the one of the system. */
  readonly now?: () => number;
}

export interface Account {
  readonly email: string;
  readonly permissionId: string;
  readonly displayName: string;
}

/** A file as it is stored, without what is worked out when it is asked for. */
export interface StoredFile {
  readonly id: string;
  readonly name: string;
  readonly mimeType: string;
  /** The one folder that it lies in; `null` for the root folder alone. */
  readonly parent: string | null;
  /** The OAuth client that made it. */
  readonly clientId: string;
  /** Private to each client: its id, then key and value. */
  readonly appProperties: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly properties: Readonly<Record<string, string>>;
  readonly description?: string;
  readonly originalFilename?: string;
  /** It was put into the trash itself, not a folder above it. */
  readonly explicitlyTrashed: boolean;
  readonly trashedAtMs?: number;
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
  readonly version: number;
  /** Missing for folders. */
  readonly content?: StoredContent;
}

export interface StoredContent {
  /** The name of the file in the folder `content` of the server's folder. */
  readonly file: string;
  readonly size: number;
  readonly md5: string;
  readonly sha1: string;
  readonly sha256: string;
}

/** A request as the log keeps it, without secrets. */
export interface LoggedRequest {
  /** Counted from 1. */
  readonly n: number;
  readonly method: string;
  /** With its query, whose secrets are replaced by a dash. */
  readonly path: string;
  readonly kind: RequestKind;
  /** Which session it belongs to, by the number that `uploads()` has. */
  readonly session?: number;
  /** `null` while it is open, and where the connection ended without an answer. */
  readonly status: number | null;
  /** It was answered or its connection is gone. */
  readonly isEnded: boolean;
  readonly bodyBytes: number;
  /** The acts of the faults that hit it. */
  readonly faults: readonly string[];
}

/** What one upload session received. */
export interface UploadCount {
  /** Counted from 1, in the order of their start. */
  readonly session: number;
  /** The id that the file has or will have. */
  readonly fileId: string;
  /** Bytes of the bodies of its PUTs, also of those that were thrown away. */
  readonly receivedBytes: number;
  /** Bytes that it holds. */
  readonly persistedBytes: number;
  readonly state: 'open' | 'finished' | 'gone';
}

export interface DriveNumbers {
  /** Bytes of the bodies of all upload PUTs, also of those that were thrown away. */
  readonly receivedBytes: number;
  /** Those of them that were thrown away: sent twice, refused or forgotten by a fault. */
  readonly discardedBytes: number;
  /** Chunks that began beyond what the session held. */
  readonly gaps: number;
  /** Access tokens given for refresh tokens. */
  readonly refreshes: number;
  /** The most requests that were open at once. */
  readonly maxConcurrent: number;
  /** The most upload PUTs that were open at once. */
  readonly maxConcurrentPuts: number;
}

export interface IssuedTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresAtMs: number;
  readonly scope: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface SharedCredentials {
  /** By default the full scope `drive`. A short name such as `drive.file` is enough. */
  readonly scope?: string;
  /** Counted from now; negative for a token that has expired. By default the life of a token. */
  readonly expiresInSeconds?: number;
  /** `iso` and `iso-naive` (in UTC, without a zone) write `expiry`, `epoch-ms` writes `expiry_date`. By default `epoch-ms`. */
  readonly format?: 'iso' | 'iso-naive' | 'epoch-ms';
  /** Goes into tokens.json as it is, and before everything else. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** What somebody adds in the web interface. */
export interface NewFile {
  readonly name: string;
  /** Ids or `root`, where it goes by default. */
  readonly parents?: readonly string[];
  /** By default `application/octet-stream`, without content a folder. */
  readonly mimeType?: string;
  readonly content?: Uint8Array | string;
  readonly appProperties?: Readonly<Record<string, string>>;
  /** The client that made it; by default the web interface, whose files no token with `drive.file` alone sees. */
  readonly clientId?: string;
}

/** The faults still to come. */
export interface FaultPlan {
  add(...faults: readonly Fault[]): void;
  clear(): void;
  /** Those that have not happened as often as they should. */
  pending(): readonly Fault[];
}

/**
 * Google Drive v3 and Google's OAuth endpoints over HTTP on 127.0.0.1, for one account, by their documentation: what the real ones
 * refuse is refused. `url` stands for `https://www.googleapis.com`, `https://accounts.google.com` and `https://oauth2.googleapis.com`
 * at once. What it acknowledged survives its own end and start, the open upload sessions and the tokens included.
 */
export interface DriveServer extends AsyncDisposable {
  readonly url: string;
  readonly folder: string;
  /** Of the first client; `clientFile`, `issueTokens` and `sharedCredentials` are about this one. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** The id behind the alias `root`. */
  readonly rootId: string;

  /** Writes the JSON file that Google offers for download for a client of the type "Desktop app", with the endpoints of this server. */
  clientFile(path: string): Promise<void>;
  /** Writes `gcp-oauth.keys.json` and `tokens.json` with the mode 0600, as a program that was signed in before leaves them. */
  sharedCredentials(folder: string, options?: SharedCredentials): Promise<IssuedTokens>;
  /** A sign-in without a browser; a client id that is not known becomes a new client. */
  issueTokens(scope?: string, options?: { readonly clientId?: string; readonly expiresInSeconds?: number }): IssuedTokens;
  /** Opens a url and follows its redirects to the end, as a browser does. */
  fetchAsBrowser(url: string): Promise<{ readonly url: string; readonly status: number; readonly body: string }>;
  setConsent(consent: Consent): void;
  setTokenLife(seconds: number): void;
  /** Takes back every grant, as the user can in the account's settings. */
  revokeAll(): void;
  /** Every access token given out so far is invalid; the refresh tokens stay. */
  expireAccessTokens(): void;
  /** Every open upload session is gone. */
  expireSessions(): void;

  /** Everything stored but the root folder, in the order of creation. */
  files(): StoredFile[];
  content(id: string): Promise<Buffer>;
  contentPath(id: string): string;
  /** Where the bytes of an open session are kept while it is not finished; throws for another one. */
  sessionPath(session: number): string;
  addFile(file: NewFile): Promise<StoredFile>;
  setTrashed(id: string, trashed?: boolean): void;
  /** Deletes it for good, with everything in it. */
  remove(id: string): void;
  rename(id: string, name: string): void;
  move(id: string, parent: string): void;
  setQuota(bytes: number | null): void;
  setAccount(account: Partial<Account>): void;
  /** The Drive API is switched off in the client's project, or on again. */
  disableApi(isDisabled?: boolean): void;
  /** The Date header of every answer lies by this much. */
  setDateSkew(ms: number): void;
  /** Every file shows up in listings from now on. */
  settleListings(): void;

  readonly faults: FaultPlan;
  numbers(): DriveNumbers;
  uploads(): UploadCount[];
  requests(): readonly LoggedRequest[];
  /** Resolves when this many bytes of upload bodies have arrived since the start; rejects when the server is closed before. */
  whenReceived(bytes: number): Promise<void>;
  /** Resolves when the log fits, which is asked whenever a request begins, ends or grows. Rejects when the server is closed before. */
  when(isThere: (requests: readonly LoggedRequest[]) => boolean): Promise<void>;
  /** Every access token, refresh token, code, client secret and upload id that was ever given out. */
  secrets(): string[];
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

/** Starts the server. Rejects where the port that was asked for is taken. */
export async function startDriveServer(options: DriveServerOptions = {}): Promise<DriveServer> {
  return start(options);
}

export interface RandomPlanOptions {
  /** Some of the faults may be such that a right client does not complete, and has to say so. */
  readonly fatal?: boolean;
}

/**
 * So many faults at random; the same seed gives the same plan, which is plain JSON to print. A right client completes in spite of all of
 * them, unless they may be fatal. None stalls.
 */
export function randomFaultPlan(seed: number, count: number, options: RandomPlanOptions = {}): Fault[] {
  return drawFaultPlan(seed, count, options);
}
