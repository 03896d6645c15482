import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, stat, truncate } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { startDriveServer } from '../support/drive-server.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { askSession, block, caller, open, putChunk, reasonOf, send, startSession } from './raw-http.ts';

const content = randomBytes(2 * block + 1000);
const sha256 = createHash('sha256').update(content).digest('hex');
const resumable = '/upload/drive/v3/files?uploadType=resumable';

async function openSession(options: Parameters<typeof startDriveServer>[0] = {}, json: object = { name: 'a' }) {
  const server = await startDriveServer(options);
  const { accessToken } = server.issueTokens('drive.file');
  return { server, accessToken, address: await startSession(server, accessToken, json) };
}

const where = ({ status, headers }: { status: number; headers: { range?: string | undefined } }) => [status, headers.range ?? null];

describe('an upload session', () => {
  it('takes chunks until the file is there, which it is only then, and says so again', async () => {
    const { server, accessToken, address } = await openSession();
    await using _ = server;
    expect(where(await askSession(address, content.length))).toEqual([308, null]);
    const first = await putChunk(address, content, 0, block);
    expect([where(first), first.headers.location]).toEqual([[308, `bytes=0-${block - 1}`], undefined]);
    expect(where(await putChunk(address, content, block, 2 * block))).toEqual([308, `bytes=0-${2 * block - 1}`]);
    expect(where(await askSession(address, '*'))).toEqual([308, `bytes=0-${2 * block - 1}`]);
    expect(server.files()).toEqual([]);
    const last = await putChunk(address, content, 2 * block, content.length);
    const file = {
      id: server.files()[0]?.id,
      name: 'a',
      size: String(content.length),
      md5Checksum: createHash('md5').update(content).digest('hex'),
      sha256Checksum: sha256,
    };
    expect([last.status, last.json]).toEqual([200, file]);
    expect((await askSession(address, content.length)).json).toEqual(file);
    expect((await putChunk(address, content, 2 * block, content.length)).json).toEqual(file);
    expect(server.files()).toHaveLength(1);
    expect(await server.content(file.id ?? '')).toEqual(content);
    expect(server.uploads()).toEqual([
      { session: 1, fileId: file.id, receivedBytes: content.length + 1000, persistedBytes: content.length, state: 'finished' },
    ]);
    expect(server.numbers()).toMatchObject({ receivedBytes: content.length + 1000, discardedBytes: 1000, gaps: 0 });
    expect((await caller(server, accessToken)('GET', `/drive/v3/files/${file.id}?alt=media`)).bytes).toEqual(content);
  });

  it('takes the whole in one request, also nothing at all, also of unknown size', async () => {
    const { server, accessToken, address } = await openSession();
    await using _ = server;
    expect((await send(address, { method: 'PUT', body: content })).json).toMatchObject({ sha256Checksum: sha256 });
    const empty = await startSession(server, accessToken, { name: 'empty' });
    expect((await send(empty, { method: 'PUT', body: '' })).json).toMatchObject({ size: '0' });
    const asked = await startSession(server, accessToken, { name: 'empty too' });
    expect((await askSession(asked, 0)).json).toMatchObject({ size: '0' });

    const unknown = await startSession(server, accessToken, { name: 'unknown' });
    const part = (from: number, to: number, total: string) =>
      send(unknown, { method: 'PUT', body: content.subarray(from, to), headers: { 'content-range': `bytes ${from}-${to - 1}/${total}` } });
    expect(where(await part(0, 2 * block, '*'))).toEqual([308, `bytes=0-${2 * block - 1}`]);
    expect((await part(2 * block, 2 * block + 5, '*')).status).toBe(400);
    expect((await askSession(unknown, 2 * block)).json).toMatchObject({ size: String(2 * block) });
  });

  it('skips what it has and refuses what leaves a gap', async () => {
    const { server, address } = await openSession();
    await using _ = server;
    await putChunk(address, content, 0, block);
    const gap = await putChunk(address, content, 2 * block, content.length);
    expect([gap.status, gap.text]).toEqual([400, expect.stringContaining('gap')]);
    const whole = await putChunk(address, content, 0, content.length);
    expect(whole.json).toMatchObject({ sha256Checksum: sha256 });
    expect(server.numbers()).toMatchObject({ gaps: 1, discardedBytes: 1000 + block, receivedBytes: content.length + block + 1000 });
  });

  it.each<[string, string, number, Record<string, string>]>([
    ['a size that is no multiple', `bytes 0-999/${content.length}`, 1000, {}],
    ['a length other than that of the range', `bytes 0-${block - 1}/${content.length}`, 1000, {}],
    ['an end beyond the file', 'bytes 0-999/999', 1000, {}],
    ['an end before the start', `bytes 5-4/${content.length}`, 0, {}],
    ['a range that is none', `0-${block - 1}/${content.length}`, block, {}],
    ['a question with a body', `bytes */${content.length}`, 5, {}],
    ['another total than before', `bytes 0-${block - 1}/${content.length + 1}`, block, {}],
  ])('refuses %s', async (_, range, length, headers) => {
    const { server, address } = await openSession();
    await using _server = server;
    await askSession(address, content.length);
    const reply = await send(address, { method: 'PUT', body: Buffer.alloc(length), headers: { 'content-range': range, ...headers } });
    expect(reply.status).toBe(400);
    expect(where(await askSession(address, content.length))).toEqual([308, null]);
  });

  it('needs a length, and the total that was announced', async () => {
    await using server = await startDriveServer();
    const { accessToken } = server.issueTokens('drive.file');
    const headers = { 'x-upload-content-type': 'text/plain', 'x-upload-content-length': '500' };
    const address = await startSession(server, accessToken, {}, { headers, path: `${resumable}&fields=size,mimeType` });
    const chunked = open(address, { method: 'PUT', headers: { 'content-range': 'bytes 0-499/500', 'transfer-encoding': 'chunked' } });
    chunked.end(Buffer.alloc(500));
    const [reply] = (await once(chunked, 'response')) as [{ statusCode: number; resume(): void }];
    reply.resume();
    expect(reply.statusCode).toBe(411);
    expect((await send(address, { method: 'PUT', body: Buffer.alloc(501) })).status).toBe(400);
    expect((await send(address, { method: 'PUT', body: Buffer.alloc(500) })).json).toEqual({ size: '500', mimeType: 'text/plain' });
  });

  it('is good without a token, but not with a bad one', async () => {
    const { server, accessToken, address } = await openSession();
    await using _ = server;
    const bearer = { authorization: `Bearer ${accessToken}` };
    expect((await putChunk(address, content, 0, block, bearer)).status).toBe(308);
    server.expireAccessTokens();
    expect(reasonOf(await putChunk(address, content, block, 2 * block, bearer))).toBe('401 authError');
    expect(where(await putChunk(address, content, block, 2 * block))).toEqual([308, `bytes=0-${2 * block - 1}`]);
    const other = address.replace(/upload_id=.*/, 'upload_id=unknown');
    expect((await askSession(other, content.length)).status).toBe(404);
  });

  it('ends by the clock, by DELETE and on demand', async () => {
    let now = Date.UTC(2026, 10, 22);
    const { server, accessToken, address } = await openSession({ now: () => now, sessionLifeSeconds: 60, tokenLifeSeconds: 3600 });
    await using _ = server;
    await putChunk(address, content, 0, block);
    now += 60_000;
    expect((await askSession(address, content.length)).status).toBe(404);
    const cancelled = await startSession(server, accessToken, {});
    expect((await send(cancelled, { method: 'DELETE' })).status).toBe(499);
    expect((await putChunk(cancelled, content, 0, block)).status).toBe(410);
    const expired = await startSession(server, accessToken, {});
    server.expireSessions();
    expect((await send(expired, { method: 'DELETE' })).status).toBe(404);
    expect(server.uploads().map(({ state, persistedBytes }) => [state, persistedBytes])).toEqual(Array(3).fill(['gone', 0]));
  });

  it('keeps to one file for one id', async () => {
    await using server = await startDriveServer();
    const { accessToken } = server.issueTokens('drive.file');
    const call = caller(server, accessToken);
    const [id = ''] = (await call('GET', '/drive/v3/files/generateIds')).json.ids;
    const one = await startSession(server, accessToken, { id });
    const two = await startSession(server, accessToken, { id });
    expect((await send(one, { method: 'PUT', body: 'one' })).json.id).toBe(id);
    expect(reasonOf(await send(two, { method: 'PUT', body: 'two' }))).toBe('409 fileIdInUse');
    expect(reasonOf(await call('POST', resumable, { json: { id } }))).toBe('409 fileIdInUse');
    expect(reasonOf(await call('POST', resumable, { json: { id: '1never' } }))).toBe('400 invalid');
    expect(reasonOf(await call('POST', resumable, { json: { parents: ['1nowhere'] } }))).toBe('404 notFound');
    expect((await call('POST', `${resumable}&fields=nothing`, { json: {} })).status).toBe(400);
    expect((await server.content(id)).toString()).toBe('one');
  });

  it('gives a file new content', async () => {
    await using server = await startDriveServer();
    const file = await server.addFile({ name: 'a', content: 'old' });
    const { accessToken } = server.issueTokens('drive');
    const path = `/upload/drive/v3/files/${file.id}?uploadType=resumable&fields=id,name,size,version`;
    const address = await startSession(server, accessToken, { name: 'b' }, { method: 'PATCH', path });
    await putChunk(address, content, 0, 2 * block);
    expect([(await server.content(file.id)).toString(), server.files()[0]?.name]).toEqual(['old', 'a']);
    const last = await putChunk(address, content, 2 * block, content.length);
    expect(last.json).toEqual({ id: file.id, name: 'b', size: String(content.length), version: '2' });
    expect(await server.content(file.id)).toEqual(content);
    expect(reasonOf(await caller(server, accessToken)('PATCH', '/upload/drive/v3/files/1no?uploadType=resumable', { json: {} }))).toBe(
      '404 notFound',
    );
  });

  it('finishes only where there is room, and later once there is', async () => {
    const { server, accessToken, address } = await openSession({ quotaBytes: content.length - 1 });
    await using _ = server;
    expect(reasonOf(await send(address, { method: 'PUT', body: content }))).toBe('403 storageQuotaExceeded');
    expect(server.files()).toEqual([]);
    const announced = { 'x-upload-content-length': String(content.length) };
    expect(reasonOf(await caller(server, accessToken)('POST', resumable, { json: {}, headers: announced }))).toBe(
      '403 storageQuotaExceeded',
    );
    server.setQuota(content.length);
    expect((await askSession(address, content.length)).json).toMatchObject({ sha256Checksum: sha256 });
  });
});

