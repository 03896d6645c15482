import { describe, expect, it } from 'vitest';
import { startDriveServer } from '../support/drive-server.ts';
import { callWith, search, withQuery } from './raw-http.ts';

const folderType = 'application/vnd.google-apps.folder';

describe('listings', () => {
  it('finds what a search asks for', async () => {
    await using server = await startDriveServer();
    const call = callWith(server);
    const { clientId } = server;
    const folder = await server.addFile({ name: "Ada's \\ folder", clientId });
    const parents = [folder.id];
    await server.addFile({ name: 'notes 2026', parents, content: 'x', mimeType: 'text/plain', appProperties: { job: "it's" }, clientId });
    await server.addFile({ name: 'other', content: 'x', appProperties: { job: 'other' }, clientId });
    const found = async (q: string) => await search(call, q);
    const table: readonly (readonly [string, string[] | string])[] = [
      ['', ["Ada's \\ folder", 'notes 2026', 'other']],
      ["name = 'other'", ['other']],
      ["name != 'other' and trashed = false", ["Ada's \\ folder", 'notes 2026']],
      ["name='Ada\\'s \\\\ folder'", ["Ada's \\ folder"]],
      ["name contains '20'", ['notes 2026']],
      ["name contains 'otes'", []],
      [`'${folder.id}' in parents`, ['notes 2026']],
      ["'root' in parents", ["Ada's \\ folder", 'other']],
      [`not '${folder.id}' in parents and mimeType != '${folderType}'`, ['other']],
      [`mimeType = '${folderType}' or name = 'other'`, ["Ada's \\ folder", 'other']],
      [`mimeType = 'text/plain' and (name = 'other' or name = 'notes 2026')`, ['notes 2026']],
      ["appProperties has { key='job' and value='it\\'s' }", ['notes 2026']],
      ["appProperties has {key='job' and value='OTHER'}", []],
      ["modifiedTime > '2020-01-01T00:00:00' and name = 'other'", ['other']],
      ["name = 'other", '400 invalid'],
      ['name = other', '400 invalid'],
      ["name = 'a' name = 'b'", '400 invalid'],
      ["title = 'a'", '400 invalid'],
      ["name > 'a'", '400 invalid'],
      ["name = 'it's'", '400 invalid'],
      ['trashed = 0', '400 invalid'],
      ["(name = 'a'", '400 invalid'],
      ["'1nowhere' in parents", '404 notFound'],
    ];
    const answers: [string, unknown][] = [];
    for (const [q] of table) answers.push([q, await found(q)]);
    expect(answers).toEqual(table);
  });

  it('come in pages, in order and with the fields asked for', async () => {
    await using server = await startDriveServer();
    const call = callWith(server, 'drive');
    for (const name of ['c', 'a', 'e', 'b', 'd']) await server.addFile({ name, content: name });
    const page = async (params: Record<string, string>) => (await call('GET', withQuery('/drive/v3/files', params))).json;
    const asked = { orderBy: 'name desc', pageSize: '2', fields: 'nextPageToken,incompleteSearch,files(name,size)' };
    const first = await page(asked);
    const second = await page({ ...asked, pageToken: first.nextPageToken });
    const third = await page({ ...asked, pageToken: second.nextPageToken });
    const of = (...names: string[]) => names.map((name) => ({ name, size: '1' }));
    expect([first, second, third]).toEqual([
      { nextPageToken: expect.any(String), incompleteSearch: false, files: of('e', 'd') },
      { nextPageToken: expect.any(String), incompleteSearch: false, files: of('c', 'b') },
      { incompleteSearch: false, files: of('a') },
    ]);
    expect((await page({ pageSize: '1' })).files).toEqual([
      { kind: 'drive#file', id: expect.any(String), name: 'd', mimeType: 'application/octet-stream' },
    ]);
    for (const bad of [
      { pageSize: '0' },
      { pageSize: '1001' },
      { pageToken: 'x' },
      { orderBy: 'size' },
      { fields: 'name' },
      { spaces: 'photos' },
    ])
      expect((await call('GET', withQuery('/drive/v3/files', bad))).status, JSON.stringify(bad)).toBe(400);
    const other = { ...asked, q: 'trashed = false', pageToken: first.nextPageToken };
    expect((await call('GET', withQuery('/drive/v3/files', other))).status).toBe(400);
  });
});
