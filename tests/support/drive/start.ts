import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DriveServer, DriveServerOptions, NewFile, StoredFile } from '../drive-server.ts';
import { issueTokens, writeClientFile, writeSharedCredentials } from './credentials.ts';
import { Faults } from './faults.ts';
import { FileTree, folderType } from './file-tree.ts';
import { OAuth } from './oauth.ts';
import { RequestLog } from './request-log.ts';
import { Sessions } from './resumable.ts';
import { serve } from './serve.ts';
import type { ServerParts, Settings } from './server-parts.ts';
import { ServerState } from './server-state.ts';
import { storeContent } from './uploads.ts';

const weekSeconds = 7 * 24 * 60 * 60;

/** Opens the folder, listens on loopback and puts the parts together. */
export async function start(options: DriveServerOptions): Promise<DriveServer> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'nightjar-drive-server-')));
  const state = new ServerState(folder, options.now ?? (() => Date.now()));
  if (options.quotaBytes !== undefined) state.data.quotaBytes = options.quotaBytes;
  const http = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0, headersTimeout: 0 });
  const port = await listen(http, options.port, state.data.port);
  state.data.port = port;
  state.save();
  const parts = makeParts(options, state, `http://127.0.0.1:${port}`);
  parts.faults.add(...(options.faults ?? []));
  const running = new Set<Promise<void>>();
  http.on('request', (request, response) => {
    const work = serve(parts, request, response).finally(() => running.delete(work));
    running.add(work);
  });
  let closing: Promise<void> | null = null;
  const close = async () => {
    const closed = once(http, 'close');
    http.close();
    http.closeAllConnections();
    await Promise.all([closed, ...running]);
    parts.sessions.close();
    parts.log.close();
    if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
  };
  return makeServer(parts, () => {
    closing ??= close();
    return closing;
  });
}

function makeParts(options: DriveServerOptions, state: ServerState, url: string): ServerParts {
  const settings: Settings = {
    keepPartialChunks: options.keepPartialChunks ?? true,
    sessionLifeSeconds: options.sessionLifeSeconds ?? weekSeconds,
    isApiDisabled: false,
    dateSkewMs: 0,
  };
  const [tree, log, hidden] = [new FileTree(state), new RequestLog(), new Map<string, number | null>()];
  const oauth = new OAuth(state, {
    consent: options.consent ?? 'allow',
    tokenLifeSeconds: options.tokenLifeSeconds ?? 3599,
    testingConsent: options.testingConsent ?? false,
  });
  const sessions = new Sessions(state, tree, log, settings, hidden);
  return { url, state, tree, oauth, sessions, faults: new Faults(), log, settings, hidden };
}

/** A port that was asked for has to be free; the one that the folder had before only should be. */
async function listen(http: Server, wanted: number | undefined, before: number): Promise<number> {
  for (const port of wanted === undefined ? [before, 0] : [wanted]) {
    http.listen(port, '127.0.0.1');
    try {
      await once(http, 'listening');
      return (http.address() as AddressInfo).port;
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!isTaken || wanted !== undefined) throw error;
    }
  }
  throw new Error('no free port on loopback');
}

function makeServer(parts: ServerParts, close: () => Promise<void>): DriveServer {
  const { url, state, oauth, log, sessions, faults, settings, hidden } = parts;
  const { client } = state;
  const issue: DriveServer['issueTokens'] = (scope = 'drive.file', { clientId = client.id, expiresInSeconds } = {}) =>
    issueTokens(state, oauth, scope, clientId, expiresInSeconds);
  return {
    url,
    folder: state.folder,
    clientId: client.id,
    clientSecret: client.secret,
    rootId: state.data.rootId,
    clientFile: (path) => writeClientFile(path, url, client),
    sharedCredentials: async (folder, given = {}) => {
      const { expiresInSeconds } = given;
      const tokens = issue(given.scope ?? 'drive', expiresInSeconds === undefined ? {} : { expiresInSeconds });
      await writeSharedCredentials(folder, url, client, tokens, given);
      return tokens;
    },
    issueTokens: issue,
    fetchAsBrowser,
    setConsent: (consent) => {
      oauth.options.consent = consent;
    },
    setTokenLife: (seconds) => {
      oauth.options.tokenLifeSeconds = seconds;
    },
    revokeAll: () => oauth.revokeAll(),
    expireAccessTokens: () => oauth.expireAccessTokens(),
    expireSessions: () => sessions.expireAll(),
    ...accountOf(parts),
    disableApi: (isDisabled = true) => {
      settings.isApiDisabled = isDisabled;
    },
    setDateSkew: (ms) => {
      settings.dateSkewMs = ms;
    },
    settleListings: () => hidden.clear(),
    faults,
    numbers: () => {
      const { receivedBytes, discardedBytes, gaps, maxConcurrent, maxConcurrentPuts } = log;
      return { receivedBytes, discardedBytes, gaps, refreshes: oauth.refreshes, maxConcurrent, maxConcurrentPuts };
    },
    uploads: () => sessions.counts(),
    requests: () => log.entries.map((entry) => ({ ...entry })),
    whenReceived: (bytes) => log.when(() => log.receivedBytes >= bytes),
    when: (isThere) => log.when(() => isThere(log.entries)),
    secrets: () => [...state.data.secrets],
    close,
    [Symbol.asyncDispose]: close,
  };
}

