import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type BackupDocument,
  type CliResult,
  type CliSandbox,
  countNotes,
  filesIn,
  openSandbox,
  type RestoreDocument,
  type SnapshotDocument,
  type StatusDocument,
  type VerifyDocument,
  writeNoise,
  writeNotes,
} from '../support/cli.ts';
import { type DriveServer, startDriveServer } from '../support/drive-server.ts';

interface SignInDocument {
  readonly signedIn: boolean;
  readonly account: { readonly email: string };
  readonly found: readonly string[];
}

let box: CliSandbox;
let server: DriveServer;
/** Everything that a command printed in a test. */
let said = '';

beforeEach(async () => {
  box = await openSandbox();
  server = await startDriveServer({ folder: box.at('google') });
  said = '';
  await server.clientFile(box.at('client.json'));
});
afterEach(async () => {
  expectNoSecrets();
  await server.close();
  await box[Symbol.asyncDispose]();
});

/** Nothing that was printed or written holds a token, a code, a client secret or the address of an upload: but the secrets' own file. */
function expectNoSecrets(): void {
  const secrets = server.secrets();
  const written = Object.entries(filesIn(box.path)).filter(
    ([path]) => !path.startsWith('google/') && !/secrets\.json$|client\.json$|tokens\.json$|gcp-oauth\.keys\.json$/.test(path),
  );
  expect(secrets.length).toBeGreaterThan(0);
  expect(written.some(([path]) => path.endsWith('nightjar.log'))).toBe(true);
  const leaks = secrets.filter((secret) => said.includes(secret) || written.some(([, bytes]) => bytes.includes(secret)));
  expect(leaks).toEqual([]);
}

async function run(args: readonly string[], options: { readonly home?: string } = {}): Promise<CliResult> {
  const result = await box.run(args, options);
  said += result.stdout + result.stderr;
  return result;
}

async function json<T>(args: readonly string[], exitCode = 0, options: { readonly home?: string } = {}): Promise<T> {
  const result = await run([...args, '--json'], options);
  if (result.code !== exitCode) throw new Error(`nightjar ${args.join(' ')} ended with ${result.code}: ${result.stdout}${result.stderr}`);
  return JSON.parse(result.stdout) as T;
}

const fails = async (args: readonly string[], exitCode: number) =>
  (await json<{ error: { code: string; message: string; hint: string | null } }>(args, exitCode)).error;

/** Signs in as a person does who opens the address that is printed. */
async function signIn(
  options: { readonly name?: string; readonly home?: string; readonly exitCode?: number; readonly args?: readonly string[] } = {},
) {
  const { exitCode = 0, args = [], name = 'gdrive', ...rest } = options;
  const running = box.start(['destination', 'sign-in', name, '--no-browser', '--json', ...args], rest);
  let stderr = '';
  const address = new Promise<string>((resolve) => {
    running.child.stderr?.on('data', (text: string) => {
      stderr += text;
      const found = /^http:\/\/127\.0\.0\.1:\d+\/\S+$/m.exec(stderr);
      if (found) resolve(found[0]);
    });
  });
  const page = await Promise.race([address.then((url) => server.fetchAsBrowser(url)), running.ended().then(() => null)]);
  const result = await running.ended();
  said += result.stdout + result.stderr.replace(/^http:\S+$/m, '');
  expect({ code: result.code, stdout: result.stdout }).toEqual({ code: exitCode, stdout: expect.any(String) });
  return { page, document: JSON.parse(result.stdout) as SignInDocument & { error?: { code: string; message: string } } };
}

const addDrive = (options: { readonly home?: string; readonly args?: readonly string[] } = {}) =>
  json(
    ['destination', 'add', 'drive', 'gdrive', '--client', box.at('client.json'), '--api-root', server.url, ...(options.args ?? [])],
    0,
    options,
  );

/** A database `notes.db` and a job `notes` that goes to Drive, signed in. */
async function setUp(args: readonly string[] = []): Promise<void> {
  writeNotes(box.at('notes.db'), { rows: 500 });
  await addDrive({ args });
  await signIn();
  await json(['job', 'add', 'notes', '--sqlite', box.at('notes.db'), '--to', 'gdrive']);
}

