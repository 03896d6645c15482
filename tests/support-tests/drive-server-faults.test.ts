import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Fault, type FaultReason, randomFaultPlan, startDriveServer } from '../support/drive-server.ts';
import { patientClient } from './patient-client.ts';
import { askSession, block, caller, putChunk, type Reply, reasonOf, send, startSession, withQuery } from './raw-http.ts';

const content = randomBytes(3 * block + 10);
const total = content.length;
const sha256 = createHash('sha256').update(content).digest('hex');

async function openSession(...faults: Fault[]) {
  const server = await startDriveServer({ faults });
  const tokens = server.issueTokens('drive.file');
  const call = caller(server, tokens.accessToken);
  const address = await startSession(server, tokens.accessToken, { name: 'a' });
  return { server, tokens, call, address };
}

/** The status and the Range of an answer, or how the connection ended. */
async function outcome(reply: Promise<Reply>): Promise<unknown> {
  return reply.then(
    ({ status, headers }) => (status === 308 ? [status, headers.range ?? null] : status),
    (error: NodeJS.ErrnoException) => error.code,
  );
}

const upTo = (bytes: number) => [308, `bytes=0-${bytes - 1}`];

describe('a plan', () => {
  it('counts what it is about, in its order, and can be added to and cleared', async () => {
    await using server = await startDriveServer({
      faults: [
        { on: 'about', skip: 1, times: 2, act: 'status', code: 500 },
        { on: 'any', act: 'status', code: 503 },
      ],
    });
    const call = caller(server, server.issueTokens().accessToken);
    const about = async () => (await call('GET', '/drive/v3/about?fields=user')).status;
    expect([await about(), await about(), await about(), await about()]).toEqual([503, 500, 500, 200]);
    server.faults.add({ on: 'list', act: 'status', code: 500 }, { on: 'about', act: 'status', code: 502 });
    expect(await about()).toBe(502);
    expect(server.faults.pending()).toEqual([{ on: 'list', act: 'status', code: 500, skip: 0, times: 1 }]);
    server.faults.clear();
    expect((await call('GET', '/drive/v3/files')).status).toBe(200);
    expect(server.requests().map(({ faults }) => faults)).toEqual([['status'], ['status'], ['status'], [], ['status'], []]);
    expect(() => server.faults.add({ on: 'list', act: 'short-ack', blocks: 1 })).toThrow('means nothing');
  });

  it('is the same for the same seed, and survivable unless it may be fatal', () => {
    expect(randomFaultPlan(7, 20)).toEqual(randomFaultPlan(7, 20));
    expect(randomFaultPlan(7, 20)).not.toEqual(randomFaultPlan(8, 20));
    const fatal = new Set(['full-quota', 'revoke', 'flip-byte', 'corrupt-download']);
    const isFatal = (fault: Fault) =>
      fatal.has(fault.act) || (fault.act === 'status' && fault.code === 403 && !fault.reason?.includes('ateLimit'));
    expect(randomFaultPlan(1, 500).filter(isFatal)).toEqual([]);
    expect(randomFaultPlan(1, 500, { fatal: true }).filter(isFatal).length).toBeGreaterThan(50);
    expect(JSON.parse(JSON.stringify(randomFaultPlan(1, 500)))).toEqual(randomFaultPlan(1, 500));
  });
});

