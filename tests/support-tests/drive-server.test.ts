import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { startDriveServer } from '../support/drive-server.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { callWith, reasonOf, search, send, withQuery } from './raw-http.ts';

const folderType = 'application/vnd.google-apps.folder';

function multipart(metadata: unknown, media: Buffer | string, type = 'text/plain') {
  const head = `--cut\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n${JSON.stringify(metadata)}\r\n--cut\r\nContent-Type: ${type}\r\n\r\n`;
  return {
    headers: { 'content-type': 'multipart/related; boundary=cut' },
    body: Buffer.concat([Buffer.from(head), Buffer.from(media), Buffer.from('\r\n--cut--\r\n')]),
  };
}

describe('who asks', () => {
  it('needs a token that is valid and good for it', async () => {
    await using server = await startDriveServer();
    const about = `${server.url}/drive/v3/about?fields=user`;
    const none = await send(about);
    const unknown = await send(about, { token: 'ya29.unknown' });
    expect([reasonOf(none), reasonOf(unknown)]).toEqual(['401 required', '401 authError']);
    expect(unknown.json.error).toMatchObject({
      code: 401,
      status: 'UNAUTHENTICATED',
      errors: [{ domain: 'global', locationType: 'header', location: 'Authorization' }],
    });
    expect(unknown.headers['www-authenticate']).toContain('invalid_token');

    const narrow = await callWith(server, 'openid')('GET', '/drive/v3/about?fields=user');
    expect([reasonOf(narrow), narrow.json.error.details[0]?.reason]).toEqual([
      '403 insufficientPermissions',
      'ACCESS_TOKEN_SCOPE_INSUFFICIENT',
    ]);
    expect(reasonOf(await callWith(server, 'drive.readonly')('POST', '/drive/v3/files', { json: {} }))).toBe('403 insufficientPermissions');

    const call = callWith(server);
    server.disableApi();
    const disabled = await call('GET', '/drive/v3/about?fields=user');
    expect([reasonOf(disabled), disabled.json.error.details[0]?.reason]).toEqual(['403 accessNotConfigured', 'SERVICE_DISABLED']);
    server.disableApi(false);
    expect((await call('GET', '/drive/v3/about?fields=user')).status).toBe(200);
  });

  it('with drive.file sees its own files and the root alone, with drive all, and appProperties are private', async () => {
    await using server = await startDriveServer();
    const other = '1-other.apps.googleusercontent.com';
    const [mine, theirs, all] = [callWith(server), callWith(server, 'drive.file', other), callWith(server, 'drive')];
    const folder = await server.addFile({ name: 'by hand' });
    const made = await mine('POST', '/drive/v3/files', { json: { name: 'mine', appProperties: { slot: 'a' } } });
    expect([await search(mine, ''), await search(theirs, ''), await search(all, '')]).toEqual([['mine'], [], ['by hand', 'mine']]);
    expect(reasonOf(await mine('GET', `/drive/v3/files/${folder.id}`))).toBe('404 notFound');
    expect(reasonOf(await mine('POST', '/drive/v3/files', { json: { parents: [folder.id] } }))).toBe('404 notFound');
    expect((await mine('GET', '/drive/v3/files/root?fields=id')).json).toEqual({ id: server.rootId });
    const wide = callWith(server, 'drive', other);
    const path = `/drive/v3/files/${made.json.id}?fields=appProperties`;
    expect([(await mine('GET', path)).json, (await wide('GET', path)).json]).toEqual([{ appProperties: { slot: 'a' } }, {}]);
    expect(await search(wide, "appProperties has { key='slot' and value='a' }")).toEqual([]);
    const mixed = callWith(server, 'drive.file https://www.googleapis.com/auth/drive.readonly');
    expect(reasonOf(await mixed('PATCH', `/drive/v3/files/${folder.id}`, { json: { name: 'x' } }))).toBe('403 appNotAuthorizedToFile');
    // A parent that a client may not see is not shown to it.
    server.move(made.json.id, folder.id);
    const parents = `/drive/v3/files/${made.json.id}?fields=parents`;
    expect([(await mine('GET', parents)).json, (await all('GET', parents)).json]).toEqual([{}, { parents: [folder.id] }]);
  });
});

