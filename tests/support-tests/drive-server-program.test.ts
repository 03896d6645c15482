import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { makeTempFolder } from '../support/temp-folder.ts';
import { askSession, block, putChunk, send, startSession, withQuery } from './raw-http.ts';

const program = fileURLToPath(new URL('../drive-server/main.ts', import.meta.url));

interface Started extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly url: string;
  readonly clientFile: string;
  readonly said: string;
}

/** Starts the program and waits for what it says. */
async function start(...args: readonly string[]): Promise<Started> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  for await (const piece of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false }) as AsyncIterable<string>) {
    said += piece;
    if (said.includes('sign-in test\n')) break;
  }
  const [, url = '', clientFile = ''] = /at (http:\S+), [\s\S]*file is (\S+)\n/.exec(said) ?? [];
  return { child, url, clientFile, said, [Symbol.asyncDispose]: () => stop(child, 'SIGKILL') };
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

it('tells how to use it, and leaves nothing behind', async () => {
  await using server = await start('--port', '0');
  const { installed } = JSON.parse(await readFile(server.clientFile, 'utf8'));
  expect(installed.token_uri).toBe(`${server.url}/token`);
  expect(server.said).toContain(`nightjar destination add drive test --client ${server.clientFile} --api-root ${server.url}\n`);
  const params = { client_id: installed.client_id, redirect_uri: 'http://127.0.0.1:1', response_type: 'code', scope: 'openid' };
  expect((await send(server.url + withQuery('/o/oauth2/v2/auth', params))).text).toContain('Allow</button>');
  await stop(server.child, 'SIGINT');
  expect([server.child.exitCode, existsSync(server.clientFile)]).toEqual([0, false]);
});

it('goes on with an upload after it was killed', async () => {
  await using folder = await makeTempFolder();
  const content = randomBytes(block + 5);
  const where = ['--folder', folder.path, '--quota', '1000000'];
  await using before = await start('--port', '0', ...where);
  const { installed } = JSON.parse(await readFile(before.clientFile, 'utf8'));
  const accessToken = await signIn(before.url, installed);
  const address = await startSession({ url: before.url }, accessToken, { name: 'a' });
  expect((await putChunk(address, content, 0, block)).status).toBe(308);
  await stop(before.child, 'SIGKILL');

  await using after = await start('--port', new URL(before.url).port, ...where);
  expect(after.url).toBe(before.url);
  expect((await askSession(address, content.length)).headers.range).toBe(`bytes=0-${block - 1}`);
  const finished = await putChunk(address, content, block, content.length);
  expect(finished.json).toMatchObject({ sha256Checksum: createHash('sha256').update(content).digest('hex') });
  const about = await send(`${after.url}/drive/v3/about?fields=storageQuota(limit,usage)`, { token: accessToken });
  expect(about.json).toEqual({ storageQuota: { limit: '1000000', usage: String(content.length) } });
});

it('says what it does not understand', async () => {
  const child = spawn(process.execPath, [program, '--port', 'x'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const [[code], said] = await Promise.all([once(child, 'exit'), text(child.stderr)]);
  expect([code, said]).toEqual([1, '--port needs a whole number, not x\n']);
});

/** What a person does in the browser, and the exchange of the code. */
async function signIn(url: string, client: { readonly client_id: string; readonly client_secret: string }): Promise<string> {
  const redirectUri = 'http://127.0.0.1:1';
  const scope = 'https://www.googleapis.com/auth/drive.file';
  const params = { client_id: client.client_id, redirect_uri: redirectUri, response_type: 'code', scope, decision: 'allow' };
  const { location = '' } = (await send(url + withQuery('/o/oauth2/v2/decision', params))).headers;
  const form = {
    grant_type: 'authorization_code',
    code: new URL(location).searchParams.get('code') ?? '',
    redirect_uri: redirectUri,
    client_id: client.client_id,
    client_secret: client.client_secret,
  };
  const reply = await send(`${url}/token`, {
    method: 'POST',
    body: new URLSearchParams(form).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  return reply.json.access_token;
}
