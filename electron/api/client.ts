import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/fetch';
import type { ContractRouterClient } from '@orpc/contract';
import { createRouterClient } from '@orpc/server';
import { BackupError } from '../domain/errors.ts';
import type { contract } from './contract.ts';
import type { EngineHost } from './engine-host.ts';
import { fromFailure, mapStream } from './failures.ts';
import { router } from './router.ts';

/** An engine as its clients see it, whether it is in this process or in another one. Every call throws errors of ours only. */
export type EngineClient = ContractRouterClient<typeof contract>;

/** The client of an engine in this process. */
export function localClient(host: EngineHost): EngineClient {
  return createRouterClient(router, { context: { host }, interceptors: translators((cause) => internal(cause)) });
}

export interface RemoteEngine {
  /** Where the procedures begin, such as `http://engine/rpc`. */
  readonly url: string;
  /** The signal is the caller's own: that of the request follows it only until the request is collected as garbage. */
  readonly fetch: (request: Request, signal: AbortSignal | undefined) => Promise<Response>;
  /** What a call failed with where no answer of the engine came. */
  readonly onSilence: (cause: unknown) => BackupError;
}

/** The client of an engine that is reached over HTTP. */
export function remoteClient({ fetch, onSilence, url }: RemoteEngine): EngineClient {
  const link = new RPCLink({ url, fetch: (request, _init, { signal }) => fetch(request, signal), interceptors: translators(onSilence) });
  return createORPCClient(link);
}

/** Makes errors of ours of whatever a client's calls fail with, on any link; `onSilence` is for those that no answer of the engine came to. */
export function translators(onSilence: (cause: unknown) => BackupError) {
  return [(call: Call) => withOurErrors(call, onSilence)];
}

interface Call {
  readonly signal?: AbortSignal | undefined;
  next(): Promise<unknown>;
}

async function withOurErrors({ next, signal }: Call, otherwise: (cause: unknown) => BackupError): Promise<unknown> {
  const translate = (error: unknown) => fromFailure(error) ?? stopped(signal) ?? otherwise(error);
  try {
    return mapStream(await next(), translate);
  } catch (error) {
    throw translate(error);
  }
}

/** What the caller's own signal stopped. */
function stopped(signal: AbortSignal | undefined): BackupError | null {
  if (!signal?.aborted) return null;
  const { reason } = signal;
  return reason instanceof BackupError ? reason : new BackupError('cancelled', 'stopped, as was asked for', { cause: reason });
}

function internal(cause: unknown): BackupError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new BackupError('internal', message, { cause, hint: 'please report it' });
}
