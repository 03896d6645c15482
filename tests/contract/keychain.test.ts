import { chmod, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorFacts } from '../../electron/domain/errors.ts';
import { ownCredentials } from '../../electron/engine/destinations/drive/credentials.ts';
import { secretFile } from '../../electron/engine/platform/secret-file.ts';
import { type FileConsent, systemKeychain } from '../../electron/shell/keychain.ts';
import { FakeElectron } from '../support/fake-electron.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { secretStoreContract } from './secret-store.contract.ts';

const noConsent: FileConsent = { isGiven: () => false, ask: async () => false };
const consent: FileConsent = { isGiven: () => true, ask: async () => true };

for (const [label, isAvailable, given] of [
  ['secrets under the seal of a keychain', true, noConsent],
  ['secrets in a file, by consent, where there is no keychain', false, consent],
] as const) {
  secretStoreContract(label, async () => {
    const folder = await makeTempFolder();
    const electron = new FakeElectron();
    electron.safeStorage.isAvailable = isAvailable;
    const open = () => secretFile(folder.path, systemKeychain(electron, 'linux', given));
    return {
      store: open(),
      reopen: open,
      isReadableByOthers: async () => ((await stat(join(folder.path, 'secrets.json'))).mode & 0o077) !== 0,
      cleanup: () => folder[Symbol.asyncDispose](),
    };
  });
}