describe('about and ids', () => {
  it('demands fields, and tells account and quota', async () => {
    await using server = await startDriveServer({ quotaBytes: 1000 });
    const call = callWith(server, 'drive');
    server.setAccount({ email: 'grace@example.com', permissionId: '7' });
    const file = await server.addFile({ name: 'a', content: 'x'.repeat(100) });
    await server.addFile({ name: 'b', content: 'x'.repeat(20) });
    server.setTrashed(file.id);
    expect(reasonOf(await call('GET', '/drive/v3/about'))).toBe('400 required');
    expect(reasonOf(await call('GET', '/drive/v3/about?fields=storage'))).toBe('400 invalidParameter');
    const path = '/drive/v3/about?fields=storageQuota,user(emailAddress,permissionId)';
    expect((await call('GET', path)).json).toEqual({
      user: { emailAddress: 'grace@example.com', permissionId: '7' },
      storageQuota: { limit: '1000', usage: '120', usageInDrive: '120', usageInDriveTrash: '100' },
    });
    server.setQuota(null);
    expect((await call('GET', path)).json.storageQuota).not.toHaveProperty('limit');
  });

  it('gives ids, and takes each of them once', async () => {
    await using server = await startDriveServer();
    const call = callWith(server);
    const ids = (await call('GET', '/drive/v3/files/generateIds?count=3&type=files')).json;
    expect(ids).toMatchObject({ kind: 'drive#generatedIds', space: 'drive' });
    expect(new Set(ids.ids).size).toBe(3);
    expect((await call('GET', '/drive/v3/files/generateIds')).json.ids).toHaveLength(10);
    for (const bad of ['count=0', 'count=1001', 'count=x', 'type=folders', 'many=1'])
      expect((await call('GET', `/drive/v3/files/generateIds?${bad}`)).status, bad).toBe(400);
    const [id] = ids.ids;
    const create = (json: unknown) => call('POST', '/drive/v3/files', { json });
    expect((await create({ id, name: 'f', mimeType: folderType })).json).toEqual({
      kind: 'drive#file',
      id,
      name: 'f',
      mimeType: folderType,
    });
    expect(reasonOf(await create({ id, name: 'f', mimeType: folderType }))).toBe('409 fileIdInUse');
    expect((await call('DELETE', `/drive/v3/files/${id}`)).status).toBe(204);
    expect(reasonOf(await create({ id }))).toBe('409 fileIdInUse');
    expect(reasonOf(await create({ id: '1neverGenerated' }))).toBe('400 invalid');
  });
});

