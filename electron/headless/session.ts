import type { Command } from 'commander';
import { type EngineClient, localClient } from '../api/client.ts';
import { type EngineHost, hostView } from '../api/engine-host.ts';
import { unforeseen } from '../api/failures.ts';
import { holdEngine } from '../api/held-engine.ts';
import { openWhenFree, type Reached, reachEngine } from '../api/reach-engine.ts';
import { BackupError } from '../domain/errors.ts';
import type { RunEvent } from '../domain/run-event.ts';
import { openCatalogReader } from '../engine/catalog/catalog-reader.ts';
import type { Engine } from '../engine/engine.ts';
import { type Home, locateHome } from '../engine/home.ts';
import { errnoOf } from '../engine/platform/errno.ts';
import { nodePorts } from '../engine/platform/node-ports.ts';
import type { Ports } from '../engine/ports.ts';
import { readSettings } from '../engine/settings-store.ts';
import type { ExitCode } from './exit-code.ts';
import { type Output, openOutput, type Streams } from './output.ts';
import { progressView } from './progress-view.ts';
import { listenForStop } from './stop-signals.ts';
import { program } from './version.ts';

/** How long a command tries to reach an engine that is just beginning or ending. */
const actWithinMs = 10_000;
/** What only looks can do without. */
const lookWithinMs = 2000;

/** What every command takes. */
export interface CommonOptions {
  readonly home?: string;
  readonly json?: boolean;
}

/** The world around a command: where it prints, what stops it, and the data folder. */
export interface Session {
  readonly output: Output;
  readonly streams: Streams;
  readonly home: Home;
  readonly ports: Ports;
  /** Fires on the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
}

/** A session with a client of the data folder's engine, which may be in another process. */
export interface ClientSession extends Session {
  readonly client: EngineClient;
}

/** What a command does; it resolves to the exit code where that is not 0. */
type Act<Context, O, A extends unknown[]> = (context: Context, options: O, ...args: A) => Promise<ExitCode | undefined>;

/** Lets a command act with nothing but the world around it. */
export function onSession<O extends CommonOptions, A extends unknown[]>(command: Command, act: Act<Session, O, A>): void {
  define(command, (session, options: O, args: A) => act(session, options, ...args));
}

/** Lets a command act as a client of the data folder's engine, wherever that is open. */
export function onClient<O extends CommonOptions, A extends unknown[]>(command: Command, act: Act<ClientSession, O, A>): void {
  define(command, (session, options: O, args: A) => withClient(session, (client) => act({ ...session, client }, options, ...args)));
}

/** Lets a command look at what a client can see, also beside an engine that does not answer. */
export function onLook<O extends CommonOptions, A extends unknown[]>(command: Command, act: Act<ClientSession, O, A>): void {
  define(command, (session, options: O, args: A) => withLook(session, (client) => act({ ...session, client }, options, ...args)));
}

/** Holds the engine of the data folder while `work` lasts, for it and for others. It waits a moment for one that is about to end; throws `home-busy`. */
export async function asHost<T>(session: Session, work: (host: EngineHost) => Promise<T>): Promise<T> {
  const { home, ports, signal } = session;
  return inOwnEngine(session, await openWhenFree(home, ports, { withinMs: actWithinMs, signal }), work);
}

/** Calls `work` with a client of the data folder's engine, wherever that is open. */
export async function withClient<T>(session: Session, work: (client: EngineClient) => Promise<T>): Promise<T> {
  const { home, ports, signal } = session;
  return withReached(session, await reachEngine(home, ports, { withinMs: actWithinMs, signal }), work);
}

async function withReached<T>(session: Session, reached: Reached, work: (client: EngineClient) => Promise<T>): Promise<T> {
  if (reached.kind === 'own') return inOwnEngine(session, reached.engine, (host) => work(localClient(host)));
  try {
    return await work(reached.connection.client);
  } finally {
    await reached.connection.close();
  }
}

/** Events, and an outcome at their end. */
interface EventStream<E, T> {
  next(): Promise<IteratorResult<E, T>>;
}

/** Shows what happens in a run on stderr; resolves to its outcome. */
export function follow<T>(session: Session, events: EventStream<RunEvent, T>): Promise<T> {
  return followWith(events, showsProgress(session) ? progressView(session.streams) : () => {});
}

/** Reads a stream to its end and shows each event; resolves to what it returns. */
export async function followWith<E, T>(events: EventStream<E, T>, show: (event: E) => void): Promise<T> {
  for (;;) {
    const next = await events.next();
    if (next.done) return next.value;
    show(next.value);
  }
}

function showsProgress({ output, streams }: Session): boolean {
  return !output.json || streams.stderr.isTTY;
}

/** While a command holds the engine, others are its clients; it ends when they have what they asked for. */
async function inOwnEngine<T>(session: Session, engine: Engine, work: (host: EngineHost) => Promise<T>): Promise<T> {
  const { close, host } = await holdEngine(engine);
  try {
    for (const notice of engine.notices) session.output.note(`note: ${notice}`);
    return await work(host);
  } catch (error) {
    throw error instanceof BackupError ? error : unforeseen(error, engine);
  } finally {
    if (host.isBusy()) session.output.note('finishing what other commands have asked this one for (Ctrl-C twice ends it at once)');
    await close();
  }
}

function define<O extends CommonOptions, A extends unknown[]>(
  command: Command,
  act: (session: Session, options: O, args: A) => Promise<ExitCode | undefined>,
): void {
  // Commander gives the arguments, then the options, then the command itself.
  command.action(async (...given: unknown[]) => {
    const options = command.optsWithGlobals<O>();
    process.exitCode = await inSession(options, (session) => act(session, options, given.slice(0, -2) as A));
  });
}

async function inSession(options: CommonOptions, work: (session: Session) => Promise<ExitCode | undefined>): Promise<ExitCode> {
  const streams = { stdout: process.stdout, stderr: process.stderr };
  dropUnread(streams);
  const ports = nodePorts(program);
  const stop = listenForStop(process, ports.clock);
  try {
    const output = openOutput(options.json ?? false, streams);
    const session = { output, streams, home: locateHome(options.home, process.env), ports, signal: stop.signal };
    return (await work(session)) ?? 0;
  } finally {
    stop.close();
  }
}

/** Output that nobody reads any more, as after `| head`, ends nothing; for any other reason not to be written, the command has failed. */
function dropUnread({ stderr, stdout }: Streams): void {
  stderr.on('error', () => {});
  let isTold = false;
  stdout.on('error', (error) => {
    if (isTold || errnoOf(error) === 'EPIPE') return;
    isTold = true;
    stderr.write(`nightjar: what is said here cannot be written: ${error.message}\n`);
    process.once('exit', () => {
      process.exitCode ||= 1;
    });
  });
}

/** As `withClient`; where the engine that is at work does not answer, settings and catalog are read beside it. */
export async function withLook<T>(session: Session, work: (client: EngineClient) => Promise<T>): Promise<T> {
  const { home, ports, signal } = session;
  const reached = await reachEngine(home, ports, { withinMs: lookWithinMs, signal }).catch((error: unknown) => {
    if (error instanceof BackupError && error.code === 'home-busy' && error.retryable) return error;
    throw error;
  });
  if (!(reached instanceof BackupError)) return withReached(session, reached, work);
  session.output.note(`note: ${reached.message} and does not answer; this is what it has recorded`);
  const catalog = openCatalogReader(home.catalogPath);
  try {
    return await work(localClient(hostView({ settings: readSettings(home.path), catalog, ports }, reached)));
  } finally {
    catalog?.close();
  }
}
