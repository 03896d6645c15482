import { open, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { BackupError } from '../../domain/errors.ts';
import type { SecretStore } from '../ports.ts';
import { privateFile, writeFileAtomically } from './atomic-file.ts';
import { translateErrno, unlessMissing } from './errno.ts';
import { randomIds } from './ids.ts';
import { makeTurns } from './turns.ts';

const fileName = 'secrets.json';
const partPattern = /^secrets\.json\.part-\w+\.tmp$/;

const format = z.literal('nightjar-secrets');
const values = z.record(z.string(), z.string());

/** A program that knows no seals must not take such a file for its own: it would write it without them. */
const fileSchema = z.discriminatedUnion('version', [
  z.object({ format, version: z.literal(1), secrets: values }),
  z.object({ format, version: z.literal(2), secrets: values, sealed: values }),
]);

/** What the file holds: values as they are, and values that a keychain has sealed, as base64. */
interface Secrets {
  readonly plain: Map<string, string>;
  readonly sealed: Map<string, string>;
}

/** What seals values so that nobody but this person opens them again, on this machine. */
export interface Keychain {
  seal(value: string): Promise<Buffer>;
  /** Throws `sign-in-missing` where the keychain does not open it; it may do so later. */
  open(sealed: Buffer): Promise<string>;
  /** Whether what it seals is safe: a system may have no keychain, or one whose key everybody knows. */
  isSafe(): Promise<boolean>;
  /** Asked before the first value is kept as it is, since nothing safer is there: resolves where that may be. Throws `home-unusable` where not. */
  permitPlain(): Promise<void>;
}

/** A store in a file, some of whose values a keychain may have sealed. */
export interface SecretFile extends SecretStore {
  /** Seals what is kept as it is; a value is replaced only by one that opens again. Resolves to how many were. */
  sealAll(): Promise<number>;
}

/** Without a keychain: what only the app can open stays as it is, and is never taken for missing. */
const noKeychain: Keychain = {
  seal: () => refuseSealed(),
  open: () => refuseSealed(),
  isSafe: async () => false,
  permitPlain: async () => {},
};

async function refuseSealed(): Promise<never> {
  throw new BackupError('sign-in-missing', "the sign-in is in this person's keychain, which only the Nightjar app can open", {
    hint: 'open the app, through which every command works while it runs; or sign in again with the JSON of your client: nightjar destination sign-in NAME --client FILE',
  });
}

/** Changes take turns by file, so that also two stores of one folder never lose each other's keys. */
const takeTurn = makeTurns();

/**
 * Secrets in one file of the data folder, which its owner alone may read, sealed where there is a keychain. Only the engine that holds the
 * folder's lock writes it. A damaged file is never wiped: every call throws `home-unusable` until a person has seen to it.
 */
export function secretFile(folder: string, keychain: Keychain = noKeychain): SecretFile {
  const path = join(resolve(folder), fileName);
  const change = (edit: (secrets: Secrets) => Promise<boolean> | boolean) =>
    takeTurn(path, () =>
      guarded(path, async () => {
        const secrets = await readSecrets(path);
        if (await edit(secrets)) await writeSecrets(folder, path, secrets);
      }),
    );
  return {
    get: (key) =>
      guarded(path, async () => {
        const { plain, sealed } = await readSecrets(path);
        const text = sealed.get(key);
        return plain.get(key) ?? (text === undefined ? null : keychain.open(Buffer.from(text, 'base64')));
      }),
    set: (key, value) =>
      change(async (secrets) => {
        if (await keychain.isSafe()) return sealValue(secrets, keychain, key, value);
        // Where something is kept as it is already, that was permitted: a run at night asks nobody.
        if (secrets.plain.size === 0) await keychain.permitPlain();
        // What a keychain holds of it is former.
        const isFormer = secrets.sealed.delete(key);
        if (!isFormer && secrets.plain.get(key) === value) return false;
        secrets.plain.set(key, value);
        return true;
      }),
    remove: (key) => change(({ plain, sealed }) => [plain.delete(key), sealed.delete(key)].includes(true)),
    sealAll: async () => {
      let count = 0;
      await change(async (secrets) => {
        if (secrets.plain.size === 0 || !(await keychain.isSafe())) return false;
        for (const [key, value] of [...secrets.plain]) {
          await sealValue(secrets, keychain, key, value);
          count += 1;
        }
        return true;
      });
      return count;
    },
  };
}

/** Puts a value under seal, once it has been opened again. */
async function sealValue({ plain, sealed }: Secrets, keychain: Keychain, key: string, value: string): Promise<true> {
  const bytes = await keychain.seal(value);
  if ((await keychain.open(bytes)) !== value) {
    throw new BackupError('home-unusable', 'the keychain does not give back what it was given', {
      hint: 'nothing was changed; see whether the keychain of this system works',
    });
  }
  sealed.set(key, bytes.toString('base64'));
  plain.delete(key);
  return true;
}

async function guarded<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translateErrno(error, { absent: 'home-unusable', refused: 'home-unusable', place: `the secrets file ${path}` });
  }
}

async function readSecrets(path: string): Promise<Secrets> {
  const text = await unlessMissing(readPrivately(path));
  if (text === undefined) return { plain: new Map(), sealed: new Map() };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Without a cause: the parser quotes the text, which is secret.
    throw damaged(path, 'it is not JSON');
  }
  const { data } = fileSchema.safeParse(value);
  if (data === undefined) throw damaged(path, 'it has not the form that Nightjar writes');
  return { plain: new Map(Object.entries(data.secrets)), sealed: new Map(data.version === 2 ? Object.entries(data.sealed) : []) };
}

/** Reads the file, and takes away again what others may do with it. */
async function readPrivately(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    if (((await file.stat()).mode & 0o7177) !== 0) await file.chmod(privateFile);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

async function writeSecrets(folder: string, path: string, { plain, sealed }: Secrets): Promise<void> {
  // A process that was killed while it wrote left a part with secrets in it.
  for (const name of await readdir(folder)) if (partPattern.test(name)) await rm(join(folder, name), { force: true });
  const secrets = Object.fromEntries(plain);
  const kept = sealed.size === 0 ? { version: 1, secrets } : { version: 2, secrets, sealed: Object.fromEntries(sealed) };
  await writeFileAtomically(path, `${JSON.stringify({ format: 'nightjar-secrets', ...kept }, null, 2)}\n`, randomIds.make('part'));
}

function damaged(path: string, why: string): BackupError {
  return new BackupError('home-unusable', `the secrets file ${path} is damaged: ${why}`, {
    hint: 'bring it back from a copy, or move it away and sign in to each destination again: nightjar destination sign-in NAME',
  });
}
