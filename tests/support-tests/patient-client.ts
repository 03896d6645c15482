import type { DriveServer } from '../support/drive-server.ts';
import { type Ask, askSession, block, putChunk, type Reply, send } from './raw-http.ts';

const triesAtMost = 60;

/** The least of a client that does everything right: it asks again until it gets what it asked for. */
export function patientClient(server: DriveServer) {
  const tokens = server.issueTokens('drive.file');
  let { accessToken } = tokens;

  async function refresh(): Promise<void> {
    const form = {
      grant_type: 'refresh_token',
      refresh_token: tokens.refreshToken,
      client_id: tokens.clientId,
      client_secret: tokens.clientSecret,
    };
    const reply = await send(`${server.url}/token`, {
      method: 'POST',
      body: new URLSearchParams(form).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    if (reply.status === 200) accessToken = reply.json.access_token;
  }

  /** One try; `null` where it is worth another. */
  async function attempt(work: () => Promise<Reply>): Promise<Reply | null> {
    const reply = await work().catch(() => null);
    if (reply?.status === 401) await refresh().catch(() => {});
    if (!reply || reply.status === 401 || reply.status === 429 || reply.status >= 500) return null;
    if (reply.status === 403 && reply.text.includes('ateLimitExceeded')) return null;
    return reply;
  }

  async function insist(work: () => Promise<Reply>): Promise<Reply> {
    for (let i = 0; i < triesAtMost; i++) {
      const reply = await attempt(work);
      if (reply) return reply;
    }
    throw new Error('the patience is at its end');
  }

  const call = (method: string, path: string, ask: Ask = {}) =>
    insist(() => send(server.url + path, { token: accessToken, ...ask, method }));

  /** Sends what a session lacks; resolves to `false` where the session is gone. */
  async function fill(address: string, content: Buffer): Promise<boolean> {
    for (let i = 0; i < triesAtMost; i++) {
      const asked = await insist(() => askSession(address, content.length));
      if (asked.status === 404 || asked.status === 410) return false;
      if (asked.status !== 308) return true;
      const from = Number(asked.headers.range?.split('-')[1] ?? -1) + 1;
      const chunk = await attempt(() => putChunk(address, content, from, Math.min(from + 2 * block, content.length)));
      if (chunk?.status === 404 || chunk?.status === 410) return false;
    }
    throw new Error('the session never ends');
  }

  return {
    /** Resolves to the id of the file, of which there is one. */
    async upload(name: string, content: Buffer): Promise<string> {
      const [id = ''] = (await call('GET', '/drive/v3/files/generateIds?count=1')).json.ids;
      for (let i = 0; i < triesAtMost; i++) {
        const start = await call('POST', '/upload/drive/v3/files?uploadType=resumable', { json: { id, name } });
        if (start.status === 409 || (await fill(start.headers.location ?? '', content))) return id;
      }
      throw new Error('no session lasts');
    },

    async download(id: string, total: number): Promise<Buffer> {
      const pieces: Buffer[] = [];
      let at = 0;
      for (let i = 0; i < triesAtMost && at < total; i++) {
        const range = { range: `bytes=${at}-${Math.min(at + block, total) - 1}` };
        const { bytes } = await call('GET', `/drive/v3/files/${id}?alt=media`, { headers: range });
        pieces.push(bytes);
        at += bytes.length;
      }
      return Buffer.concat(pieces);
    },
  };
}
