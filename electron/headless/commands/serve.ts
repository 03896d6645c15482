import { once } from 'node:events';
import { RPCHandler } from '@orpc/server/node';
import type { Command } from 'commander';
import type { EngineHost } from '../../api/engine-host.ts';
import { router } from '../../api/router.ts';
import type { EngineEvent } from '../../domain/engine-event.ts';
import { BackupError } from '../../domain/errors.ts';
import type { Engine } from '../../engine/engine.ts';
import { keepOn } from '../../engine/schedule/always-on.ts';
import { rpcPrefix } from '../engine-socket.ts';
import type { ExitCode } from '../exit-code.ts';
import { common, wholeNumber } from '../options.ts';
import type { Output } from '../output.ts';
import { type CommonOptions, type HostSession, onHost } from '../session.ts';
import { formatInstant } from '../text.ts';
import { openWebServer, type WebServer } from '../web-server.ts';

interface ServeOptions extends CommonOptions {
  readonly port: number;
  readonly window: boolean;
}

export function addServeCommand(program: Command): void {
  const command = program
    .command('serve')
    .description('work by itself until Ctrl-C: runs when they are due, git stores as they change, and the window')
    .option('--port <port>', 'the port of the window on 127.0.0.1 (default: any free one)', wholeNumber, 0)
    .option('--no-window', 'without the window; commands reach it all the same');
  onHost(common(command, 'nightjar serve', 'nightjar serve --port 8480'), serve);
}

async function serve({ host, output, signal }: HostSession, { port, window }: ServeOptions): Promise<ExitCode> {
  const engine = host.engine();
  const web = window ? await openWindow(host, port) : null;
  engine.listen(runLines(engine, output));
  const alwaysOn = keepOn(engine);
  const url = web?.issueUrl() ?? null;
  output.document({ home: engine.home.path, pid: process.pid, window: url });
  output.line(`Nightjar is at work in ${engine.home.path}; Ctrl-C ends it at the next safe point, a second one at once`);
  if (url !== null) output.line(`the window, for one browser and one hour: ${url}`);
  if (!signal.aborted) await once(signal, 'abort');
  for (const cancel of engine.cancels.values()) cancel(new BackupError('cancelled', 'Nightjar was told to stop; nothing is half-written'));
  await Promise.all([alwaysOn.close(), host.end(), web?.close()]);
  return 0;
}

/** Tells each run that has ended in a line. */
function runLines({ catalog }: Engine, output: Output): (event: EngineEvent) => void {
  return (event) => {
    if (event.type !== 'run-finished') return;
    // A verification has no run in the catalog: whoever asked for it is told.
    const job = catalog.run(event.runId)?.job;
    if (job !== undefined) output.note(`${formatInstant(event.atMs)} ${job}: ${event.error?.message ?? event.status}`);
  };
}

function openWindow(host: EngineHost, port: number): Promise<WebServer> {
  const { log, ports } = host.engine();
  const handler = new RPCHandler(router);
  return openWebServer({
    port,
    handle: (request, response) => handler.handle(request, response, { prefix: rpcPrefix, context: { host } }),
    // The page comes with the window.
    pageFolder: null,
    ports,
    log,
  });
}
