import { randomBytes, randomInt } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Account, StoredFile } from '../drive-server.ts';

export interface Client {
  readonly id: string;
  readonly secret: string;
  readonly projectId: string;
}

/** What a user allowed a client; dies with everything that came from it. */
export interface Grant {
  readonly id: string;
  readonly clientId: string;
  readonly scope: string;
  readonly refreshToken: string;
  readonly refreshUntilMs?: number;
  isRevoked: boolean;
}

export interface AccessToken {
  readonly token: string;
  readonly grantId: string;
  readonly scope: string;
  untilMs: number;
}

/** An authorization code between the consent and its exchange. */
export interface Code {
  readonly code: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope: string;
  readonly challenge?: string;
  readonly challengeMethod: string;
  readonly untilMs: number;
}

/** An upload session, but for its bytes: those lie in a file of their own, whose size tells how many there are. */
export interface StoredSession {
  readonly number: number;
  readonly uploadId: string;
  readonly clientId: string;
  readonly fileId: string;
  /** The fields of the file that is made, or the id alone of the one that gets new content. */
  readonly create: StoredFile | null;
  /** What an update changes beside the content, as it came. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly mimeType: string | null;
  readonly fields: string | null;
  readonly startedAtMs: number;
  totalBytes: number | null;
  state: 'open' | 'finished' | 'gone';
  /** What later requests are answered with when it is gone. */
  goneStatus: number;
  /** The answer of a finished one. */
  result: unknown;
  flipsByte: boolean;
  /** How many listings do not show the file yet; `null` is all of them. */
  hiddenListings?: number | null;
}

interface Saved {
  port: number;
  account: Account;
  quotaBytes: number | null;
  readonly rootId: string;
  readonly clients: Client[];
  files: StoredFile[];
  /** The ids that were generated, and whether one was used for a file. */
  readonly ids: Record<string, 'free' | 'used'>;
  readonly grants: Grant[];
  accessTokens: AccessToken[];
  codes: Code[];
  readonly sessions: StoredSession[];
  readonly secrets: string[];
}

/** Everything that the server remembers, as JSON in its folder. Whoever changes it calls `save` before the change is acknowledged. */
export class ServerState {
  readonly folder: string;
  readonly now: () => number;
  readonly data: Saved;
  readonly files: Map<string, StoredFile>;

  constructor(folder: string, now: () => number) {
    this.folder = folder;
    this.now = now;
    for (const name of ['content', 'sessions']) mkdirSync(join(folder, name), { recursive: true });
    this.data = read(folder) ?? empty();
    this.files = new Map(this.data.files.map((file) => [file.id, file]));
    if (!this.files.has(this.data.rootId)) this.#addRoot();
    if (this.data.clients.length === 0) this.addClient();
  }

  /** The client that the server was made for. */
  get client(): Client {
    return this.data.clients[0] ?? this.addClient();
  }

  addClient(id?: string): Client {
    const client = {
      id: id ?? `${randomInt(1e11, 9e11)}-${letters(32, lowerCase)}.apps.googleusercontent.com`,
      secret: this.remember(`GOCSPX-${letters(28)}`),
      projectId: `nightjar-${randomInt(1e5, 9e5)}`,
    };
    this.data.clients.push(client);
    return client;
  }

  /** Keeps a value among those that must never be seen in a log. */
  remember(secret: string): string {
    this.data.secrets.push(secret);
    return secret;
  }

  newFileId(): string {
    const id = `1${letters(32, `${alphabet}-_`)}`;
    this.data.ids[id] = 'free';
    return id;
  }

  contentPath(name: string): string {
    return join(this.folder, 'content', name);
  }

  /** Written beside and renamed, so that a server that was killed finds the state before or after. */
  save(): void {
    this.data.files = [...this.files.values()];
    const path = join(this.folder, 'state.json');
    writeFileSync(`${path}.tmp`, JSON.stringify(this.data), { mode: 0o600 });
    renameSync(`${path}.tmp`, path);
  }

  #addRoot(): void {
    this.files.set(this.data.rootId, {
      id: this.data.rootId,
      name: 'My Drive',
      mimeType: 'application/vnd.google-apps.folder',
      parent: null,
      clientId: '',
      appProperties: {},
      properties: {},
      explicitlyTrashed: false,
      createdAtMs: this.now(),
      modifiedAtMs: this.now(),
      version: 1,
    });
  }
}

const lowerCase = 'abcdefghijklmnopqrstuvwxyz0123456789';
const alphabet = `${lowerCase}ABCDEFGHIJKLMNOPQRSTUVWXYZ`;

/** So many random characters. */
export function letters(count: number, from: string = alphabet): string {
  return Array.from(randomBytes(count), (byte) => from[byte % from.length]).join('');
}

function read(folder: string): Saved | null {
  try {
    return JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8')) as Saved;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function empty(): Saved {
  return {
    port: 0,
    account: { email: 'ada@example.com', permissionId: '04412365498765432101', displayName: 'Ada Example' },
    quotaBytes: null,
    rootId: `0A${letters(11)}Uk9PVA`,
    clients: [],
    files: [],
    ids: {},
    grants: [],
    accessTokens: [],
    codes: [],
    sessions: [],
    secrets: [],
  };
}