describe('files', () => {
  it.each<[string, unknown, string]>([
    ['an unknown field', { nmae: 'x' }, '400 badRequest'],
    ['a field of the wrong type', { name: 5 }, '400 invalid'],
    ['a field that is read-only', { size: '5' }, '403 fieldNotWritable'],
    ['two parents', { parents: ['root', 'root'] }, '400 multipleParentsNotSupported'],
    ['a parent that is not there', { parents: ['1nowhere'] }, '404 notFound'],
    ['a long property', { appProperties: { key: 'ä'.repeat(61) } }, '400 propertyTooLong'],
    [
      'many properties',
      { appProperties: Object.fromEntries(Array.from({ length: 31 }, (_, i) => [`k${i}`, 'v'])) },
      '403 tooManyProperties',
    ],
    ['what is no object', [], '400 parseError'],
  ])('refuses to create with %s', async (_, json, expected) => {
    await using server = await startDriveServer();
    expect(reasonOf(await callWith(server)('POST', '/drive/v3/files', { json }))).toBe(expected);
    expect(server.files()).toEqual([]);
  });

  it('takes properties up to their limits', async () => {
    await using server = await startDriveServer();
    const appProperties = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`k${i + 10}`, 'v'.repeat(121)]));
    expect((await callWith(server)('POST', '/drive/v3/files', { json: { appProperties } })).status).toBe(200);
  });

  it('refuses masks, parameters, types and paths that Drive does not have', async () => {
    await using server = await startDriveServer();
    const call = callWith(server);
    const { id } = (await call('POST', '/drive/v3/files', { json: { name: 'a' } })).json;
    for (const fields of ['id,', 'id(', 'nme', 'files(id)', 'id/x', ''])
      expect(reasonOf(await call('GET', withQuery(`/drive/v3/files/${id}`, { fields }))), fields).toBe('400 invalidParameter');
    expect((await call('POST', '/drive/v3/files?fields=idd', { json: {} })).status).toBe(400);
    expect((await call('GET', `/drive/v3/files/${id}?version=2`)).status).toBe(400);
    expect(reasonOf(await call('POST', '/drive/v3/files', { body: '{}' }))).toBe('400 badContent');
    expect((await call('GET', '/drive/v2/files')).status).toBe(404);
    expect((await call('PUT', `/drive/v3/files/${id}`, { json: {} })).status).toBe(404);
    expect(server.files()).toHaveLength(1);
  });

  it('changes name, properties, place and trash', async () => {
    await using server = await startDriveServer();
    const call = callWith(server);
    const make = async (json: unknown) => (await call('POST', '/drive/v3/files', { json })).json.id;
    const outer = await make({ name: 'outer', mimeType: folderType });
    const inner = await make({ name: 'inner', mimeType: folderType, parents: [outer] });
    const id = await make({ name: 'a', parents: [inner], appProperties: { keep: '1', drop: '2' } });
    const patch = (path: string, json: unknown) => call('PATCH', `/drive/v3/files/${path}`, { json });

    const changed = await patch(`${id}?fields=name,appProperties,version`, { name: 'b', appProperties: { drop: null, add: '3' } });
    expect(changed.json).toEqual({ name: 'b', appProperties: { keep: '1', add: '3' }, version: '2' });
    expect(reasonOf(await patch(id, { parents: [outer] }))).toBe('403 fieldNotWritable');
    expect(reasonOf(await patch(`${id}?addParents=${outer},${inner}`, {}))).toBe('403 cannotAddParent');
    expect(reasonOf(await patch(`${outer}?addParents=${inner}`, {}))).toBe('403 cyclicFolderMove');
    expect(reasonOf(await patch(`${inner}?addParents=${id}`, {}))).toBe('403 parentNotAFolder');
    expect(reasonOf(await patch(`${id}?removeParents=${outer}`, {}))).toBe('400 invalidParameter');
    expect((await patch(`${id}?addParents=root&removeParents=${inner}&fields=parents`, {})).json).toEqual({ parents: [server.rootId] });
    expect((await patch(`${id}?addParents=${inner}&fields=parents`, {})).json).toEqual({ parents: [inner] });

    await patch(outer, { trashed: true });
    const trash = '?fields=trashed,explicitlyTrashed,trashedTime';
    expect((await call('GET', `/drive/v3/files/${id}${trash}`)).json).toEqual({ trashed: true, explicitlyTrashed: false });
    expect((await call('GET', `/drive/v3/files/${outer}${trash}`)).json).toMatchObject({
      explicitlyTrashed: true,
      trashedTime: expect.any(String),
    });
    expect([await search(call, ''), await search(call, 'trashed = false'), await search(call, 'trashed=true')]).toEqual([
      ['b', 'inner', 'outer'],
      [],
      ['b', 'inner', 'outer'],
    ]);
    await patch(outer, { trashed: false });
    expect(await search(call, 'trashed = false')).toEqual(['b', 'inner', 'outer']);
    expect((await call('DELETE', `/drive/v3/files/${outer}`)).status).toBe(204);
    expect([server.files(), (await call('GET', `/drive/v3/files/${id}`)).status]).toEqual([[], 404]);
    expect((await call('DELETE', `/drive/v3/files/${server.rootId}`)).status).toBe(403);
  });

  it('takes content in one request and gives it back in parts', async () => {
    await using server = await startDriveServer();
    const call = callWith(server);
    const text = 'The quick brown fox\r\n--jumps';
    const path = '/upload/drive/v3/files?uploadType=multipart&fields=*';
    const made = (await call('POST', path, multipart({ name: 'fox.txt' }, text))).json;
    const digest = (name: string, of: string) => createHash(name).update(of).digest('hex');
    expect(made).toMatchObject({
      name: 'fox.txt',
      mimeType: 'text/plain',
      size: String(text.length),
      md5Checksum: digest('md5', text),
      sha1Checksum: digest('sha1', text),
      sha256Checksum: digest('sha256', text),
      parents: [server.rootId],
      trashed: false,
    });
    const media = `/drive/v3/files/${made.id}?alt=media`;
    const get = async (range?: string) => {
      const { status, headers, text: part } = await call('GET', media, range ? { headers: { range } } : {});
      return [status, headers['content-range'] ?? null, part];
    };
    expect(await get()).toEqual([200, null, text]);
    expect(await get('bytes=4-8')).toEqual([206, `bytes 4-8/${text.length}`, 'quick']);
    expect(await get('bytes=20-')).toEqual([206, `bytes 20-${text.length - 1}/${text.length}`, text.slice(20)]);
    expect(await get('bytes=-5')).toEqual([206, `bytes ${text.length - 5}-${text.length - 1}/${text.length}`, 'jumps']);
    expect(await get(`bytes=${text.length}-`)).toEqual([416, `bytes */${text.length}`, '']);
    expect((await server.content(made.id)).toString()).toBe(text);

    const update = await call('PATCH', `/upload/drive/v3/files/${made.id}?uploadType=media&fields=size,version,name`, {
      body: 'new',
      headers: { 'content-type': 'text/plain' },
    });
    expect(update.json).toEqual({ size: '3', version: '2', name: 'fox.txt' });
    expect(await get()).toEqual([200, null, 'new']);
    const folder = (await call('POST', '/drive/v3/files', { json: { mimeType: folderType } })).json;
    expect(reasonOf(await call('GET', `/drive/v3/files/${folder.id}?alt=media`))).toBe('403 fileNotDownloadable');
  });

  it('refuses uploads that are malformed or too large for one request, or for the account', async () => {
    await using server = await startDriveServer();
    const call = callWith(server);
    const path = '/upload/drive/v3/files?uploadType=multipart';
    const good = multipart({}, 'x');
    for (const body of [good.body.subarray(0, -8), good.body.subarray(10), Buffer.from('--cut--')])
      expect((await call('POST', path, { ...good, body })).status).toBe(400);
    expect((await call('POST', path, { ...good, headers: { 'content-type': 'multipart/form-data; boundary=cut' } })).status).toBe(400);
    expect((await call('POST', '/upload/drive/v3/files', good)).status).toBe(400);
    expect((await call('POST', path, multipart({}, Buffer.alloc(5 * 1024 * 1024 + 1)))).status).toBe(413);
    server.setQuota(10);
    expect(reasonOf(await call('POST', path, multipart({}, 'x'.repeat(11))))).toBe('403 storageQuotaExceeded');
    expect((await call('POST', path, multipart({}, 'x'.repeat(10)))).status).toBe(200);
    expect(server.files()).toHaveLength(1);
  });
});