describe('a connection that ends in the middle', () => {
  it.each([
    [true, [308, `bytes=0-${block - 1}`]],
    [false, [308, null]],
  ])('leaves whole blocks where those are kept (%s)', async (keepPartialChunks, expected) => {
    const { server, address } = await openSession({ keepPartialChunks });
    await using _ = server;
    const request = open(address, {
      method: 'PUT',
      headers: { 'content-range': `bytes 0-${content.length - 1}/${content.length}`, 'content-length': String(content.length) },
    });
    request.on('error', () => {});
    request.write(content.subarray(0, block + 100));
    await server.whenReceived(block + 100);
    request.destroy();
    await server.when((requests) => requests.every(({ isEnded }) => isEnded));
    expect(server.requests().at(-1)).toMatchObject({ status: null, bodyBytes: block + 100 });
    const asked = await askSession(address, content.length);
    expect(where(asked)).toEqual(expected);
    const from = asked.headers.range === undefined ? 0 : block;
    expect((await putChunk(address, content, from, content.length)).json).toMatchObject({ sha256Checksum: sha256 });
    expect(server.numbers().discardedBytes).toBe(block + 100 - from);
  });

  it('is outrun by the next one', async () => {
    const { server, address } = await openSession();
    await using _ = server;
    const old = open(address, {
      method: 'PUT',
      headers: { 'content-range': `bytes 0-${content.length - 1}/${content.length}`, 'content-length': String(content.length) },
    });
    const answered = once(old, 'response') as Promise<[{ statusCode: number; resume(): void }]>;
    old.write(content.subarray(0, block + 100));
    await server.whenReceived(block + 100);
    expect(where(await putChunk(address, content, block, 2 * block))).toEqual([308, `bytes=0-${2 * block - 1}`]);
    old.end(content.subarray(block + 100));
    const [response] = await answered;
    response.resume();
    expect([response.statusCode, server.numbers().maxConcurrentPuts]).toEqual([308, 2]);
    expect((await putChunk(address, content, 2 * block, content.length)).json).toMatchObject({ sha256Checksum: sha256 });
    expect(await server.content(server.files()[0]?.id ?? '')).toEqual(content);
  });
});

