import type { Agent, fetch as undiciFetch } from 'undici';
import type { EngineInfo } from '../domain/engine-info.ts';
import { BackupError } from '../domain/errors.ts';
import type { Home } from '../engine/home.ts';
import { readHolder } from '../engine/platform/holder.ts';
import { type EngineClient, remoteClient } from './client.ts';
import { rpcPrefix } from './rpc-endpoint.ts';

/** Another process's engine. As long as the connection is open, that engine is not closed. */
export interface EngineConnection {
  readonly client: EngineClient;
  readonly info: EngineInfo;
  close(): Promise<void>;
}

/**
 * Connects to the engine that another process has open in a data folder; `null` where none answers until the signal fires, or the one
 * that does is about to end. Throws `home-busy` where it is of another version than `program`.
 */
export async function connectEngine(home: Home, program: string, signal: AbortSignal): Promise<EngineConnection | null> {
  const socketPath = readHolder(home.path)?.socket;
  if (socketPath === undefined) return null;
  // Most commands find nobody, and need none of this.
  const { Agent, fetch } = await import('undici');
  // Runs take hours, and so may their answers; a connection for each call is never one that the other side is just closing.
  const agent = new Agent({ connect: { socketPath }, headersTimeout: 0, bodyTimeout: 0, pipelining: 0 });
  const client = remoteClient({
    url: `http://engine${rpcPrefix}`,
    fetch: (request, stop) => send(fetch, request, agent, stop),
    onSilence: (cause) => lost(home, cause),
  });
  const leave = new AbortController();
  const close = async () => {
    leave.abort();
    await agent.destroy();
  };
  const info = await attach(client, AbortSignal.any([leave.signal, signal])).catch(() => null);
  if (info === null) {
    await close();
    return null;
  }
  if (info.program === program) return { client, info, close };
  await close();
  throw new BackupError('home-busy', `${info.program} (process ${info.pid}) is at work in ${home.path}, and this is ${program}`, {
    hint: 'end that one and start it again, or update the older of the two',
  });
}

/** Resolves to what the engine says of itself, and keeps the request open until the signal fires. */
async function attach(client: EngineClient, signal: AbortSignal): Promise<EngineInfo | null> {
  const stream = await client.engine.attach(undefined, { signal });
  const first = await stream.next();
  // Nothing more is to come; reading on takes what keeps the connection alive out of it.
  stream.next().catch(() => {});
  return first.done ? null : first.value;
}

/** Sends a request of the platform's kind through an agent of undici's, which has its own. */
async function send(fetch: typeof undiciFetch, request: Request, dispatcher: Agent, stop: AbortSignal = request.signal): Promise<Response> {
  const { headers, method, url } = request;
  const body = method === 'GET' ? null : await request.text();
  return (await fetch(url, { method, headers: [...headers], body, signal: stop, dispatcher })) as unknown as Response;
}

function lost({ path }: Home, cause: unknown): BackupError {
  return new BackupError('engine-lost', `the Nightjar that was at work in ${path} ended before it had answered`, {
    cause,
    hint: 'see how far it got with: nightjar history',
    retryable: true,
  });
}