/** Snapshots and their manifests. */
const objects = () =>
  server
    .files()
    .filter(({ content, explicitlyTrashed, name }) => content !== undefined && !explicitlyTrashed && /^\d.*\.(gz|json)$/.test(name));
const status = (exitCode: 0 | 1) => json<StatusDocument>(['status'], exitCode);

describe('a database that is backed up to Google Drive', () => {
  it('is proven there, and comes back on a machine that has only the sign-in', async () => {
    writeNotes(box.at('notes.db'), { rows: 500 });
    await addDrive({ args: ['--folder', "Ada's backups/Nightjar", '--chunk-size', '256K'] });
    const untested = {
      ok: false,
      checks: [{ what: 'signed in, and its folder is there', ok: false, message: expect.stringContaining('no complete sign-in') }],
    };
    expect(await json(['destination', 'test', 'gdrive'], 1)).toMatchObject(untested);
    const { document, page } = await signIn();
    expect(page?.status).toBe(200);
    expect(document).toMatchObject({ signedIn: true, account: { email: expect.stringContaining('@') }, found: [] });
    await json(['job', 'add', 'notes', '--sqlite', box.at('notes.db'), '--to', 'gdrive']);

    const { snapshot } = await json<BackupDocument>(['backup', 'notes']);
    expect(snapshot.copies).toEqual([expect.objectContaining({ destination: 'gdrive', state: 'stored', verified: true })]);
    expect(
      objects()
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual([snapshot.copies[0]?.objectName, snapshot.copies[0]?.objectName.replace('.db.gz', '.json')].toSorted());
    expect(await json<VerifyDocument>(['verify', 'notes', '--full'])).toMatchObject({
      ok: true,
      level: 'full',
      rows: { expected: 500, found: 500 },
    });
    expect(await status(0)).toMatchObject({ healthy: true });
    expect(await json(['destination', 'test', 'gdrive'])).toMatchObject({ ok: true });
    expect((await run(['destination', 'list'])).stdout).toContain("Google Drive, Ada's backups/Nightjar");

    // Another machine: an empty data folder and the client's file.
    const home = box.at('new-home');
    await addDrive({ home, args: ['--folder', "Ada's backups/Nightjar"] });
    expect((await signIn({ home })).document.found).toEqual(['found 1 snapshot at gdrive']);
    const restored = await json<RestoreDocument>(
      ['restore', '--from', 'drive:gdrive', '--job', 'notes', '--to', box.at('restored.db')],
      0,
      { home },
    );
    expect([restored.tables.find(({ name }) => name === 'notes')?.rows, countNotes(box.at('restored.db'))]).toEqual([500, 500]);
    const [found] = await json<SnapshotDocument[]>(['snapshots', 'notes'], 0, { home });
    expect(found?.rawSha256).toBe(snapshot.rawSha256);
  });

  it('is found and restored with nothing but the manifests, after the catalog is lost', async () => {
    await setUp();
    await json(['backup', 'notes']);
    renameSync(join(box.home, 'catalog.db'), box.at('lost.db'));
    expect((await json<SnapshotDocument[]>(['snapshots', 'notes'])).length).toBe(1);
    await json(['restore', 'notes', '--to', box.at('restored.db')]);
    expect(countNotes(box.at('restored.db'))).toBe(500);
  });

  it('keeps what its policy keeps; the rest goes to the trash of Drive, by name', async () => {
    await setUp();
    await json(['job', 'set', 'notes', '--keep-daily', '1', '--keep-monthly', '0', '--keep-at-least', '1']);
    const first = await json<BackupDocument>(['backup', 'notes']);
    // Most of it is new then, so that the second one is a full, and nobody needs the first.
    writeNotes(box.at('notes.db'), { rows: 2000 });
    const second = await json<BackupDocument>(['backup', 'notes']);
    const objectName = first.snapshot.copies[0]?.objectName ?? '';
    expect(second.expired).toEqual([expect.objectContaining({ destination: 'gdrive', objectName })]);
    const trashed = server.files().filter(({ explicitlyTrashed }) => explicitlyTrashed);
    expect(trashed.map(({ name }) => name).toSorted()).toEqual(
      ['.db.gz', '.json', '.pages'].map((ending) => objectName.replace('.db.gz', ending)),
    );
    expect(objects().length).toBe(2);
  });

  it('uses credentials that are there already, in place', async () => {
    writeNotes(box.at('notes.db'));
    box.folder('mcp');
    await server.sharedCredentials(box.at('mcp'), { expiresInSeconds: -60, format: 'iso', extra: { 'kept-for-others': 7 } });
    const add = ['destination', 'add', 'drive', 'gdrive', '--credentials', box.at('mcp'), '--api-root', server.url];
    expect(await json(add)).toMatchObject({ signedIn: true });
    await json(['job', 'add', 'notes', '--sqlite', box.at('notes.db'), '--to', 'gdrive']);
    await json(['backup', 'notes']);
    expect(server.numbers().refreshes).toBe(1);
    const tokens = JSON.parse(readFileSync(box.at('mcp', 'tokens.json'), 'utf8')) as Record<string, unknown>;
    expect(tokens).toMatchObject({ 'kept-for-others': 7, expiry: expect.any(String), expiry_date: expect.any(Number) });
  });
});

describe('an upload that is cut short', () => {
  it('is finished by "send" and by the next run, without a second snapshot of it', async () => {
    await setUp(['--chunk-size', '256K']);
    writeNoise(box.at('noise.db'), 8);
    await json(['job', 'set', 'notes', '--sqlite', box.at('noise.db')]);
    for (const finish of [['send'], ['backup', 'notes']]) {
      // Nothing of it is as it was, so that there is much to send each time.
      rmSync(box.at('noise.db'));
      writeNoise(box.at('noise.db'), 8);
      const before = objects().length;
      const at = server.numbers().receivedBytes + 3_000_000;
      const running = box.start(['backup', 'notes', '--json']);
      await server.whenReceived(at);
      running.child.kill('SIGKILL');
      await running.ended().catch(() => {});
      expect(objects().length).toBe(before);
      expect((await status(1)).jobs[0]?.problems).toContainEqual(expect.stringMatching(/the upload of .*\.db\.gz to gdrive was cut short/));
      const sentBefore = server.numbers().receivedBytes;
      const done = await json<{ pending: readonly { error?: object }[] }>(finish);
      expect(done.pending).toEqual([expect.objectContaining({ job: 'notes', destination: 'gdrive' })]);
      expect(done.pending[0]?.error).toBeUndefined();
      expect(objects().length).toBe(before + (finish[0] === 'send' ? 2 : 4));
      if (finish[0] === 'send') expect(server.numbers().receivedBytes - sentBefore).toBeLessThan(8 * 1024 * 1024);
    }
    expect(await json(['verify', 'notes', '--full'])).toMatchObject({ ok: true });
    expect(Object.keys(filesIn(join(box.home, 'outbox')))).toEqual([]);
  });
});

describe('an account that cannot be used says so in status and doctor, each in its own words:', () => {
  const expectProblem = async (code: string, words: RegExp) => {
    expect((await fails(['backup', 'notes'], 1)).code).toBe(code);
    expect((await status(1)).jobs[0]?.problems[0]).toMatch(words);
    expect((await run(['doctor'])).stdout).toMatch(words);
  };

  it('a sign-in that was withdrawn, until one signs in again', async () => {
    await setUp();
    server.revokeAll();
    await expectProblem('sign-in-revoked', /sign in again: .*gdrive.*nightjar destination sign-in gdrive|sign in again/);
    expect(server.requests().filter(({ kind, status: answer }) => kind === 'token' && answer === 400).length).toBeLessThan(8);
    await signIn();
    await json(['backup', 'notes']);
    expect(await status(0)).toMatchObject({ healthy: true });
  });

  it('a client that Google does not know any more, until one signs in with another', async () => {
    await setUp();
    await server.clientFile(box.at('new-client.json'));
    server.faults.add({ on: 'any', act: 'expire-token' }, { on: 'token', act: 'status', code: 401, times: 1000 });
    expect((await fails(['backup', 'notes'], 1)).code).toMatch(/^(sign-in|destination)-/);
    server.faults.clear();
    expect((await signIn({ args: ['--client', box.at('new-client.json')] })).document.signedIn).toBe(true);
    await json(['backup', 'notes']);
  });

  it('two names for one folder of one account', async () => {
    await setUp();
    await json(['destination', 'add', 'drive', 'again', '--client', box.at('client.json'), '--api-root', server.url]);
    const twin = await signIn({ name: 'again', exitCode: 2 });
    expect(twin.document.error?.code).toBe('destination-exists');
  });

  it('an API that is not enabled', async () => {
    await setUp();
    server.disableApi();
    await expectProblem('sign-in-api-disabled', /Google Drive API is not enabled/);
  });

  it('another account', async () => {
    await setUp();
    server.setAccount({ email: 'eve@example.com', permissionId: '99' });
    await expectProblem('sign-in-account', /another Google account|eve@example\.com/);
    const refused = await signIn({ exitCode: 1 });
    expect(refused.document.error?.code).toBe('sign-in-account');
    expect((await signIn({ args: ['--switch-account'] })).document).toMatchObject({
      signedIn: true,
      account: { email: 'eve@example.com' },
    });
  });

  it('a box that was unticked, or access that was denied, when signing in', async () => {
    await addDrive();
    server.setConsent('untick');
    expect((await signIn({ exitCode: 1 })).document.error?.code).toBe('sign-in-scope');
    server.setConsent('deny');
    expect((await signIn({ exitCode: 1 })).document.error?.code).toBe('sign-in-missing');
    expect(await fails(['restore', '--from', 'drive:gdrive', '--to', box.at('x.db')], 1)).toMatchObject({ code: 'sign-in-missing' });
  });

  it('nobody who has signed in yet', async () => {
    writeNotes(box.at('notes.db'));
    await addDrive();
    await json(['job', 'add', 'notes', '--sqlite', box.at('notes.db'), '--to', 'gdrive']);
    await expectProblem('sign-in-missing', /no complete sign-in.*gdrive/);
    await signIn();
    server.revokeAll();
  });
});

describe('an account without room', () => {
  it('refuses the run with what it needs, what is free and what the trash holds (exit 3)', async () => {
    await setUp();
    server.setQuota(3000);
    const error = await fails(['backup', 'notes'], 3);
    expect(error).toMatchObject({ code: 'quota-low', message: expect.stringMatching(/gdrive needs .* free .* trash holds /) });
    expect(objects()).toEqual([]);
  });
});

it('lets go of a limit and of another address with "none"', async () => {
  await addDrive({ args: ['--bandwidth', '500K'] });
  const { destination } = await json<{ destination: object }>([
    'destination',
    'set',
    'gdrive',
    '--bandwidth',
    'none',
    '--api-root',
    'none',
  ]);
  expect(destination).toMatchObject({ bandwidth: null, apiRoot: null });
  server.issueTokens();
});

describe('what cannot be meant', () => {
  it.each<[string, string[], RegExp]>([
    ['neither a client nor credentials', [], /either --client FILE or --credentials DIR/],
    ['both', ['--client', 'a', '--credentials', 'b'], /either --client FILE or --credentials DIR/],
    ['a client that is not there', ['--client', 'absent.json'], /there is no file .*absent\.json/],
    ['a chunk size that is no multiple of 256K', ['--client', 'client.json', '--chunk-size', '300K'], /--chunk-size.*multiple of 262144/],
    ['a size that is none', ['--client', 'client.json', '--chunk-size', 'big'], /"big" is not a size/],
    ['a folder with an empty part', ['--client', 'client.json', '--folder', 'A//B'], /--folder.*without an empty part/],
    ['an address that is not encrypted', ['--client', 'client.json', '--api-root', 'http://example.com'], /--api-root.*https/],
    ['an address that is none', ['--client', 'client.json', '--api-root', 'here'], /--api-root/],
  ])('%s is a usage error that says so', async (_, args, words) => {
    const error = await fails(['destination', 'add', 'drive', 'gdrive', ...args], 2);
    expect(error.message).toMatch(words);
    expect(await json(['destination', 'list'])).toEqual([]);
    server.issueTokens();
  });
});