describe('an answer instead of the right one', () => {
  it.each<[number, FaultReason | undefined, string]>([
    [401, 'authError', '401 authError'],
    [403, 'rateLimitExceeded', '403 rateLimitExceeded'],
    [403, 'userRateLimitExceeded', '403 userRateLimitExceeded'],
    [403, 'storageQuotaExceeded', '403 storageQuotaExceeded'],
    [403, 'dailyLimitExceeded', '403 dailyLimitExceeded'],
    [403, 'insufficientPermissions', '403 insufficientPermissions'],
    [403, 'appNotAuthorizedToFile', '403 appNotAuthorizedToFile'],
    [403, 'insufficientFilePermissions', '403 insufficientFilePermissions'],
    [403, 'accessNotConfigured', '403 accessNotConfigured'],
    [409, undefined, '409 fileIdInUse'],
    [429, undefined, '429 rateLimitExceeded'],
    [500, undefined, '500 internalError'],
    [503, undefined, '503 backendError'],
  ])('is %s %s', async (code, reason, expected) => {
    const { server, address } = await openSession({
      on: 'upload-chunk',
      act: 'status',
      code,
      ...(reason ? { reason } : {}),
      retryAfterSeconds: 7,
    });
    await using _ = server;
    const reply = await putChunk(address, content, 0, block);
    expect([reasonOf(reply), reply.headers['retry-after']]).toEqual([expected, '7']);
    expect(await outcome(askSession(address, total))).toEqual([308, null]);
    expect(server.numbers()).toMatchObject({ receivedBytes: block, discardedBytes: block });
  });

  it.each([502, 504])('is a page with %s', async (code) => {
    const { server, address } = await openSession({ on: 'upload-query', act: 'status', code });
    await using _ = server;
    const reply = await askSession(address, total);
    expect([reply.status, reply.headers['content-type']]).toEqual([code, 'text/html; charset=utf-8']);
  });

  it('comes after the effect', async () => {
    const { server, call, address } = await openSession(
      { on: 'upload-chunk', act: 'status', code: 500, when: 'after' },
      { on: 'create', act: 'status', code: 503, when: 'after' },
    );
    await using _ = server;
    expect(await outcome(putChunk(address, content, 0, total))).toBe(500);
    expect((await askSession(address, total)).json).toMatchObject({ sha256Checksum: sha256 });
    expect((await call('POST', '/drive/v3/files', { json: { name: 'made' } })).status).toBe(503);
    expect(server.files().map(({ name }) => name)).toEqual(['a', 'made']);
  });

  it.each([404, 410])('ends the session with %s', async (code) => {
    const { server, address } = await openSession({ on: 'upload-query', act: 'status', code });
    await using _ = server;
    await putChunk(address, content, 0, block);
    expect([await outcome(askSession(address, total)), await outcome(putChunk(address, content, block, total))]).toEqual([code, code]);
    expect(server.uploads()).toMatchObject([{ state: 'gone', persistedBytes: 0 }]);
  });
});

describe('a chunk', () => {
  it('is kept in part', async () => {
    const { server, address } = await openSession({ on: 'upload-chunk', act: 'short-ack', blocks: 1, times: 2 });
    await using _ = server;
    expect(await outcome(putChunk(address, content, 0, 2 * block))).toEqual(upTo(block));
    expect(await outcome(putChunk(address, content, block, 2 * block))).toEqual(upTo(block));
    expect((await putChunk(address, content, block, total)).json).toMatchObject({ sha256Checksum: sha256 });
  });

  it('is forgotten with everything before it', async () => {
    const { server, address } = await openSession({ on: 'upload-chunk', skip: 1, act: 'missing-range' });
    await using _ = server;
    await putChunk(address, content, 0, block);
    expect(await outcome(putChunk(address, content, block, 2 * block))).toEqual([308, null]);
    expect(await outcome(putChunk(address, content, 2 * block, total))).toBe(400);
    expect((await putChunk(address, content, 0, total)).json).toMatchObject({ sha256Checksum: sha256 });
    expect(server.numbers()).toMatchObject({ gaps: 1, discardedBytes: 2 * block + (total - 2 * block) });
  });

  it('makes no progress', async () => {
    const { server, address } = await openSession({ on: 'upload-chunk', skip: 1, times: 2, act: 'no-progress' });
    await using _ = server;
    await putChunk(address, content, 0, block);
    for (let i = 0; i < 2; i++) expect(await outcome(putChunk(address, content, block, total))).toEqual(upTo(block));
    expect((await putChunk(address, content, block, total)).json).toMatchObject({ sha256Checksum: sha256 });
  });

  it('is delivered twice', async () => {
    const { server, call, address } = await openSession({ on: 'any', times: 3, act: 'duplicate-delivery' });
    await using _ = server;
    expect(await outcome(putChunk(address, content, 0, block))).toEqual(upTo(block));
    expect((await putChunk(address, content, block, total)).json).toMatchObject({ sha256Checksum: sha256 });
    expect(server.files()).toHaveLength(1);
    // Without an id of its own there are two of it then.
    expect((await call('POST', '/drive/v3/files', { json: { name: 'twice' } })).status).toBe(200);
    expect(server.files().map(({ name }) => name)).toEqual(['a', 'twice', 'twice']);
    const [id] = (await call('GET', '/drive/v3/files/generateIds')).json.ids;
    server.faults.add({ on: 'create', act: 'duplicate-delivery' });
    expect((await call('POST', '/drive/v3/files', { json: { id, name: 'once' } })).status).toBe(409);
    expect(server.files().map(({ name }) => name)).toEqual(['a', 'twice', 'twice', 'once']);
  });
});

