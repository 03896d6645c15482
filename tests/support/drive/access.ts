import type { StoredFile } from '../drive-server.ts';
import { findVisible, type Viewer } from './file-metadata.ts';
import type { FileTree } from './file-tree.ts';
import { refuse, refuseKnown } from './google-error.ts';
import type { HttpExchange } from './http-exchange.ts';
import { hasScope } from './oauth.ts';
import type { ServerParts } from './server-parts.ts';

/** What a request wants to do; each scope is for some of it. */
export type Purpose = 'see' | 'download' | 'write';

/** Who asks, and with which scopes. */
export interface Access extends Viewer {
  readonly scope: string;
}

const scopesFor: Readonly<Record<Purpose, readonly string[]>> = {
  see: ['drive', 'drive.file', 'drive.readonly', 'drive.metadata', 'drive.metadata.readonly'],
  download: ['drive', 'drive.file', 'drive.readonly'],
  write: ['drive', 'drive.file'],
};

/** The bearer token of a request. */
export function bearerToken(exchange: HttpExchange): string | null {
  return /^Bearer (\S+)$/i.exec(exchange.header('authorization') ?? '')?.[1] ?? null;
}

/** Checks the token, what it is good for, and that the API is switched on. */
export function authenticate({ oauth, settings }: ServerParts, exchange: HttpExchange, purpose: Purpose): Access {
  if (exchange.header('authorization') === null) throw refuseKnown(401, 'required');
  const granted = oauth.findAccessToken(bearerToken(exchange) ?? '');
  if (!granted) throw refuseKnown(401, 'authError');
  if (settings.isApiDisabled) throw refuseKnown(403, 'accessNotConfigured');
  if (!hasScope(granted.scope, ...scopesFor[purpose])) throw refuseKnown(403, 'insufficientPermissions');
  const seesAll = hasScope(granted.scope, 'drive', 'drive.readonly', 'drive.metadata', 'drive.metadata.readonly');
  return { ...granted, seesAll };
}

/** The file with this id where the client may change it. */
export function findWritable(tree: FileTree, access: Access, id: string): StoredFile {
  const file = findVisible(tree, access, id);
  if (!hasScope(access.scope, 'drive') && !tree.isVisible(file, access.clientId)) throw refuseKnown(403, 'appNotAuthorizedToFile');
  return file;
}

const everywhere = ['alt', 'fields', 'prettyPrint', 'quotaUser', 'key', 'userIp'];

/** Refuses a parameter that the method does not have. */
export function checkParams(exchange: HttpExchange, known: string): void {
  const names = new Set([...everywhere, ...known.split(' ')]);
  for (const name of exchange.params.keys()) {
    if (names.has(name)) continue;
    throw refuse(400, 'badRequest', {
      message: `Invalid JSON payload received. Unknown name "${name}": Cannot bind query parameter.`,
      location: ['parameter', name],
    });
  }
}

const bodyMaxBytes = 1024 * 1024;

/** The JSON of a request; nothing at all is an empty object. */
export async function readJson(exchange: HttpExchange): Promise<unknown> {
  const body = await exchange.readBody(bodyMaxBytes);
  return body.length === 0 ? {} : parseJson(body, exchange.header('content-type'));
}

export function parseJson(body: Buffer, type: string | null): unknown {
  if (!/^application\/json\b/i.test(type ?? ''))
    throw refuse(400, 'badContent', { message: `Metadata has to be application/json, not ${type ?? 'without a Content-Type'}` });
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw refuse(400, 'parseError', { message: 'Parse Error' });
  }
}
