import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { strictHeaders } from '../../electron/api/web-headers.ts';
import { plainPageStyle } from '../../electron/engine/platform/plain-page.ts';
import { buried, openWebScene, type RawAnswer, type WebScene } from './web-scene.ts';

let scene: WebScene;
beforeAll(async () => {
  scene = await openWebScene();
});
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
});

/** What is sent, and the status of the refusal: 0 where the connection just ends. */
type Attack = readonly [name: string, bytes: (scene: WebScene) => string | Buffer, status: number];

const evil = 'http://evil.example';
const mebibyte = 1024 ** 2;

/** Each has the cookie of a browser that is in, and is right but for one thing. */
const fromOutside: readonly Attack[] = [
  ['a foreign Host', ({ page, port }) => page({ headers: { Host: `evil.example:${port}` } }), 421],
  [
    'a name that points to this machine (DNS rebinding)',
    ({ call, port }) => call({ headers: { Host: `localhost.evil.example:${port}` } }),
    421,
  ],
  ['a Host that begins like ours', ({ page, port }) => page({ headers: { Host: `127.0.0.1:${port}.evil.example` } }), 421],
  ['a Host with a name before ours', ({ page, port }) => page({ headers: { Host: `evil.example@127.0.0.1:${port}` } }), 421],
  ['a Host without the port', ({ page }) => page({ headers: { Host: '127.0.0.1' } }), 421],
  ['a Host with another port', ({ page }) => page({ headers: { Host: '127.0.0.1:1' } }), 421],
  ['another address of this machine', ({ page, port }) => page({ headers: { Host: `127.1:${port}` } }), 421],
  ['the address of every interface', ({ page, port }) => page({ headers: { Host: `0.0.0.0:${port}` } }), 421],
  ['this machine in IPv6', ({ page, port }) => page({ headers: { Host: `[::1]:${port}` } }), 421],
  ['localhost with a dot', ({ page, port }) => page({ headers: { Host: `localhost.:${port}` } }), 421],
  ['an empty Host', ({ page }) => page({ headers: { Host: '' } }), 421],
  ['no Host', ({ page }) => page({ headers: { Host: null } }), 421],
  ['HTTP/1.0 without a Host', ({ page }) => page({ version: 'HTTP/1.0', headers: { Host: null } }), 421],
  ['a second Host', ({ page, port }) => page({ headers: { Host: [`127.0.0.1:${port}`, 'evil.example'] } }), 421],
  ['a second Host before ours', ({ page, port }) => page({ headers: { Host: ['evil.example', `127.0.0.1:${port}`] } }), 421],
  ['a second Host that is ours, too', ({ page, port }) => page({ headers: { Host: [`127.0.0.1:${port}`, `127.0.0.1:${port}`] } }), 421],
  [
    'a second Host behind a hundred headers',
    ({ page, port }) => page({ headers: { Host: `127.0.0.1:${port}`, a: Array(110).fill(''), host: evil } }),
    421,
  ],
  ['a foreign Origin', ({ call }) => call({ headers: { Origin: evil } }), 403],
  ['Origin: null', ({ call }) => call({ headers: { Origin: 'null' } }), 403],
  ['no Origin', ({ call }) => call({ headers: { Origin: null } }), 403],
  ['an Origin with another port', ({ call }) => call({ headers: { Origin: 'http://127.0.0.1:1' } }), 403],
  ['an Origin with https', ({ call, port }) => call({ headers: { Origin: `https://127.0.0.1:${port}` } }), 403],
  ['the Origin of our other name', ({ call, port }) => call({ headers: { Origin: `http://localhost:${port}` } }), 403],
  ['two Origins', ({ call, port }) => call({ headers: { Origin: [`http://127.0.0.1:${port}`, evil] } }), 403],
  ['a foreign Origin that asks for a page', ({ page }) => page({ headers: { Origin: evil } }), 403],
  ['a frame or a script of another page', ({ page }) => page({ headers: { 'Sec-Fetch-Site': 'cross-site' } }), 403],
  ['a page of another port', ({ page }) => page({ headers: { 'Sec-Fetch-Site': 'same-site' } }), 403],
  ['a call of another port that claims our Origin', ({ call }) => call({ headers: { 'Sec-Fetch-Site': 'same-site' } }), 403],
  ['two origins of a fetch', ({ call }) => call({ headers: { 'Sec-Fetch-Site': ['same-origin', 'cross-site'] } }), 403],
  [
    'a form of another page',
    ({ call }) => call({ headers: { Origin: evil, 'Sec-Fetch-Site': 'cross-site', 'Content-Type': 'text/plain' } }),
    403,
  ],
  ['a text', ({ call }) => call({ headers: { 'Content-Type': 'text/plain' } }), 415],
  ['a text that mentions JSON', ({ call }) => call({ headers: { 'Content-Type': 'text/plain; application/json' } }), 415],
  ['a form', ({ call }) => call({ headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }), 415],
  ['a form with files', ({ call }) => call({ headers: { 'Content-Type': 'multipart/form-data; boundary=x' } }), 415],
  ['a body of no type', ({ call }) => call({ headers: { 'Content-Type': null } }), 415],
  [
    'another page that asks what it may (CORS)',
    ({ page }) => page({ method: 'OPTIONS', path: '/rpc/echo', headers: { Origin: evil, 'Access-Control-Request-Method': 'POST' } }),
    405,
  ],
];