describe('a restart of the server', () => {
  it('keeps the bytes of an open session', async () => {
    await using folder = await makeTempFolder();
    const { server, address } = await openSession({ folder: folder.path });
    await putChunk(address, content, 0, block);
    await server.close();
    await using after = await startDriveServer({ folder: folder.path });
    expect(where(await askSession(address, content.length))).toEqual([308, `bytes=0-${block - 1}`]);
    const finished = await putChunk(address, content, block, content.length);
    expect(finished.json).toMatchObject({ sha256Checksum: sha256 });
    expect(await after.content(after.files()[0]?.id ?? '')).toEqual(content);
  });

  it('drops the piece of a block that a kill left behind', async () => {
    await using folder = await makeTempFolder();
    const { server, address } = await openSession({ folder: folder.path });
    await putChunk(address, content, 0, 2 * block);
    const path = server.sessionPath(1);
    expect((await stat(path)).size).toBe(2 * block);
    await server.close();
    await truncate(path, block + 77);
    await using _ = await startDriveServer({ folder: folder.path });
    expect(where(await askSession(address, content.length))).toEqual([308, `bytes=0-${block - 1}`]);
    expect((await putChunk(address, content, block, content.length)).json).toMatchObject({ sha256Checksum: sha256 });
  });

  it('remembers that a session is finished or gone', async () => {
    await using folder = await makeTempFolder();
    const { server, accessToken, address } = await openSession({ folder: folder.path });
    const finished = await send(address, { method: 'PUT', body: content });
    const gone = await startSession(server, accessToken, {});
    await send(gone, { method: 'DELETE' });
    await copyFile(server.contentPath(finished.json.id), `${folder.path}/copy`);
    await server.close();
    await using _ = await startDriveServer({ folder: folder.path });
    expect((await askSession(address, content.length)).json).toEqual(finished.json);
    expect((await askSession(gone, content.length)).status).toBe(410);
  });
});

it('writes what arrives to the disk as it comes', async () => {
  const { server, address } = await openSession();
  await using _ = server;
  const total = 64 * 1024 * 1024;
  const piece = Buffer.alloc(8 * 1024 * 1024, 'night');
  const request = open(address, { method: 'PUT', headers: { 'content-length': String(total) } });
  const answered = once(request, 'response') as Promise<[{ statusCode: number; resume(): void }]>;
  const digest = createHash('sha256');
  for (let at = 0; at < total; at += piece.length) {
    digest.update(piece);
    request.write(piece);
    await server.whenReceived(at + piece.length);
    // The last piece makes it whole, and its bytes go elsewhere.
    if (at + piece.length < total) expect((await stat(server.sessionPath(1))).size).toBe(at + piece.length);
  }
  request.end();
  const [response] = await answered;
  response.resume();
  expect([response.statusCode, server.files()[0]?.content?.sha256]).toEqual([200, digest.digest('hex')]);
});
