import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { FaultAct, LoggedRequest } from '../drive-server.ts';
import { type ActOf, findAct } from './faults.ts';
import { refuse } from './google-error.ts';
import type { RequestLog } from './request-log.ts';

/** What a request is answered with. */
export interface Answer {
  readonly status: number;
  readonly statusText?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly text?: string;
  /** Part of a file, from `start` up to, and without, `end`. */
  readonly slice?: { readonly path: string; readonly start: number; readonly end: number };
}

/** The connection is gone, or will never see an answer; nobody is to blame. */
export class ConnectionGone extends Error {}

/** One request and its answer, with the faults that hit it. */
export class HttpExchange {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly acts: readonly FaultAct[];
  readonly entry: LoggedRequest;
  readonly #response: ServerResponse;
  readonly #log: RequestLog;
  #at = 0;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    log: RequestLog,
    entry: ReturnType<RequestLog['begin']>,
    acts: readonly FaultAct[],
  ) {
    this.request = request;
    this.#response = response;
    this.url = url;
    this.#log = log;
    this.entry = entry;
    this.acts = acts;
  }

  get params(): URLSearchParams {
    return this.url.searchParams;
  }

  header(name: string): string | null {
    const value = this.request.headers[name];
    return typeof value === 'string' ? value : null;
  }

  act<Name extends FaultAct['act']>(name: Name): ActOf<Name> | undefined {
    return findAct(this.acts, name);
  }

  /**
   * What is left of the body as it arrives, up to where a fault cuts it. Throws `ConnectionGone` when the client goes away in the
   * middle, or the fault has it so.
   */
  async *body(): AsyncGenerator<Buffer> {
    const cut = this.#cut();
    try {
      // Whoever stops in the middle still has the connection to answer on.
      for await (const block of this.request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        const rest = cut === null ? block : block.subarray(0, Math.max(0, cut.afterBytes - this.#at));
        this.#at += block.length;
        try {
          if (rest.length > 0) yield rest;
        } finally {
          // Afterwards, so that whoever waited for these bytes finds them where they belong.
          this.#log.receive(this.entry, block.length);
        }
        if (cut && this.#at >= cut.afterBytes) break;
      }
    } catch (error) {
      throw new ConnectionGone('the client went away', { cause: error });
    }
    if (cut?.act === 'drop') throw this.drop();
    if (cut?.act === 'stall') await this.stall();
  }

  /** The whole body, which must not be larger than this. */
  async readBody(maxBytes: number): Promise<Buffer> {
    const blocks: Buffer[] = [];
    let bytes = 0;
    for await (const block of this.body()) {
      bytes += block.length;
      if (bytes <= maxBytes) blocks.push(block);
    }
    if (bytes > maxBytes) throw refuse(413, 'uploadTooLarge', { message: `The body has ${bytes} bytes, more than ${maxBytes}.` });
    return Buffer.concat(blocks);
  }

  /** Takes what is left of the body and throws it away, so that the client is there to read the answer. */
  async drain(): Promise<void> {
    for await (const _ of this.body());
  }

  /** Ends the connection without an answer. */
  drop(): ConnectionGone {
    this.request.socket.destroy();
    return new ConnectionGone('dropped');
  }

  /** Waits until the client has gone away. */
  async stall(): Promise<never> {
    // A connection that nobody reads from does not tell that it was closed.
    this.request.resume();
    if (!this.#response.closed) await once(this.#response, 'close');
    throw new ConnectionGone('stalled');
  }

  async send(answer: Answer, date: string): Promise<void> {
    const { status, statusText, slice } = answer;
    const body = answer.json === undefined ? (answer.text ?? '') : `${JSON.stringify(answer.json, null, 1)}\n`;
    const length = slice ? slice.end - slice.start : Buffer.byteLength(body);
    const type = answer.json === undefined ? {} : { 'content-type': 'application/json; charset=UTF-8' };
    const lengths = status === 204 ? {} : { 'content-length': String(length) };
    this.#response.sendDate = false;
    const headers = { date, ...type, ...lengths, ...answer.headers };
    if (statusText === undefined) this.#response.writeHead(status, headers);
    else this.#response.writeHead(status, statusText, headers);
    if (slice) await this.#sendSlice(slice);
    this.#log.end(this.entry, status);
    if (!slice) this.#response.end(body);
  }

  async #sendSlice(slice: NonNullable<Answer['slice']>): Promise<void> {
    const { path, start, end } = slice;
    if (end <= start) return void this.#response.end();
    const short = this.act('short-download');
    const corrupt = this.act('corrupt-download');
    const until = short ? Math.min(end, start + short.afterBytes) : end;
    const flipAt = corrupt ? Math.min(Math.max(corrupt.atByte ?? 0, start), end - 1) : null;
    if (until > start) {
      await pipeline(
        createReadStream(path, { start, end: until - 1 }),
        (blocks) => flipOneBit(blocks, flipAt === null ? null : flipAt - start),
        this.#response,
        { end: until === end },
      ).catch((error: unknown) => {
        throw new ConnectionGone('the client went away', { cause: error });
      });
    } else this.#response.flushHeaders();
    if (until < end) {
      // All that was written has to get out first; what is destroyed sends nothing any more.
      await new Promise<void>((resolve) => this.request.socket.end(resolve));
      throw this.drop();
    }
  }

  #cut(): { readonly act: 'drop' | 'stall'; readonly afterBytes: number } | null {
    const drop = this.act('drop');
    if (drop && 'afterBytes' in drop) return drop;
    const stall = this.act('stall');
    return stall?.afterBytes === undefined ? null : { act: 'stall', afterBytes: stall.afterBytes };
  }
}

async function* flipOneBit(blocks: AsyncIterable<Buffer>, flipAt: number | null): AsyncGenerator<Buffer> {
  let at = 0;
  for await (const block of blocks) {
    if (flipAt !== null && flipAt >= at && flipAt < at + block.length) block[flipAt - at] = (block[flipAt - at] ?? 0) ^ 1;
    at += block.length;
    yield block;
  }
}