const withoutEntry: readonly Attack[] = [
  ['no cookie', ({ page }) => page({ headers: { Cookie: null } }), 401],
  ['no cookie, for a file', ({ page }) => page({ path: '/assets/main-8f3k2m9q.js', headers: { Cookie: null } }), 401],
  ['no cookie, for nothing', ({ page }) => page({ path: '/nothing', headers: { Cookie: null } }), 401],
  ['no cookie, for a procedure', ({ call }) => call({ headers: { Cookie: null } }), 401],
  ['a wrong cookie', ({ call, port }) => call({ headers: { Cookie: `nightjar-${port}=${'A'.repeat(43)}` } }), 401],
  ['an empty cookie', ({ call, port }) => call({ headers: { Cookie: `nightjar-${port}=` } }), 401],
  ['a part of the cookie', ({ call, cookie }) => call({ headers: { Cookie: cookie.slice(0, -1) } }), 401],
  ['more than the cookie', ({ call, cookie }) => call({ headers: { Cookie: `${cookie}A` } }), 401],
  [
    'the cookie under the name of another port',
    ({ call, cookie, port }) => call({ headers: { Cookie: cookie.replace(String(port), '1') } }),
    401,
  ],
  ['the cookie under a longer name', ({ call, cookie }) => call({ headers: { Cookie: `x${cookie}` } }), 401],
  ['the cookie as a bearer', ({ call, cookie }) => call({ headers: { Cookie: null, Authorization: `Bearer ${secretOf(cookie)}` } }), 401],
  [
    'a token as a bearer',
    ({ call, server }) => call({ headers: { Cookie: null, Authorization: `Bearer ${tokenOf(server.issueUrl())}` } }),
    401,
  ],
  [
    'a token as the cookie',
    ({ call, server, port }) => call({ headers: { Cookie: `nightjar-${port}=${tokenOf(server.issueUrl())}` } }),
    401,
  ],
  ['the cookie as a token', ({ page, cookie }) => page({ path: `/?token=${secretOf(cookie)}`, headers: { Cookie: null } }), 401],
  ['a wrong token', ({ page }) => page({ path: `/?token=${'A'.repeat(43)}`, headers: { Cookie: null } }), 401],
  ['an empty token', ({ page }) => page({ path: '/?token=', headers: { Cookie: null } }), 401],
  [
    'a token with another one behind it',
    ({ page, server }) => page({ path: `/?token=x&token=${tokenOf(server.issueUrl())}`, headers: { Cookie: null } }),
    401,
  ],
  [
    'a token for a procedure',
    ({ call, server }) => call({ path: `/rpc/echo?token=${tokenOf(server.issueUrl())}`, headers: { Cookie: null } }),
    401,
  ],
  [
    'a token for a file',
    ({ page, server }) => page({ path: `/icon.svg?token=${tokenOf(server.issueUrl())}`, headers: { Cookie: null } }),
    401,
  ],
  ['a token with HEAD', ({ page, entry }) => page({ method: 'HEAD', path: entry(), headers: { Cookie: null } }), 401],
  ['a token of another page', ({ page, entry }) => page({ path: entry(), headers: { Cookie: null, 'Sec-Fetch-Site': 'cross-site' } }), 403],
];