describe('a connection', () => {
  it('drops before, in the middle and after', async () => {
    const { server, address } = await openSession(
      { on: 'upload-chunk', act: 'drop', when: 'before' },
      { on: 'upload-chunk', act: 'drop', afterBytes: block + 50 },
      { on: 'upload-chunk', act: 'drop', when: 'after' },
      { on: 'upload-query', skip: 2, act: 'drop', when: 'after' },
    );
    await using _ = server;
    const ended = expect.stringMatching(/^(ECONNRESET|EPIPE)$/);
    expect(await outcome(putChunk(address, content, 0, total))).toEqual(ended);
    expect(await outcome(askSession(address, total))).toEqual([308, null]);
    expect(await outcome(putChunk(address, content, 0, total))).toEqual(ended);
    expect(await outcome(askSession(address, total))).toEqual(upTo(block));
    expect(await outcome(putChunk(address, content, block, total))).toEqual(ended);
    expect(await outcome(askSession(address, total))).toEqual(ended);
    expect((await askSession(address, total)).json).toMatchObject({ sha256Checksum: sha256 });
    expect(server.requests().map(({ status }) => status)).toEqual([200, null, 308, null, 308, null, null, 200]);
  });

  it.each<[number | undefined, unknown]>([
    [undefined, 200],
    [block + 9, upTo(block)],
  ])('stalls after %s bytes until the client goes away', async (afterBytes, expected) => {
    const { server, address } = await openSession({
      on: 'upload-chunk',
      act: 'stall',
      ...(afterBytes === undefined ? {} : { afterBytes }),
    });
    await using _ = server;
    const stop = new AbortController();
    const put = fetch(address, {
      method: 'PUT',
      body: new Uint8Array(content),
      headers: { 'content-range': `bytes 0-${total - 1}/${total}` },
      signal: stop.signal,
    });
    const ended = expect(put).rejects.toThrow('aborted');
    await server.whenReceived(afterBytes ?? total);
    stop.abort();
    await ended;
    await server.when((requests) => requests.every(({ isEnded }) => isEnded));
    expect(server.requests().at(-1)).toMatchObject({ status: null, faults: ['stall'] });
    expect(await outcome(askSession(address, total))).toEqual(expected);
  });
});

describe('content', () => {
  it('is stored or downloaded with a byte that differs, or not to its end', async () => {
    const { server, call, address } = await openSession({ on: 'upload-chunk', act: 'flip-byte' });
    await using _ = server;
    await putChunk(address, content, 0, block);
    const { id } = (await putChunk(address, content, block, total)).json;
    const stored = await server.content(id);
    const different = [...stored.keys()].filter((at) => stored[at] !== content[at]);
    expect(different).toHaveLength(1);
    const shown = await call('GET', `/drive/v3/files/${id}?fields=sha256Checksum`);
    expect(shown.json).toEqual({ sha256Checksum: createHash('sha256').update(stored).digest('hex') });

    const media = `/drive/v3/files/${id}?alt=media`;
    server.faults.add(
      { on: 'download', act: 'corrupt-download', atByte: 300_000 },
      { on: 'download', skip: 1, act: 'short-download', afterBytes: 100_000 },
    );
    const { bytes } = await call('GET', media);
    expect([...bytes.keys()].filter((at) => bytes[at] !== stored[at])).toEqual([300_000]);
    expect(await server.content(id)).toEqual(stored);
    const received: Buffer[] = [];
    const short = await fetch(server.url + media, { headers: { authorization: `Bearer ${server.issueTokens().accessToken}` } });
    const reading = (async () => {
      for await (const piece of short.body ?? []) received.push(Buffer.from(piece));
    })();
    await expect(reading).rejects.toThrow('terminated');
    expect(Buffer.concat(received)).toEqual(stored.subarray(0, 100_000));
    expect((await call('GET', media)).bytes).toEqual(stored);
  });
});

