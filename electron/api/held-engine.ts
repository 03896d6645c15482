import type { Engine } from '../engine/engine.ts';
import { watchHealth } from '../engine/schedule/watchman.ts';
import type { Desktop } from './desktop.ts';
import { type EngineHost, hostEngine } from './engine-host.ts';
import { serveEngine } from './engine-socket.ts';

/** An open engine that this process holds for itself and for others. */
export interface HeldEngine {
  readonly host: EngineHost;
  /** Waits for what clients have under way, takes no new ones, tells what is still to be told, and closes the engine. */
  close(): Promise<void>;
}

/**
 * Holds an engine that was just opened: other programs of this person are its clients from now on, and its health is watched. `desktop` is
 * what only an app can do; a program without a screen of its own has none.
 */
export async function holdEngine(engine: Engine, desktop?: Desktop): Promise<HeldEngine> {
  const host = hostEngine(engine, desktop);
  const socket = await serveEngine(host);
  const watchman = watchHealth(engine);
  return {
    host,
    close: async () => {
      await socket.close();
      await watchman.close();
      engine.close();
    },
  };
}