const inForm: readonly Attack[] = [
  ['a body above 1 MiB', ({ call }) => call({ headers: { 'Content-Length': String(mebibyte + 1) } }), 413],
  [
    'a body without a length',
    ({ call }) => call({ headers: { 'Content-Length': null, 'Transfer-Encoding': 'chunked' }, body: '2\r\n{}\r\n0\r\n\r\n' }),
    411,
  ],
  ['a length and chunks', ({ call }) => call({ headers: { 'Transfer-Encoding': 'chunked' }, body: '0\r\n\r\n' }), 400],
  [
    'chunks and a length',
    ({ call }) => call({ headers: { 'Content-Length': null, 'Transfer-Encoding': 'chunked', 'content-length': '5' }, body: '0\r\n\r\n' }),
    400,
  ],
  [
    'chunks under another name',
    ({ call }) => call({ headers: { 'Content-Length': null, 'Transfer-Encoding': 'xchunked' }, body: '0\r\n\r\n' }),
    411,
  ],
  [
    'chunks in two headers',
    ({ call }) => call({ headers: { 'Content-Length': null, 'Transfer-Encoding': ['chunked', 'identity'] }, body: '0\r\n\r\n' }),
    400,
  ],
  [
    'a space before the colon',
    ({ call }) => call({ headers: { 'Content-Length': null, 'Transfer-Encoding ': 'chunked' }, body: '0\r\n\r\n' }),
    400,
  ],
  ['two lengths', ({ call }) => call({ headers: { 'Content-Length': ['16', '17'] } }), 400],
  ['a length below nothing', ({ call }) => call({ headers: { 'Content-Length': '-1' } }), 400],
  ['a length that is no number', ({ call }) => call({ headers: { 'Content-Length': '0x10' } }), 400],
  ['a header over two lines', ({ page, port }) => page({ headers: { Host: `127.0.0.1:${port}`, a: 'b\r\n c' } }), 400],
  ['lines that end in a bare LF', ({ page }) => page().replaceAll('\r\n', '\n'), 400],
  ['a header with NUL', ({ page }) => page({ headers: { a: 'b\0c' } }), 400],
  ['a page with a body', ({ page }) => page({ headers: { 'Content-Length': '5' }, body: 'hello' }), 400],
  ['a page with chunks', ({ page }) => page({ headers: { 'Transfer-Encoding': 'chunked' }, body: '0\r\n\r\n' }), 411],
  ['TRACE', ({ page }) => page({ method: 'TRACE' }), 405],
  ['PUT', ({ page }) => page({ method: 'PUT' }), 405],
  ['DELETE of a procedure', ({ call }) => call({ method: 'DELETE' }), 405],
  ['POST of a page', ({ call }) => call({ path: '/' }), 405],
  ['GET of a procedure', ({ page }) => page({ path: '/rpc/echo' }), 405],
  ['HEAD of a procedure', ({ page }) => page({ method: 'HEAD', path: '/rpc/echo' }), 405],
  ['OPTIONS of everything', ({ page }) => page({ method: 'OPTIONS', path: '*' }), 400],
  ['CONNECT', ({ page }) => page({ method: 'CONNECT', path: 'evil.example:443' }), 0],
  ['an unknown method', ({ page }) => page({ method: 'STEAL' }), 400],
  ['the beginning of HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['the beginning of TLS', () => Buffer.from('16030100750100007103', 'hex'), 400],
  ['nothing that was ever HTTP', () => Buffer.alloc(4096, 0xff), 400],
  ['another address in full', ({ page }) => page({ path: `${evil}/` }), 400],
  ['our address in full', ({ page, port }) => page({ path: `http://127.0.0.1:${port}/` }), 400],
  [
    'a WebSocket',
    ({ page }) =>
      page({
        headers: {
          Connection: 'Upgrade',
          Upgrade: 'websocket',
          'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
          'Sec-WebSocket-Version': '13',
        },
      }),
    400,
  ],
  [
    'HTTP/2 by an upgrade',
    ({ page }) => page({ headers: { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': '' } }),
    400,
  ],
  ['a body that waits to be asked for', ({ call }) => call({ headers: { Expect: '100-continue' } }), 417],
  ['another expectation', ({ call }) => call({ headers: { Expect: '200-ok' } }), 417],
  ['a long address', ({ page }) => page({ path: `/${'a'.repeat(2048)}` }), 414],
  ['an address that fills the headers', ({ page }) => page({ path: `/${'a'.repeat(20_000)}` }), 431],
  ['a hundred headers and more', ({ page }) => page({ headers: { a: Array(100).fill('b') } }), 431],
  ['a flood of headers', ({ page }) => page({ headers: { a: Array(3000).fill('b') } }), 431],
  ['one large header', ({ page }) => page({ headers: { a: 'b'.repeat(20_000) } }), 431],
];

const paths: readonly (readonly [name: string, path: string, status: number])[] = [
  ['up', '/../buried.txt', 404],
  ['up, from a folder', '/assets/../../buried.txt', 404],
  ['up, encoded', '/%2e%2e/buried.txt', 404],
  ['up, half encoded', '/.%2E/buried.txt', 404],
  ['up, encoded twice', '/%252e%252e/buried.txt', 404],
  ['up, overlong UTF-8', '/%c0%ae%c0%ae/buried.txt', 404],
  ['an encoded slash', '/..%2fburied.txt', 404],
  ['an encoded slash in a right name', '/assets%2fplain.css', 404],
  ['a backslash', '/..\\buried.txt', 404],
  ['an encoded backslash', '/..%5cburied.txt', 404],
  ['NUL', '/icon.svg%00.txt', 404],
  ['a bare NUL', '/icon.svg\0', 400],
  ['a path of the machine', '//etc/passwd', 404],
  ['a file address', '/file:///etc/passwd', 404],
  ['another machine', '//evil.example/', 404],
  ['a drive', '/C:/Windows/win.ini', 404],
  ['a stream of a file', '/icon.svg::$DATA', 404],
  ['a link to a file', '/link.txt', 404],
  ['a link to a folder', '/linked/buried.txt', 404],
  ['a hidden file', '/.buried', 404],
  ['a neighbour of the same beginning', '/../page.txt', 404],
  ['a folder', '/assets', 404],
  ['a folder with its slash', '/assets/', 404],
  ['a file with a slash', '/icon.svg/', 404],
  ['another case', '/ICON.SVG', 404],
  ['another spelling', '/%69con.svg', 404],
  ['a broken escape', '/%', 404],
  ['a name of JavaScript', '/__proto__', 404],
  ['the page by its file', '/index.html', 404],
  ['an answer of its own by the path', '/%0d%0aSet-Cookie:%20nightjar=1', 404],
  ['an answer of its own by a bare line end', '/\r\nSet-Cookie: nightjar=1\r\n', 400],
  ['procedures from below', '/assets/../rpc/echo', 404],
];

const procedurePaths: typeof paths = [
  ['an unknown procedure', '/rpc/nothing', 404],
  ['a procedure above the others', '/rpc/../echo', 404],
  ['a procedure above the others, encoded', '/rpc/%2e%2e/echo', 404],
  ['a name of JavaScript as a procedure', '/rpc/__proto__/constructor', 404],
  ['a procedure without its folder', '/rpc', 405],
];

const attacks: readonly Attack[] = [
  ...fromOutside,
  ...withoutEntry,
  ...inForm,
  ...paths.map(([name, path, status]): Attack => [`the path ${name}`, ({ page }) => page({ path }), status]),
  ...procedurePaths.map(([name, path, status]): Attack => [name, ({ call }) => call({ path }), status]),
];

describe('an attack is refused, and the engine goes on answering', () => {
  it.each(attacks)('%s', async (_, bytes, status) => {
    const answer = await scene.send(bytes(scene));
    expect([answer.status, leaksOf(answer), missingHeaders(answer), await scene.isWell()]).toEqual([status, [], [], true]);
  });

  it('a token in a query after its first use', async () => {
    const path = scene.entry();
    const bytes = scene.page({ path, headers: { Cookie: null } });
    const answers = [await scene.send(bytes), await scene.send(bytes), await scene.send(bytes)];
    expect([answers.map(({ status }) => status), await scene.isWell()]).toEqual([[303, 401, 401], true]);
  });

  it('the cookie of another engine', async () => {
    await using other = await openWebScene();
    const value = secretOf(other.cookie);
    const cookies = [other.cookie, `nightjar-${scene.port}=${value}`, `${other.cookie}; nightjar-${scene.port}=${value}`];
    const answers = await Promise.all(cookies.map((Cookie) => scene.send(scene.call({ headers: { Cookie } }))));
    expect([answers.map(({ status }) => status), await scene.isWell()]).toEqual([[401, 401, 401], true]);
  });

  it('a request that is hidden in the body of a refused one, or behind it', async () => {
    const hidden = scene.call({ body: '{"json":"hidden"}' });
    const carriers = [
      scene.page({ headers: { 'Content-Length': String(Buffer.byteLength(hidden)) }, body: hidden }),
      scene.call({ headers: { 'Content-Type': 'text/plain', 'Content-Length': String(Buffer.byteLength(hidden)) }, body: hidden }),
      scene.call({ headers: { Connection: 'keep-alive', 'Content-Length': '2', Origin: evil }, body: `{}${hidden}` }),
    ];
    const answers = await Promise.all(carriers.map(scene.send));
    const seen = answers.map(({ status, text }) => [status, text.includes('hidden'), text.match(/HTTP\/1\.1 /g)?.length]);
    const once = (status: number) => [status, false, 1];
    expect([seen, await scene.isWell()]).toEqual([[once(400), once(415), once(403)], true]);
  });

  it('a hundred refused requests in one go', async () => {
    const { status, text } = await scene.send(scene.page({ headers: { Connection: 'keep-alive', Cookie: null } }).repeat(100));
    expect([status, text.match(/HTTP\/1\.1 \d+/g), await scene.isWell()]).toEqual([401, ['HTTP/1.1 401'], true]);
  });
});

function secretOf(cookie: string): string {
  return cookie.split('=')[1] ?? '';
}

function tokenOf(url: string): string {
  return new URL(url).searchParams.get('token') ?? '';
}

/** What an answer must never have in it. */
function leaksOf({ headers, text }: RawAnswer): string[] {
  const cors = [...headers.keys()].filter((name) => name.startsWith('access-control-'));
  const words = [
    buried,
    'root:',
    'node:',
    'at async',
    '/electron/',
    '/tmp/',
    secretOf(scene.cookie),
    ...(headers.has('set-cookie') ? ['cookie'] : []),
  ];
  return [...cors, ...words.filter((word) => text.includes(word))];
}

/** What Node's parser refuses has a status and nothing else; every answer of ours has all of the strict headers. */
function missingHeaders({ headers, body, status }: RawAnswer): string[] {
  if (status === 0 || (body === '' && [...headers.keys()].join() === 'connection')) return [];
  return [...strictHeaders(plainPageStyle)].filter(([name, value]) => headers.get(name) !== value).map(([name]) => name);
}
