import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { strictHeaders } from '../../electron/api/web-headers.ts';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import { randomIds } from '../../electron/engine/platform/ids.ts';
import { openWebServer, type WebServerOptions } from '../../electron/headless/web-server.ts';
import { openWebScene, pageFiles, type RawAnswer } from './web-scene.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

function statusesOf(answers: readonly RawAnswer[]): number[] {
  return answers.map(({ status }) => status);
}

function canConnect(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address);
    socket.on('error', () => resolve(false));
    socket.on('connect', () => resolve(true));
    socket.on('connect', () => socket.destroy());
  });
}

describe('the way in', () => {
  it('is an address of this machine alone, which gives a cookie and leads to an address without the token', async () => {
    await using scene = await openWebScene();
    const url = scene.server.issueUrl();
    expect(url).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${scene.port}/\\?token=[\\w-]{43}$`));
    const { status, headers, body } = await scene.send(scene.page({ path: url.slice(url.indexOf('/?')), headers: { Cookie: null } }));
    const [name, secret, ...attributes] = (headers.get('set-cookie') ?? '').split(/=|; /);
    expect([status, headers.get('location'), body, name, attributes]).toEqual([
      303,
      '/',
      '',
      `nightjar-${scene.port}`,
      ['HttpOnly', 'SameSite', 'Strict', 'Path', '/'],
    ]);
    expect([secret?.length, url.includes(secret ?? '')]).toEqual([43, false]);
  });

  it('has another token each time, and each is good once', async () => {
    await using scene = await openWebScene();
    const paths = [1, 2, 3].map(() => scene.entry());
    const enter = (path: string) => scene.send(scene.page({ path, headers: { Cookie: null } }));
    const answers = [];
    for (const path of [...paths, ...paths]) answers.push(await enter(path));
    expect([new Set(paths).size, statusesOf(answers)]).toEqual([3, [303, 303, 303, 401, 401, 401]]);
  });

  it('is over after an hour, and after eight newer ones', async () => {
    await using scene = await openWebScene();
    const issue = () => scene.entry();
    const enter = (path: string) => scene.send(scene.page({ path, headers: { Cookie: null } }));
    const [first, ...later] = Array.from({ length: 9 }, issue);
    const forgotten = [await enter(first ?? ''), await enter(later[0] ?? '')];
    scene.clock.set(scene.clock.now() + hourMs - 1);
    const last = await enter(later[1] ?? '');
    scene.clock.set(scene.clock.now() + 1);
    const late = await enter(later[2] ?? '');
    expect(statusesOf([...forgotten, last, late])).toEqual([401, 303, 303, 401]);
  });

  it('that is opened again in the same browser leads to the page, and its token is spent', async () => {
    await using scene = await openWebScene();
    const path = scene.entry();
    const answers = [
      await scene.send(scene.page({ path })),
      await scene.send(scene.page({ path })),
      await scene.send(scene.page({ path, headers: { Cookie: null } })),
    ];
    expect([statusesOf(answers), answers.map(({ headers }) => headers.get('set-cookie'))]).toEqual([
      [303, 303, 401],
      [null, null, null],
    ]);
  });

  it('lets the browser in also with foreign cookies around ours, and with those of the same name before it', async () => {
    await using scene = await openWebScene();
    const { port, cookie } = scene;
    const cookies = [`a=b; ${cookie}; c=d`, `nightjar-${port}=tossed; ${cookie}`, `${cookie};nightjar-1=x`];
    expect(statusesOf(await Promise.all(cookies.map((Cookie) => scene.send(scene.call({ headers: { Cookie } })))))).toEqual([
      200, 200, 200,
    ]);
  });

  it('holds off a thousand wrong tokens, and the right one with them, while the browser that is in goes on', async () => {
    await using scene = await openWebScene();
    const path = scene.entry();
    const enter = (token: string) => scene.send(scene.page({ path: token, headers: { Cookie: null } }));
    const counts = new Map<number, number>();
    const waits = new Set<string | null>();
    for (let index = 0; index < 1000; index++) {
      const { status, headers } = await enter(`/?token=${String(index).padStart(43, 'A')}`);
      counts.set(status, (counts.get(status) ?? 0) + 1);
      waits.add(headers.get('retry-after'));
    }
    const held = await enter(path);
    const isWell = await scene.isWell();
    scene.clock.set(scene.clock.now() + minuteMs);
    const right = await enter(path);
    expect([[...counts], [...waits], held.status, isWell, right.status]).toEqual([
      [
        [401, 10],
        [429, 990],
      ],
      [null, '60'],
      429,
      true,
      303,
    ]);
    expect(scene.logged.length).toBe(10);
  });

  it('forgets the wrong tokens after a right one', async () => {
    await using scene = await openWebScene();
    const enter = (path: string) => scene.send(scene.page({ path, headers: { Cookie: null } }));
    const right = [scene.entry(), scene.entry()];
    const answers = [];
    for (const path of right) {
      for (let index = 0; index < 9; index++) await enter('/?token=wrong');
      answers.push(await enter(path));
    }
    expect(statusesOf(answers)).toEqual([303, 303]);
  });

  it('opens at once for a new address, whoever has been trying', async () => {
    await using scene = await openWebScene();
    const enter = (path: string) => scene.send(scene.page({ path, headers: { Cookie: null } }));
    for (let index = 0; index < 11; index++) await enter('/?token=wrong');
    const held = await enter('/?token=wrong');
    const right = await enter(scene.entry());
    expect(statusesOf([held, right])).toEqual([429, 303]);
  });
});

describe('the page', () => {
  it.each([
    ['/assets/main-8f3k2m9q.js', 'assets/main-8f3k2m9q.js', 'text/javascript; charset=utf-8', 'private, max-age=31536000, immutable'],
    ['/assets/plain.css', 'assets/plain.css', 'text/css; charset=utf-8', 'no-store'],
    ['/icon.svg?v=1', 'icon.svg', 'image/svg+xml', 'no-store'],
    ['/with%20space.txt', 'with space.txt', 'text/plain; charset=utf-8', 'no-store'],
  ])('has %s', async (path, file, type, caching) => {
    await using scene = await openWebScene();
    const { status, headers, body } = await scene.send(scene.page({ path }));
    expect([status, body, headers.get('content-type'), headers.get('cache-control')]).toEqual([200, pageFiles[file], type, caching]);
    const head = await scene.send(scene.page({ path, method: 'HEAD' }));
    expect([head.status, head.body, head.headers.get('content-length')]).toEqual([200, '', String(body.length)]);
  });

  it('has a nonce for its styles in every answer, and allows scripts of its own alone', async () => {
    await using scene = await openWebScene();
    const answers = [await scene.send(scene.page()), await scene.send(scene.page({ path: '/?job=notes' }))];
    const nonces = answers.map(({ body }) => /nonce="([\w-]{43})"/.exec(body)?.[1] ?? '');
    expect(answers.map(({ headers }) => headers.get('content-security-policy'))).toEqual(
      nonces.map(
        (nonce) =>
          `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      ),
    );
    expect(new Set(nonces).size).toBe(2);
  });

  it('says that there is none where there is none', async () => {
    await using scene = await openWebScene({ pageFolder: null });
    const answers = [await scene.send(scene.page()), await scene.send(scene.page({ path: '/icon.svg' }))];
    expect([statusesOf(answers), answers[0]?.body]).toEqual([[200, 404], expect.stringContaining('no page to show yet')]);
  });

  it('is there under both names of this machine', async () => {
    await using scene = await openWebScene();
    const host = `localhost:${scene.port}`;
    const answers = [
      await scene.send(scene.page({ headers: { Host: host } })),
      await scene.send(scene.call({ headers: { Host: host, Origin: `http://${host}` } })),
    ];
    expect(statusesOf(answers)).toEqual([200, 200]);
  });
});

