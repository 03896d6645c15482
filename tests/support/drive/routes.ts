import type { RequestKind } from '../drive-server.ts';
import { createFile, deleteFile, downloadFile, generateIds, getAbout, getFile, listFiles, updateFile } from './api.ts';
import { refuse } from './google-error.ts';
import type { Answer, HttpExchange } from './http-exchange.ts';
import { tokenError } from './oauth.ts';
import type { ServerParts } from './server-parts.ts';
import { continueUpload, startUpload, uploadAtOnce } from './uploads.ts';

/** What a request is and who answers it. */
export interface Route {
  readonly kind: RequestKind;
  answer(parts: ServerParts, exchange: HttpExchange): Answer | Promise<Answer>;
}

interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly contentRange: string;
}

/** Finds the route of a request; what Google does not have is answered with 404. */
export function findRoute(asked: Asked): Route {
  const { pathname } = asked.url;
  if (pathname.startsWith('/upload/drive/v3/files')) return uploadRoute(asked);
  if (pathname.startsWith('/drive/v3/')) return apiRoute(asked);
  return oauthRoute(asked);
}

const nowhere: Route = {
  kind: 'other',
  answer: () => {
    throw refuse(404, 'notFound', { message: 'Not Found' });
  },
};

const bodyMaxBytes = 64 * 1024;

function oauthRoute({ method, url }: Asked): Route {
  switch (`${method} ${url.pathname}`) {
    case 'GET /o/oauth2/auth':
    case 'GET /o/oauth2/v2/auth':
      return { kind: 'auth', answer: ({ oauth }, { params }) => oauth.authorize(params) };
    case 'GET /o/oauth2/v2/decision':
      return { kind: 'other', answer: ({ oauth }, { params }) => oauth.decide(params) };
    case 'POST /token':
      return {
        kind: 'token',
        answer: async ({ oauth }, exchange) => {
          const form = await readForm(exchange);
          return oauth.token(form, /^Basic (\S+)$/i.exec(exchange.header('authorization') ?? '')?.[1] ?? null);
        },
      };
    case 'POST /revoke':
      return {
        kind: 'revoke',
        answer: async ({ oauth }, exchange) => {
          const form = await readForm(exchange);
          return oauth.revoke(form.get('token') ?? exchange.params.get('token') ?? '');
        },
      };
    default:
      return nowhere;
  }
}

function apiRoute({ method, url }: Asked): Route {
  const [resource, id, ...more] = url.pathname.slice('/drive/v3/'.length).split('/').map(decodeURIComponent);
  if (more.length > 0 || id === '') return nowhere;
  if (id === undefined) return collectionRoute(`${method} ${resource ?? ''}`);
  if (resource !== 'files') return nowhere;
  if (method === 'GET' && id === 'generateIds') return { kind: 'generateIds', answer: generateIds };
  if (method === 'GET')
    return url.searchParams.get('alt') === 'media'
      ? { kind: 'download', answer: (parts, exchange) => downloadFile(parts, exchange, id) }
      : { kind: 'get', answer: (parts, exchange) => getFile(parts, exchange, id) };
  if (method === 'PATCH') return { kind: 'update', answer: (parts, exchange) => updateFile(parts, exchange, id) };
  if (method === 'DELETE') return { kind: 'delete', answer: (parts, exchange) => deleteFile(parts, exchange, id) };
  return nowhere;
}

function collectionRoute(asked: string): Route {
  switch (asked) {
    case 'GET about':
      return { kind: 'about', answer: getAbout };
    case 'GET files':
      return { kind: 'list', answer: listFiles };
    case 'POST files':
      return { kind: 'create', answer: createFile };
    default:
      return nowhere;
  }
}

function uploadRoute({ method, url, contentRange }: Asked): Route {
  const [id, ...more] = url.pathname.slice('/upload/drive/v3/files'.length).split('/').slice(1).map(decodeURIComponent);
  if (more.length > 0 || id === '') return nowhere;
  const fileId = id ?? null;
  const uploadType = url.searchParams.get('uploadType');
  if (url.searchParams.has('upload_id')) {
    if (method === 'PUT') return { kind: contentRange.startsWith('bytes *') ? 'upload-query' : 'upload-chunk', answer: continueUpload };
    return method === 'DELETE' ? { kind: 'upload-cancel', answer: continueUpload } : nowhere;
  }
  if (method !== (fileId === null ? 'POST' : 'PATCH')) return nowhere;
  if (uploadType === 'resumable') return { kind: 'upload-start', answer: (parts, exchange) => startUpload(parts, exchange, fileId) };
  if (uploadType === 'multipart' || uploadType === 'media')
    return { kind: 'multipart', answer: (parts, exchange) => uploadAtOnce(parts, exchange, fileId) };
  return {
    kind: 'other',
    answer: () => {
      throw refuse(400, 'badRequest', { message: 'uploadType has to be media, multipart or resumable' });
    },
  };
}

async function readForm(exchange: HttpExchange): Promise<URLSearchParams> {
  const body = await exchange.readBody(bodyMaxBytes);
  if (body.length > 0 && !/^application\/x-www-form-urlencoded\b/i.test(exchange.header('content-type') ?? ''))
    throw tokenError(400, 'invalid_request', 'The body has to be application/x-www-form-urlencoded.');
  return new URLSearchParams(body.toString('utf8'));
}
