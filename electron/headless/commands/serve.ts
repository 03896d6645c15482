import { once } from 'node:events';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { EngineHost } from '../../api/engine-host.ts';
import { workByItself } from '../../api/working-engine.ts';
import type { EngineEvent } from '../../domain/engine-event.ts';
import { BackupError } from '../../domain/errors.ts';
import type { Engine } from '../../engine/engine.ts';
import { commandOf } from '../../engine/platform/service-command.ts';
import type { ExitCode } from '../exit-code.ts';
import { common, wholeNumber } from '../options.ts';
import type { Output } from '../output.ts';
import { findPageFolder } from '../page-folder.ts';
import { launchdPlist, type Service, systemdUnit } from '../service-unit.ts';
import { asHost, type CommonOptions, onSession, type Session } from '../session.ts';
import { formatInstant } from '../text.ts';
import { openWebServer, type WebServer } from '../web-server.ts';

interface ServeOptions extends CommonOptions {
  readonly port: number;
  readonly window: boolean;
  readonly printUnit?: true | string;
}

export function addServeCommand(program: Command): void {
  const command = program
    .command('serve')
    .description('work by itself until Ctrl-C: runs when they are due, git stores as they change, and the window')
    .option('--port <port>', 'the port of the window on 127.0.0.1 (default: any free one)', wholeNumber, 0)
    .option('--no-window', 'without the window; commands reach it all the same')
    .option('--print-unit [kind]', "print the service that starts this program: systemd or launchd (default: this system's)");
  const examples = ['nightjar serve', 'nightjar serve --print-unit > ~/.config/systemd/user/nightjar.service'];
  onSession(common(command, ...examples), async (session, options: ServeOptions) => {
    if (options.printUnit !== undefined) return printUnit(session, options.printUnit, options);
    return asHost(session, (host) => serve(session, host, options));
  });
}

/** Prints a service that does as this command would here: the same program, data folder and PATH. */
async function printUnit({ output }: Session, kind: true | string, { home, port, window }: ServeOptions): Promise<undefined> {
  const { NIGHTJAR_HOME = home, PATH } = process.env;
  const place = home ?? NIGHTJAR_HOME;
  const args = ['serve', ...(window ? [] : ['--no-window']), ...(port === 0 ? [] : ['--port', String(port)])];
  const command = commandOf({ execPath: process.execPath, modulePath: import.meta.filename, isApp: false }, args);
  const environment = { ...(PATH ? { PATH } : {}), ...(place ? { NIGHTJAR_HOME: resolve(place) } : {}) };
  const own = process.platform === 'darwin' ? 'launchd' : 'systemd';
  const unit = unitOf(kind === true ? own : kind, { command, environment });
  output.document({ unit });
  output.line(unit.trimEnd());
}

function unitOf(kind: string, service: Service): string {
  if (kind === 'systemd') return systemdUnit(service);
  if (kind === 'launchd') return launchdPlist(service);
  throw new BackupError('usage-invalid', `"${kind}" is no kind of service`, { hint: 'use systemd or launchd' });
}

async function serve({ output, signal }: Session, host: EngineHost, { port, window }: ServeOptions): Promise<ExitCode> {
  const engine = host.engine();
  const web = window ? await openWindow(host, port, output) : null;
  engine.listen(runLines(engine, output));
  const working = workByItself(host, web?.issueUrl ?? null);
  const url = web?.issueUrl() ?? null;
  output.document({ home: engine.home.path, pid: process.pid, window: url });
  output.line(`Nightjar is at work in ${engine.home.path}; Ctrl-C ends it at the next safe point, a second one at once`);
  if (url !== null) output.line(`the window, for one browser and one hour: ${url}`);
  if (!signal.aborted) await once(signal, 'abort');
  await Promise.all([working.end(), web?.close()]);
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

async function openWindow(host: EngineHost, port: number, output: Output): Promise<WebServer> {
  const { log, ports } = host.engine();
  const pageFolder = findPageFolder();
  if (pageFolder === null) output.note('note: the window has no page yet; build it with: npm run build:window, and start this again');
  // No other command needs it at its start.
  const { answerCalls } = await import('../../api/rpc-handler.ts');
  return openWebServer({
    port,
    handle: answerCalls(host),
    pageFolder,
    ports,
    log,
  });
}
