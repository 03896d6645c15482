import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import Database from 'better-sqlite3';
import { type EngineClient, localClient, translators } from '../../electron/api/client.ts';
import { connectEngine } from '../../electron/api/engine-connection.ts';
import { type EngineHost, hostEngine } from '../../electron/api/engine-host.ts';
import { serveEngine } from '../../electron/api/engine-socket.ts';
import { type EnginePort, servePort } from '../../electron/api/port-handler.ts';
import type { EngineEvent } from '../../electron/domain/engine-event.ts';
import { BackupError } from '../../electron/domain/errors.ts';
import type { RunEvent } from '../../electron/domain/run-event.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { locateHome } from '../../electron/engine/home.ts';
import type { Ports } from '../../electron/engine/ports.ts';
import { makeTempFolder } from './temp-folder.ts';
import { addFolderDestination, addJob, makeNotes, openTestEngine, testPorts } from './test-engine.ts';

/** An open engine with a client of it. */
export interface ClientScene extends AsyncDisposable {
  /** A folder for whatever a test needs; the data folder is in it. */
  readonly path: string;
  readonly engine: Engine;
  readonly host: EngineHost;
  readonly client: EngineClient;
}

export interface ClientSceneOptions {
  readonly ports?: Partial<Ports>;
  /** Folders between the temporary folder and the data folder. */
  readonly below?: string;
}

/** How a client reaches its engine. */
export const transports = { 'in its process': inProcess, 'over the socket': overSocket, 'over a message port': overPort } as const;

async function inProcess(options: ClientSceneOptions = {}): Promise<ClientScene> {
  const { engine, host, path, remove } = await openHost(options);
  const close = async () => {
    await host.end();
    engine.close();
    await remove();
  };
  return { path, engine, host, client: localClient(host), [Symbol.asyncDispose]: close };
}

async function overSocket(options: ClientSceneOptions = {}): Promise<ClientScene> {
  const { engine, host, path, remove } = await openHost(options);
  const socket = await serveEngine(host);
  const connection = await connect(engine);
  const close = async () => {
    await connection.close();
    await socket.close();
    engine.close();
    await remove();
  };
  return { path, engine, host, client: connection.client, [Symbol.asyncDispose]: close };
}

async function overPort(options: ClientSceneOptions = {}): Promise<ClientScene> {
  const { engine, host, path, remove } = await openHost(options);
  const { port1: main, port2: page } = new MessageChannel();
  servePort(host, asInMain(main));
  page.start();
  const onSilence = (cause: unknown) => new BackupError('home-busy', 'the port is closed', { cause });
  const client: EngineClient = createORPCClient(new RPCLink({ port: page, interceptors: translators(onSilence) }));
  const close = async () => {
    await host.end();
    page.close();
    engine.close();
    await remove();
  };
  return { path, engine, host, client, [Symbol.asyncDispose]: close };
}

/** A port of Node as Electron's main process has its own. */
export function asInMain(port: MessagePort): EnginePort {
  return {
    on: (event: 'message' | 'close', listener: (event: { readonly data: unknown }) => void) =>
      port.on(event, (data: unknown) => listener({ data })),
    postMessage: (message) => port.postMessage(message),
    start: () => port.start(),
    close: () => port.close(),
  };
}

/** Connects to an engine that is served. Throws where it does not answer. */
export async function connect({ home }: Engine, program = 'nightjar test') {
  const connection = await connectEngine(home, program, new AbortController().signal);
  if (connection === null) throw new Error(`no engine answers in ${home.path}`);
  return connection;
}

/** Opens an engine that can be served, in a temporary folder. */
export async function openHost({ below = '', ports = {} }: ClientSceneOptions = {}) {
  const temp = await makeTempFolder();
  const engine = await openTestEngine(join(temp.path, below), ports);
  return { path: temp.path, engine, host: hostEngine(engine), remove: () => temp[Symbol.asyncDispose]() };
}

/** The data folder of `openTestEngine`, without an engine. */
export function homeIn(folder: string) {
  return { home: locateHome(join(folder, 'home'), {}), ports: testPorts() };
}

/** Takes away what nobody holds on to, as a run of hours would see it go. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  for (let round = 0; round < 3; round++) runInNewContext('gc')();
}

/** Reads a stream to its end. */
export async function readAll<T>(stream: { next(): Promise<IteratorResult<RunEvent, T>> }): Promise<{ events: RunEvent[]; outcome: T }> {
  const events: RunEvent[] = [];
  for (;;) {
    const next = await stream.next();
    if (next.done) return { events, outcome: next.value };
    events.push(next.value);
  }
}

/** Makes a job's next backup last until it is stopped: its copy waits for the writer of a database that never lets go. */
export async function addLockedJob(scene: Pick<ClientScene, 'engine' | 'path'>): Promise<Disposable> {
  const path = join(scene.path, 'locked.db');
  makeNotes(path, 5, 'delete');
  await addFolderDestination(scene.engine, scene.path, 'usb');
  addJob(scene.engine, { name: 'locked', path, destinations: ['usb'], lockWaitSeconds: 3600 });
  const writer = new Database(path);
  writer.exec('BEGIN EXCLUSIVE');
  return { [Symbol.dispose]: () => writer.close() };
}

/** Resolves to the next event of a kind. */
export function heard(scene: Pick<ClientScene, 'engine'>, type: EngineEvent['type']): Promise<EngineEvent> {
  return new Promise((resolve) => {
    const stop = scene.engine.listen((event) => {
      if (event.type !== type) return;
      stop();
      resolve(event);
    });
  });
}

/** The error of ours that a call fails with. */
export async function failureOf(call: Promise<unknown>): Promise<BackupError> {
  const error = await call.then(
    (value) => new Error(`it did not fail, and gave ${JSON.stringify(value)}`),
    (failure: unknown) => failure,
  );
  if (error instanceof BackupError) return error;
  throw error;
}
