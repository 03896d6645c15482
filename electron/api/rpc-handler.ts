import type { IncomingMessage, ServerResponse } from 'node:http';
import { BodyLimitPlugin, RPCHandler } from '@orpc/server/node';
import type { EngineHost } from './engine-host.ts';
import { router } from './router.ts';
import { maxBodyBytes, rpcPrefix } from './rpc-endpoint.ts';

/** Answers a call of a procedure; resolves to whether the request was one. */
export type AnswerCall = (request: IncomingMessage, response: ServerResponse) => Promise<{ readonly matched: boolean }>;

/** What answers calls under `/rpc/` for the clients of a host, on any HTTP server. A body of more than 1 MiB is refused. */
export function answerCalls(host: EngineHost): AnswerCall {
  const handler = new RPCHandler(router, { plugins: [new BodyLimitPlugin({ maxBodySize: maxBodyBytes })] });
  return (request, response) => handler.handle(request, response, { prefix: rpcPrefix, context: { host } });
}
