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

const fileSchema = z.object({
  format: z.literal('nightjar-secrets'),
  version: z.literal(1),
  secrets: z.record(z.string(), z.string()),
});

type Secrets = ReadonlyMap<string, string>;

/** Changes take turns by file, so that also two stores of one folder never lose each other's keys. */
const takeTurn = makeTurns();

/**
 * Secrets in one file of the data folder, which its owner alone may read. Only the engine that holds the folder's lock writes it.
 * A damaged file is never wiped: every call throws `home-unusable` until a person has seen to it.
 */
export function secretFile(folder: string): SecretStore {
  const path = join(resolve(folder), fileName);
  const change = (edit: (secrets: Map<string, string>) => boolean) =>
    takeTurn(path, () =>
      guarded(path, async () => {
        const secrets = new Map(await readSecrets(path));
        if (edit(secrets)) await writeSecrets(folder, path, secrets);
      }),
    );
  return {
    get: (key) => guarded(path, async () => (await readSecrets(path)).get(key) ?? null),
    set: (key, value) =>
      change((secrets) => {
        if (secrets.get(key) === value) return false;
        secrets.set(key, value);
        return true;
      }),
    remove: (key) => change((secrets) => secrets.delete(key)),
  };
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
  if (text === undefined) return new Map();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Without a cause: the parser quotes the text, which is secret.
    throw damaged(path, 'it is not JSON');
  }
  const parsed = fileSchema.safeParse(value);
  if (!parsed.success) throw damaged(path, 'it has not the form that Nightjar writes');
  return new Map(Object.entries(parsed.data.secrets));
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

async function writeSecrets(folder: string, path: string, secrets: Secrets): Promise<void> {
  // A process that was killed while it wrote left a part with secrets in it.
  for (const name of await readdir(folder)) if (partPattern.test(name)) await rm(join(folder, name), { force: true });
  const content = { format: 'nightjar-secrets', version: 1, secrets: Object.fromEntries(secrets) };
  await writeFileAtomically(path, `${JSON.stringify(content, null, 2)}\n`, randomIds.make('part'));
}

function damaged(path: string, why: string): BackupError {
  return new BackupError('home-unusable', `the secrets file ${path} is damaged: ${why}`, {
    hint: 'bring it back from a copy, or move it away and sign in to each destination again: nightjar destination sign-in NAME',
  });
}
