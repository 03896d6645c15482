import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredFile, UploadCount } from '../drive-server.ts';
import { ContentFile } from './content-file.ts';
import { findVisible, type Metadata, planUpdate, type Viewer } from './file-metadata.ts';
import { renderFile } from './file-resource.ts';
import type { FileTree } from './file-tree.ts';
import { refuseKnown, refuseUpload } from './google-error.ts';
import { type Answer, ConnectionGone, type HttpExchange } from './http-exchange.ts';
import type { RequestLog } from './request-log.ts';
import type { Settings } from './server-parts.ts';
import type { ServerState, StoredSession } from './server-state.ts';
import { blockBytes, type Chunk, readChunk } from './upload-range.ts';

/** The upload sessions: what they hold, and what a request does to it. */
export class Sessions {
  readonly #state: ServerState;
  readonly #tree: FileTree;
  readonly #log: RequestLog;
  readonly #settings: Settings;
  readonly #hidden: Map<string, number | null>;
  readonly #parts = new Map<number, ContentFile>();
  /** The request whose bytes a session takes; a newer one takes over. */
  readonly #writers = new Map<number, HttpExchange>();

  constructor(state: ServerState, tree: FileTree, log: RequestLog, settings: Settings, hidden: Map<string, number | null>) {
    this.#state = state;
    this.#tree = tree;
    this.#log = log;
    this.#settings = settings;
    this.#hidden = hidden;
  }

  add(session: Omit<StoredSession, 'number' | 'state' | 'goneStatus' | 'result' | 'startedAtMs'>): StoredSession {
    const number = this.#state.data.sessions.length + 1;
    const added: StoredSession = { ...session, number, startedAtMs: this.#state.now(), state: 'open', goneStatus: 404, result: null };
    this.#state.data.sessions.push(added);
    this.#state.save();
    return added;
  }

  find(uploadId: string | null): StoredSession | undefined {
    return this.#state.data.sessions.find((session) => session.uploadId === uploadId);
  }

  end(session: StoredSession, status: number): void {
    // What a finished one brought is in the file.
    if (session.state === 'open') this.#log.keep(session.number, Number.NEGATIVE_INFINITY);
    session.state = 'gone';
    session.goneStatus = status;
    this.#state.save();
    this.#parts.get(session.number)?.close();
    this.#parts.delete(session.number);
    rmSync(this.path(session), { force: true });
  }

  expireAll(): void {
    for (const session of this.#state.data.sessions) if (session.state === 'open') this.end(session, 404);
  }

  path(session: { readonly number: number }): string {
    return join(this.#state.folder, 'sessions', String(session.number));
  }

  counts(): UploadCount[] {
    return this.#state.data.sessions.map((session) => ({
      session: session.number,
      fileId: session.fileId,
      receivedBytes: this.#log.receivedBySession.get(session.number) ?? 0,
      persistedBytes: this.#persisted(session),
      state: session.state,
    }));
  }

  close(): void {
    for (const part of this.#parts.values()) part.close();
    this.#parts.clear();
  }

  /** A PUT to the session: a chunk, the whole, or the question how far it is. */
  async put(exchange: HttpExchange, session: StoredSession): Promise<Answer> {
    this.#checkAlive(session);
    const flip = exchange.act('flip-byte');
    const late = exchange.act('late-listing');
    if (flip) session.flipsByte = true;
    if (late) session.hiddenListings = late.listings ?? null;
    if (session.state === 'finished') {
      await exchange.drain();
      return finishedAnswer(session);
    }
    const chunk = readChunk(exchange, session);
    const part = this.#part(session);
    if (chunk.start > part.size) {
      this.#log.gaps++;
      throw refuseUpload(400, `gap: the chunk begins at ${chunk.start}, but only ${part.size} bytes are there`);
    }
    if (chunk.total !== null) session.totalBytes = chunk.total;
    await this.#receive(exchange, session, chunk);
    if (exchange.act('missing-range') && session.state === 'open') {
      part.truncate(0);
      this.#log.keep(session.number, Number.NEGATIVE_INFINITY);
    }
    return this.answer(session);
  }

  async #receive(exchange: HttpExchange, session: StoredSession, chunk: Chunk): Promise<void> {
    if (chunk.length === 0) return;
    const part = this.#part(session);
    const keepUntil = chunk.start + keptBytes(exchange, chunk);
    const mark = this.#settings.keepPartialChunks ? null : part.mark();
    this.#writers.set(session.number, exchange);
    const isOurs = () => this.#writers.get(session.number) === exchange && session.state === 'open';
    let at = chunk.start;
    let pending: Buffer[] = [];
    let pendingBytes = 0;
    try {
      for await (const block of exchange.body()) {
        const from = part.size + pendingBytes;
        const use = isOurs() ? block.subarray(Math.max(0, from - at), Math.max(0, keepUntil - at)) : Buffer.alloc(0);
        at += block.length;
        pending.push(use);
        pendingBytes += use.length;
        const isWhole = part.size + pendingBytes === chunk.total;
        if (use.length === 0 || !(isWhole || pendingBytes >= blockBytes)) continue;
        const bytes = Buffer.concat(pending);
        const whole = isWhole ? bytes.length : bytes.length - ((part.size + bytes.length) % blockBytes);
        part.append(bytes.subarray(0, whole));
        this.#log.keep(session.number, whole);
        pending = [bytes.subarray(whole)];
        pendingBytes = bytes.length - whole;
      }
    } catch (error) {
      if (mark && error instanceof ConnectionGone && isOurs()) {
        this.#log.keep(session.number, mark.size - part.size);
        part.restore(mark);
      }
      throw error;
    }
  }