describe('listings', () => {
  it('show late what was made, and may be incomplete', async () => {
    await using server = await startDriveServer({
      faults: [
        { on: 'create', act: 'late-listing', listings: 2 },
        { on: 'any-upload', act: 'late-listing' },
        { on: 'list', skip: 3, act: 'incomplete-search' },
        { on: 'list', skip: 4, act: 'incomplete-search', keep: 1 },
      ],
    });
    const { accessToken } = server.issueTokens();
    const call = caller(server, accessToken);
    const { id } = (await call('POST', '/drive/v3/files', { json: { name: 'folder' } })).json;
    await send(await startSession(server, accessToken, { name: 'upload' }), { method: 'PUT', body: 'x' });
    expect((await call('GET', `/drive/v3/files/${id}`)).status).toBe(200);
    const list = async () => {
      const { files, incompleteSearch } = (await call('GET', withQuery('/drive/v3/files', { orderBy: 'name' }))).json;
      return [incompleteSearch, ...files.map(({ name }) => name)];
    };
    expect([await list(), await list(), await list(), await list()]).toEqual([[false], [false], [false, 'folder'], [true]]);
    server.settleListings();
    expect([await list(), await list()]).toEqual([
      [true, 'folder'],
      [false, 'folder', 'upload'],
    ]);
  });
});

describe('what is taken away', () => {
  it('is the room, the token or all access', async () => {
    const { server, tokens, call, address } = await openSession({ on: 'upload-chunk', act: 'full-quota' });
    await using _ = server;
    expect(reasonOf(await putChunk(address, content, 0, total))).toBe('403 storageQuotaExceeded');
    server.setQuota(null);
    expect(await outcome(askSession(address, total))).toBe(200);
    const about = async (token: string) => reasonOf(await caller(server, token)('GET', '/drive/v3/about?fields=user'));
    const other = server.issueTokens();
    server.faults.add({ on: 'get', act: 'expire-token' });
    expect(reasonOf(await call('GET', '/drive/v3/files/root'))).toBe('401 authError');
    expect([await about(tokens.accessToken), (await about(other.accessToken)).startsWith('200')]).toEqual(['401 authError', true]);
    server.faults.add({ on: 'about', act: 'revoke' });
    expect(await about(other.accessToken)).toBe('401 authError');
    const form = {
      grant_type: 'refresh_token',
      refresh_token: other.refreshToken,
      client_id: other.clientId,
      client_secret: other.clientSecret,
    };
    const refreshed = await send(`${server.url}/token`, {
      method: 'POST',
      body: new URLSearchParams(form).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(reasonOf(refreshed)).toBe('400 invalid_grant');
  });
});

describe('a random plan', () => {
  it.each(Array.from({ length: 24 }, (_, seed) => seed))('is survived by a patient client (seed %i)', async (seed) => {
    const plan = randomFaultPlan(seed, 12);
    await using server = await startDriveServer({ faults: plan, keepPartialChunks: seed % 2 === 0 });
    const client = patientClient(server);
    const id = await client.upload('patience', content);
    expect(await client.download(id, total), JSON.stringify(plan)).toEqual(content);
    expect(server.files().map(({ name, content: stored }) => [name, stored?.sha256])).toEqual([['patience', sha256]]);
    expect(server.numbers().gaps).toBe(0);
    expect(server.faults.pending().length, JSON.stringify(plan)).toBeLessThan(plan.length);
  });
});
