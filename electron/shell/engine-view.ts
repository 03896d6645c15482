import type { EngineHost } from '../api/engine-host.ts';
import type { JobHealth } from '../domain/health.ts';
import type { LiveRun } from '../domain/run-event.ts';
import { assessHome } from '../engine/operations/assess.ts';

/** What the tray needs to know of an engine. */
export interface EngineView {
  health(): readonly JobHealth[];
  /** Runs and restores that are under way. */
  live(): readonly LiveRun[];
  /** Resolves when nothing is under way. */
  whenIdle(): Promise<void>;
  /** Calls `listener` when something has changed that a person should see. */
  onChange(listener: () => void): void;
  close(): void;
}

/** How often progress is shown anew, in milliseconds. */
const progressEveryMs = 1000;
/** How often everything is looked at: what is good may become late. */
const everythingEveryMs = 30_000;

/** Follows an engine: what is under way as its host knows it, how it is from its catalog. */
export function viewEngine(host: EngineHost): EngineView {
  const engine = host.engine();
  const { clock } = engine.ports;
  const idle = new Set<() => void>();
  const listeners = new Set<() => void>();
  let hasProgressed = false;

  const onChange = () => {
    for (const listener of listeners) listener();
  };
  const releaseIdle = () => {
    if (host.liveRuns().length > 0) return;
    for (const resolve of idle) resolve();
    idle.clear();
  };
  const stops = [
    engine.listen(({ type }) => {
      if (type === 'run-finished') releaseIdle();
      if (type === 'step-progress') hasProgressed = true;
      else onChange();
    }),
    clock.every(progressEveryMs, () => {
      if (!hasProgressed) return;
      hasProgressed = false;
      onChange();
    }),
    clock.every(everythingEveryMs, onChange),
  ];
  return {
    health: () => assessHome(engine.settings.current, engine.catalog, clock.now()),
    live: () => host.liveRuns(),
    whenIdle: () => (host.liveRuns().length === 0 ? Promise.resolve() : new Promise((resolve) => idle.add(resolve))),
    onChange: (listener) => void listeners.add(listener),
    close: () => {
      for (const stop of stops) stop();
    },
  };
}