  /** 308 with what is there, or the file once everything is. */
  answer(session: StoredSession): Answer {
    this.#checkAlive(session);
    if (session.state === 'finished') return finishedAnswer(session);
    const persisted = this.#persisted(session);
    if (session.totalBytes === persisted) return this.#finish(session);
    const headers: Record<string, string> = persisted === 0 ? {} : { range: `bytes=0-${persisted - 1}` };
    return { status: 308, statusText: 'Resume Incomplete', headers, text: '' };
  }

  #finish(session: StoredSession): Answer {
    const part = this.#part(session);
    if (!this.#tree.hasRoomFor(part.size)) throw refuseKnown(403, 'storageQuotaExceeded');
    const viewer: Viewer = { clientId: session.clientId, seesAll: true };
    const file = session.create ? this.#created(session.create) : this.#updated(session, viewer);
    if (session.flipsByte) part.flipByte();
    const content = part.finish((name) => this.#state.contentPath(name), `${file.id}-${file.version}`);
    this.#parts.delete(session.number);
    const stored = { ...file, content };
    this.#tree.put(stored);
    if (session.create && session.hiddenListings !== undefined) this.#hidden.set(stored.id, session.hiddenListings);
    session.state = 'finished';
    session.result = renderFile(this.#tree, stored, viewer, session.fields);
    this.#state.save();
    return finishedAnswer(session);
  }

  #created(file: StoredFile): StoredFile {
    if (this.#state.data.ids[file.id] === 'used') throw refuseKnown(409, 'fileIdInUse');
    if (!this.#tree.find(file.parent ?? '')) throw refuseKnown(404, 'notFound');
    const now = this.#state.now();
    return { ...file, createdAtMs: now, modifiedAtMs: now };
  }

  #updated(session: StoredSession, viewer: Viewer): StoredFile {
    const file = findVisible(this.#tree, viewer, session.fileId);
    const mimeType = session.mimeType === null ? {} : { mimeType: session.mimeType };
    const metadata: Metadata = { ...mimeType, ...session.metadata };
    return planUpdate(this.#state, this.#tree, viewer, file, metadata, { add: [], remove: [] });
  }

  #checkAlive(session: StoredSession): void {
    const lifeMs = this.#settings.sessionLifeSeconds * 1000;
    if (session.state === 'open' && this.#state.now() >= session.startedAtMs + lifeMs) this.end(session, 404);
    if (session.state === 'gone') throw refuseUpload(session.goneStatus, 'there is no such upload session');
  }

  #part(session: StoredSession): ContentFile {
    const open = this.#parts.get(session.number);
    if (open) return open;
    const part = new ContentFile(this.path(session));
    // Only a server that was killed leaves a piece of a block behind.
    if (part.size !== session.totalBytes && part.size % blockBytes > 0) part.truncate(part.size - (part.size % blockBytes));
    this.#parts.set(session.number, part);
    return part;
  }

  #persisted(session: StoredSession): number {
    if (session.state === 'open') return this.#part(session).size;
    return session.state === 'finished' ? (session.totalBytes ?? 0) : 0;
  }
}

/** How much of a chunk its faults let through. */
function keptBytes(exchange: HttpExchange, { length }: Chunk): number {
  if (exchange.act('no-progress')) return 0;
  const short = exchange.act('short-ack');
  return short ? blockBytes * Math.min(short.blocks, Math.floor((length - 1) / blockBytes)) : length;
}

function finishedAnswer(session: StoredSession): Answer {
  return { status: 200, json: session.result };
}