describe('procedures', () => {
  it.each([
    ['nothing', '', { 'Content-Type': null }],
    ['a mebibyte', JSON.stringify({ json: 'a'.repeat(1024 ** 2 - 11) }), {}],
    ['JSON with its charset', '{"json":"é"}', { 'Content-Type': 'application/json; charset=utf-8' }],
  ])('take %s', async (_, body, headers) => {
    await using scene = await openWebScene();
    const answer = await scene.send(scene.call({ body, headers }));
    expect([answer.status, Buffer.from(answer.body, 'latin1').toString('utf8').length]).toEqual([200, body === '' ? 2 : body.length]);
  });

  it.each([
    ['an error', () => Promise.reject(new Error('lost /home/somebody'))],
    [
      'a throw',
      () => {
        throw new Error('lost /home/somebody');
      },
    ],
  ])('that end in %s of ours say nothing of it to the client, and everything to the log', async (_, handle) => {
    await using scene = await openWebScene({ handle });
    const { status, text } = await scene.send(scene.call());
    expect([status, /home|stack|\.ts/.test(text), scene.logged]).toEqual([
      500,
      false,
      [
        {
          level: 'error',
          message: 'lost /home/somebody',
          fields: { code: 'internal', stack: expect.stringContaining('web-server.test.ts') },
        },
      ],
    ]);
  });

  it('that fail in the middle of an answer end the connection', async () => {
    await using scene = await openWebScene({
      handle: async (_, response) => {
        response.write('half');
        throw new Error('lost');
      },
    });
    const { text } = await scene.send(scene.call());
    expect([text.endsWith('0\r\n\r\n'), scene.logged.length]).toEqual([false, 1]);
  });
});