describe('the server', () => {
  it('lies about the date when told to, and otherwise not', async () => {
    await using server = await startDriveServer({ now: () => Date.UTC(2026, 10, 22, 3) });
    const date = async () => (await send(`${server.url}/drive/v3/about`)).headers.date;
    expect(await date()).toBe('Sun, 22 Nov 2026 03:00:00 GMT');
    server.setDateSkew(-3600_000);
    expect(await date()).toBe('Sun, 22 Nov 2026 02:00:00 GMT');
  });

  it('goes on after a restart with everything that it acknowledged, at the same address', async () => {
    await using folder = await makeTempFolder();
    const before = await startDriveServer({ folder: folder.path, quotaBytes: 5000 });
    const call = callWith(before);
    const made = await call('POST', '/upload/drive/v3/files?uploadType=multipart&fields=*', multipart({ name: 'kept' }, 'content'));
    const [id] = (await call('GET', '/drive/v3/files/generateIds?count=1')).json.ids;
    await before.close();
    await using after = await startDriveServer({ folder: folder.path });
    expect([after.url, after.clientId, after.secrets()]).toEqual([before.url, before.clientId, before.secrets()]);
    expect((await call('GET', `/drive/v3/files/${made.json.id}?fields=*`)).json).toEqual(made.json);
    expect((await call('GET', `/drive/v3/files/${made.json.id}?alt=media`)).text).toBe('content');
    expect((await call('POST', '/drive/v3/files', { json: { id } })).status).toBe(200);
    expect((await call('GET', '/drive/v3/about?fields=storageQuota/limit')).json).toEqual({ storageQuota: { limit: '5000' } });
  });

  it('ends every connection when it is closed, and removes its temporary folder', async () => {
    const server = await startDriveServer({ faults: [{ on: 'about', act: 'stall' }] });
    const call = callWith(server);
    const waiting = server.when(() => false);
    const open = call('GET', '/drive/v3/about?fields=user');
    await server.when((requests) => requests.some(({ kind }) => kind === 'about'));
    const ended = expect(open).rejects.toThrow('socket hang up');
    await server.close();
    await ended;
    await expect(waiting).rejects.toThrow('closed');
    await expect(send(server.url)).rejects.toThrow('ECONNREFUSED');
    await expect(makeTempFolder(server.folder)).rejects.toThrow('ENOENT');
  });

  it('logs requests without secrets', async () => {
    await using server = await startDriveServer();
    const call = callWith(server);
    const start = await call('POST', '/upload/drive/v3/files?uploadType=resumable', { json: {} });
    await send(start.headers.location ?? '', { method: 'PUT', body: 'abc' });
    const log = server.requests().map(({ kind, method, status, bodyBytes, session }) => [kind, method, status, bodyBytes, session]);
    expect(log).toEqual([
      ['upload-start', 'POST', 200, 2, undefined],
      ['upload-chunk', 'PUT', 200, 3, 1],
    ]);
    const text = JSON.stringify(server.requests());
    expect(server.secrets().length).toBeGreaterThan(3);
    expect(server.secrets().filter((secret) => text.includes(secret))).toEqual([]);
    expect(start.headers.location).toContain(server.secrets().at(-1));
  });
});
