import type { Engine } from '../engine/engine.ts';
import type { ElectronApi } from './electron-api.ts';

/** How often the network and the clock are looked at, in milliseconds. */
const lookEveryMs = 20_000;
/** A look that comes so late was one after a sleep: systems do not always tell. */
const sleptMs = 180_000;

/** What the machine's power does to an engine at work. */
export interface PowerOptions {
  readonly engine: Engine;
  /** The machine woke up, or what was missing may be there again. */
  readonly onWake: () => void;
  /** The system is about to go down. */
  readonly onShutdown: () => void;
}

/**
 * Wakes an engine when the machine wakes up, is unlocked, gets its mains or its network back, or has slept without telling; and keeps the
 * machine from suspending the app as long as a run is under way, and no longer. Stops when the returned function is called.
 */
export function followPower(electron: Pick<ElectronApi, 'net' | 'powerMonitor' | 'powerSaveBlocker'>, options: PowerOptions): () => void {
  const { engine, onShutdown, onWake } = options;
  const { powerMonitor } = electron;
  const stops = [keepAwake(electron, engine), watchClockAndNetwork(electron, engine, onWake)];
  powerMonitor.on('suspend', () => engine.log.info('the machine goes to sleep'));
  powerMonitor.on('resume', onWake);
  powerMonitor.on('unlock-screen', onWake);
  powerMonitor.on('on-ac', onWake);
  powerMonitor.on('shutdown', (event) => {
    event?.preventDefault();
    onShutdown();
  });
  return () => {
    for (const stop of stops) stop();
  };
}

function watchClockAndNetwork({ net }: Pick<ElectronApi, 'net'>, { ports: { clock } }: Engine, onWake: () => void): () => void {
  let lastMs = clock.now();
  let wasOnline = net.isOnline();
  return clock.every(lookEveryMs, () => {
    const nowMs = clock.now();
    const isOnline = net.isOnline();
    const hasSlept = Math.abs(nowMs - lastMs) > sleptMs;
    const isBack = isOnline && !wasOnline;
    lastMs = nowMs;
    wasOnline = isOnline;
    if (hasSlept || isBack) onWake();
  });
}

function keepAwake({ powerSaveBlocker }: Pick<ElectronApi, 'powerSaveBlocker'>, engine: Engine): () => void {
  const runs = new Set<string>();
  let blocker: number | null = null;
  const adapt = () => {
    if (runs.size > 0) blocker ??= powerSaveBlocker.start('prevent-app-suspension');
    else if (blocker !== null) {
      powerSaveBlocker.stop(blocker);
      blocker = null;
    }
  };
  const stopListening = engine.listen((event) => {
    if (event.type === 'run-started') runs.add(event.runId);
    else if (event.type === 'run-finished') runs.delete(event.runId);
    else return;
    adapt();
  });
  return () => {
    stopListening();
    runs.clear();
    adapt();
  };
}