it('a procedure that goes on after its answer does not take the engine along', async () => {
  const handle: WebServerOptions['handle'] = async (_, response) => {
    response.end('done');
    response.write('and more');
    return { matched: true };
  };
  await using scene = await openWebScene({ handle });
  expect(statusesOf([await scene.send(scene.call()), await scene.send(scene.page())])).toEqual([200, 200]);
  expect(scene.logged.map(({ message }) => message)).toEqual(['write after end']);
});

it('every right answer has the strict headers, too', async () => {
  await using scene = await openWebScene();
  const stream = scene.send(scene.call({ path: '/rpc/events' }));
  const answers = [await scene.send(scene.page()), await scene.send(scene.page({ path: '/icon.svg' })), await scene.send(scene.call())];
  scene.endEvents();
  for (const { status, headers } of [...answers, await stream]) {
    const expected = [...strictHeaders(headers.get('content-security-policy')?.match(/'(?:nonce|sha256)-[^']+'/)?.[0] ?? '')];
    expect([status, expected.filter(([name, value]) => headers.get(name) !== value)]).toEqual([200, []]);
    expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
  }
});

it('the strict headers are these', () => {
  expect(Object.fromEntries(strictHeaders("'nonce-x'"))).toEqual({
    'Content-Security-Policy':
      "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-x'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'no-store',
  });
});

describe('the port', () => {
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const open = (port: number) =>
    openWebServer({ port, handle: async () => ({ matched: false }), pageFolder: null, ports: { clock: systemClock, ids: randomIds }, log });

  it.each([80, 1023, -1, 65_536, 1.5, Number.NaN])('%d is refused', async (port) => {
    await expect(open(port)).rejects.toMatchObject({ code: 'usage-invalid', message: `${port} is not a port for the window` });
  });

  it('that another program has is refused with its number', async () => {
    await using scene = await openWebScene();
    await expect(open(scene.port)).rejects.toMatchObject({
      code: 'usage-invalid',
      message: `nothing can listen on port ${scene.port} of 127.0.0.1: another program has it`,
    });
  });

  it('is open at 127.0.0.1 and at no other address of this machine', async () => {
    await using scene = await openWebScene();
    const addresses = Object.values(networkInterfaces()).flatMap((known) => known ?? []);
    const others = addresses
      .map(({ address, scopeid }) => (scopeid ? `${address}%${scopeid}` : address))
      .filter((address) => address !== '127.0.0.1');
    // All of 127.0.0.0/8 is this machine to Linux.
    if (process.platform === 'linux') others.push('127.0.0.2');
    const reached = await Promise.all(others.map((address) => canConnect(scene.port, address)));
    expect([await canConnect(scene.port, '127.0.0.1'), reached.includes(true)]).toEqual([true, false]);
  });

  it('that is given is taken, and free again after the end', async () => {
    const first = await openWebScene();
    await first[Symbol.asyncDispose]();
    await using second = await openWebScene({ port: first.port });
    expect([second.port, await second.isWell()]).toEqual([first.port, true]);
  });
});
