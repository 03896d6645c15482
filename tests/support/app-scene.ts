import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Conf from 'conf';
import { type EngineClient, localClient } from '../../electron/api/client.ts';
import type { RunEvent } from '../../electron/domain/run-event.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { type Home, locateHome } from '../../electron/engine/home.ts';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import type { Clock, Ports } from '../../electron/engine/ports.ts';
import type { AppParts } from '../../electron/shell/app-parts.ts';
import { boot, type Nightjar } from '../../electron/shell/boot.ts';
import type { Surroundings } from '../../electron/shell/surroundings.ts';
import type { Updater } from '../../electron/shell/updates.ts';
import { projectFolder } from './built-app.ts';
import { FakeElectron, type FakeOptions } from './fake-electron.ts';
import { makeTempFolder } from './temp-folder.ts';
import { addFolderDestination, addJob, makeNotes, openTestEngine } from './test-engine.ts';

/** electron-store without Electron: it is conf with another word for the name of the file. */
export const Store: AppParts['Store'] = class extends Conf<Record<string, unknown>> {
  constructor({ name, ...options }: ConstructorParameters<AppParts['Store']>[0]) {
    super({ ...options, configName: name });
  }
};

export interface AppSceneOptions extends FakeOptions {
  readonly surroundings?: Partial<Surroundings>;
  readonly ports?: Partial<Ports>;
  readonly updater?: Updater;
  /** The data folder, where it is not the scene's own. */
  readonly home?: string;
  /** Sets the data folder up before the app begins. */
  readonly prepare?: (engine: Engine, path: string) => Promise<void> | void;
}

/** The app with its Electron played, in a temporary folder. */
export interface AppScene extends AsyncDisposable {
  readonly path: string;
  readonly home: Home;
  readonly electron: FakeElectron;
  /** Starts the app, with Electron ready at once. */
  boot(): Promise<Nightjar | null>;
  /** Starts the app, which has to begin. */
  begin(): Promise<RunningApp>;
}

export interface RunningApp extends Nightjar {
  readonly engine: Engine;
  readonly client: EngineClient;
  /** Resolves with the first event of a type. */
  told<T extends RunEvent['type']>(type: T): Promise<Extract<RunEvent, { type: T }>>;
}

/** Makes a scene; disposing of it quits the app that was started in it. */
export async function openAppScene({
  home: folder,
  ports = {},
  prepare,
  surroundings,
  updater,
  ...fake
}: AppSceneOptions = {}): Promise<AppScene> {
  const temp = await makeTempFolder();
  const home = locateHome(folder ?? join(temp.path, 'home'), {});
  if (prepare !== undefined) {
    const engine = await openTestEngine(temp.path);
    await prepare(engine, temp.path);
    engine.close();
  }
  const page = join(temp.path, 'page');
  await mkdir(join(page, 'assets'), { recursive: true });
  await writeFile(join(page, 'index.html'), '<!doctype html><title>Nightjar</title><style nonce="NIGHTJAR-STYLE-NONCE"></style>');
  await writeFile(join(page, 'assets', 'main-8f3k2m9q.js'), 'export {};');
  const electron = new FakeElectron(fake);
  const parts: AppParts = {
    home,
    page,
    preload: '/app/out/preload/index.cjs',
    icons: join(projectFolder, 'build/icons/tray'),
    surroundings: { platform: 'linux', environment: {}, execPath: '/opt/Nightjar/nightjar', args: [], ...surroundings },
    Store,
    openUpdater: updater === undefined ? null : () => updater,
    ports,
  };
  let running: Nightjar | null = null;
  const start = async () => {
    electron.app.ready.resolve();
    running = await boot(electron, parts);
    return running;
  };
  return {
    path: temp.path,
    home,
    electron,
    boot: start,
    begin: async () => {
      const app = await start();
      if (app === null) throw new Error(`the app did not begin: ${electron.dialog.asked.map(({ detail }) => detail).join()}`);
      const engine = app.host.engine();
      return { ...app, engine, client: localClient(app.host), told: (type) => nextEvent(engine, type) };
    },
    [Symbol.asyncDispose]: async () => {
      if (running !== null) {
        electron.app.quit();
        await electron.app.ended.promise;
      }
      await temp[Symbol.asyncDispose]();
    },
  };
}

function nextEvent<T extends RunEvent['type']>(engine: Engine, type: T): Promise<Extract<RunEvent, { type: T }>> {
  return new Promise((resolve) => {
    const stop = engine.listen((event) => {
      if (event.type !== type) return;
      stop();
      resolve(event as Extract<RunEvent, { type: T }>);
    });
  });
}

/** A job `notes` with a database of so many rows, and its destination; for `prepare`. */
export function withNotes(rows = 1000) {
  return async (engine: Engine, path: string): Promise<void> => {
    makeNotes(join(path, 'notes.db'), rows);
    await addFolderDestination(engine, path, 'usb');
    addJob(engine, { name: 'notes', path: join(path, 'notes.db'), destinations: ['usb'], drill: 'off' });
    engine.settings.change((settings) => ({
      ...settings,
      preferences: { ...settings.preferences, reserveBytes: 0, warnFreeBytes: 0 },
    }));
  };
}

/** The system's clock, whose regular looks come when a test says so; `nowMs` stands where it is put. */
export class HandClock implements Clock {
  readonly sleep = systemClock.sleep;
  readonly #looks = new Map<() => void, number>();
  nowMs: number | null = null;

  now(): number {
    return this.nowMs ?? systemClock.now();
  }
  every(ms: number, act: () => void): () => void {
    this.#looks.set(act, ms);
    return () => this.#looks.delete(act);
  }
  /** Whoever looks so often looks now. */
  look(everyMs: number): void {
    for (const [act, ms] of [...this.#looks]) if (ms === everyMs) act();
  }
}
