import { connect } from 'node:net';

const withinMs = 5000;

/** True where the host of an address takes a connection within five seconds. Rejects with the signal's reason. */
export async function reachesHost(url: string, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted();
  const { hostname, port, protocol } = new URL(url);
  const socket = connect({
    host: hostname.replaceAll(/^\[|\]$/g, ''),
    port: Number(port) || (protocol === 'http:' ? 80 : 443),
    timeout: withinMs,
    signal,
  });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  // `timeout` counts from the start as long as nothing was received; a name that is not resolved counts as well.
  socket.once('timeout', () => resolve(false));
  const isReached = await promise;
  socket.destroy();
  signal.throwIfAborted();
  return isReached;
}