type AccountCalls =
  | 'files'
  | 'content'
  | 'contentPath'
  | 'sessionPath'
  | 'addFile'
  | 'setTrashed'
  | 'remove'
  | 'rename'
  | 'move'
  | 'setQuota'
  | 'setAccount';

/** What somebody sees and does in the web interface. */
function accountOf(parts: ServerParts): Pick<DriveServer, AccountCalls> {
  const { state, tree, sessions } = parts;
  const find = (id: string): StoredFile => {
    const file = tree.find(id);
    if (!file) throw new Error(`there is no file ${id}`);
    return file;
  };
  const change = (id: string, changes: Partial<StoredFile>) => {
    const file = find(id);
    tree.put({ ...file, ...changes, version: file.version + 1, modifiedAtMs: state.now() });
    state.save();
  };
  const contentPath = (id: string) => {
    const { content } = find(id);
    if (!content) throw new Error(`the file ${id} has no content`);
    return state.contentPath(content.file);
  };
  return {
    files: () => tree.all(),
    contentPath,
    content: async (id) => readFile(contentPath(id)),
    sessionPath: (number) => {
      if (state.data.sessions[number - 1]?.state !== 'open') throw new Error(`there is no open session ${number}`);
      return sessions.path({ number });
    },
    addFile: async (file) => addFile(parts, file, find(file.parents?.[0] ?? 'root')),
    setTrashed: (id, trashed = true) => {
      const { trashedAtMs: _, ...rest } = find(id);
      const file: StoredFile = { ...rest, explicitlyTrashed: trashed, version: rest.version + 1 };
      tree.put(trashed ? { ...file, trashedAtMs: state.now() } : file);
      state.save();
    },
    remove: (id) => {
      tree.remove(find(id).id);
      state.save();
    },
    rename: (id, name) => change(id, { name }),
    move: (id, parent) => change(id, { parent: find(parent).id }),
    setQuota: (bytes) => {
      state.data.quotaBytes = bytes;
      state.save();
    },
    setAccount: (account) => {
      state.data.account = { ...state.data.account, ...account };
      state.save();
    },
  };
}

function addFile(parts: ServerParts, file: NewFile, parent: StoredFile): StoredFile {
  const { state, tree } = parts;
  const clientId = file.clientId ?? 'web interface';
  const added: StoredFile = {
    id: state.newFileId(),
    name: file.name,
    mimeType: file.mimeType ?? (file.content === undefined ? folderType : 'application/octet-stream'),
    parent: parent.id,
    clientId,
    appProperties: file.appProperties ? { [clientId]: file.appProperties } : {},
    properties: {},
    explicitlyTrashed: false,
    createdAtMs: state.now(),
    modifiedAtMs: state.now(),
    version: 1,
  };
  if (file.content !== undefined) return storeContent(parts, added, Buffer.from(file.content));
  tree.put(added);
  state.save();
  return added;
}

async function fetchAsBrowser(start: string): Promise<{ url: string; status: number; body: string }> {
  let url = start;
  for (let hop = 0; hop < 20; hop++) {
    const response = await fetch(url, { redirect: 'manual' });
    const location = response.headers.get('location');
    const body = await response.text();
    if (location === null || response.status < 300 || response.status > 399) return { url, status: response.status, body };
    url = new URL(location, url).href;
  }
  throw new Error(`too many redirects from ${start}`);
}