/** A folder of secrets, with the keychain of a system and with what a command has. */
async function openSecrets(given: FileConsent = noConsent, platform: NodeJS.Platform = 'linux') {
  const folder = await makeTempFolder();
  const electron = new FakeElectron();
  const path = join(folder.path, 'secrets.json');
  return {
    electron,
    app: secretFile(folder.path, systemKeychain(electron, platform, given)),
    command: secretFile(folder.path),
    file: () => readFile(path, 'utf8'),
    path,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

const failure = async (work: Promise<unknown>) => errorFacts(await work.then(() => 'it did not fail').catch((error: unknown) => error));

describe('the secrets of the app', () => {
  it('are nowhere in the file', async () => {
    await using secrets = await openSecrets();
    await secrets.app.set('drive/tokens', 'very-secret');
    const text = await secrets.file();
    expect([text.includes('very-secret'), text.includes(Buffer.from('very-secret').toString('base64'))]).toEqual([false, false]);
    expect(JSON.parse(text)).toMatchObject({ format: 'nightjar-secrets', version: 2, secrets: {} });
  });

  it('are not sealed with the key that everybody has, which a desktop without its keychain would do', async () => {
    await using secrets = await openSecrets();
    secrets.electron.safeStorage.isScrambling = true;
    expect((await failure(secrets.app.set('drive/tokens', 'very-secret'))).code).toBe('home-unusable');
    await secrets.command.set('drive/tokens', 'very-secret');
    expect([await secrets.app.sealAll(), await secrets.app.get('drive/tokens')]).toEqual([0, 'very-secret']);
  });

  it('that a command has kept are sealed when the app begins, all or none', async () => {
    await using secrets = await openSecrets();
    await secrets.command.set('one', 'first');
    await secrets.command.set('two', 'second');
    secrets.electron.safeStorage.isLocked = true;
    const before = await secrets.file();
    expect((await failure(secrets.app.sealAll())).code).toBe('sign-in-missing');
    expect(await secrets.file()).toBe(before);
    secrets.electron.safeStorage.isLocked = false;
    expect(await secrets.app.sealAll()).toBe(2);
    expect((await secrets.file()).includes('first')).toBe(false);
    expect([await secrets.app.get('one'), await secrets.app.get('two'), await secrets.app.sealAll()]).toEqual(['first', 'second', 0]);
  });

  it('are not missing for a command: it says what has to run, and takes nothing away', async () => {
    await using secrets = await openSecrets();
    await secrets.app.set('drive/tokens', 'very-secret');
    const before = await secrets.file();
    expect(await failure(secrets.command.get('drive/tokens'))).toEqual({
      code: 'sign-in-missing',
      message: "the sign-in is in this person's keychain, which only the Nightjar app can open",
      hint: 'open the app, through which every command works while it runs; or sign in again with the JSON of your client: nightjar destination sign-in NAME --client FILE',
    });
    expect(await secrets.file()).toBe(before);
    await secrets.command.set('other', 'plain');
    expect([await secrets.app.get('drive/tokens'), await secrets.app.get('other')]).toEqual(['very-secret', 'plain']);
  });

  it('may be replaced and removed by a command: a new sign-in counts', async () => {
    await using secrets = await openSecrets();
    await secrets.app.set('one', 'former');
    await secrets.command.set('one', 'new');
    expect([await secrets.command.get('one'), await secrets.app.get('one')]).toEqual(['new', 'new']);
    await secrets.app.set('two', 'former');
    await secrets.command.remove('two');
    expect(await secrets.app.get('two')).toBeNull();
  });

  it('do not keep a new sign-in of a command out, which then counts for the app as well', async () => {
    await using secrets = await openSecrets();
    const destination = { id: 'dest-1', name: 'gdrive' };
    const tokens = (refreshToken: string) => ({ refreshToken, refreshEndsAtMs: null, accessToken: null, expiresAtMs: null, scopes: [] });
    await ownCredentials(secrets.app, destination).update(async () => tokens('former'));
    expect(await failure(ownCredentials(secrets.command, destination).read())).toMatchObject({ code: 'sign-in-missing' });
    await ownCredentials(secrets.command, destination).update(async () => tokens('new'));
    expect(await ownCredentials(secrets.app, destination).read()).toMatchObject({ refreshToken: 'new' });
  });

  it('stay where they are while the keychain is locked, and are back when it is open', async () => {
    await using secrets = await openSecrets();
    await secrets.app.set('one', 'first');
    const before = await secrets.file();
    secrets.electron.safeStorage.isLocked = true;
    expect(await failure(secrets.app.get('one'))).toMatchObject({ code: 'sign-in-missing' });
    expect(await failure(secrets.app.set('one', 'second'))).toMatchObject({ code: 'sign-in-missing' });
    expect(await secrets.file()).toBe(before);
    secrets.electron.safeStorage.isLocked = false;
    expect(await secrets.app.get('one')).toBe('first');
  });

  it.each([
    ['basic_text', 'linux'],
    ['unknown', 'linux'],
  ] as const)('are never sealed with a key that everybody knows (%s on %s)', async (backend, platform) => {
    await using secrets = await openSecrets(noConsent, platform);
    secrets.electron.safeStorage.backend = backend;
    expect(await failure(secrets.app.set('one', 'first'))).toMatchObject({
      code: 'home-unusable',
      hint: expect.stringContaining('keychain'),
    });
    await expect(stat(secrets.path)).rejects.toThrow('ENOENT');
  });

  it('are kept in a file by consent, which is asked for once and only when there is something to keep', async () => {
    const asked: boolean[] = [];
    const once: FileConsent = {
      isGiven: () => asked.includes(true),
      ask: async () => asked.push(true) > 0,
    };
    await using secrets = await openSecrets(once);
    secrets.electron.safeStorage.backend = 'basic_text';
    await secrets.app.get('one');
    expect([await secrets.app.sealAll(), asked]).toEqual([0, []]);
    await secrets.app.set('one', 'first');
    await secrets.app.set('two', 'second');
    expect([asked, await secrets.command.get('one')]).toEqual([[true], 'first']);
    expect((await stat(secrets.path)).mode & 0o777).toBe(0o600);
    await chmod(secrets.path, 0o600);
  });

  it('go on in the file where a command has kept some there already, and nobody is asked in the middle of a run', async () => {
    await using secrets = await openSecrets(noConsent);
    secrets.electron.safeStorage.backend = 'basic_text';
    await secrets.command.set('one', 'first');
    await secrets.app.set('one', 'renewed');
    await secrets.app.set('two', 'second');
    expect([await secrets.command.get('one'), await secrets.command.get('two')]).toEqual(['renewed', 'second']);
  });
});
