import { isRunEvent } from '../domain/engine-event.ts';
import type { JobHealth } from '../domain/health.ts';
import { foldRun, type LiveRun, type RunEvent } from '../domain/run-event.ts';
import type { Engine } from '../engine/engine.ts';
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
/** How often it is looked whether a client has changed the settings, in milliseconds. */
const settingsEveryMs = 2000;
/** How often everything is looked at: what is good may become late. */
const everythingEveryMs = 30_000;

/** Follows an engine: what is under way from its events, how it is from its catalog. */
export function viewEngine(engine: Engine): EngineView {
  const { clock } = engine.ports;
  const runs = new Map<string, LiveRun>();
  const idle = new Set<() => void>();
  const listeners = new Set<() => void>();
  let settings = engine.settings.current;
  let hasProgressed = false;

  const onChange = () => {
    for (const listener of listeners) listener();
  };
  const fold = (event: RunEvent) => {
    const run = foldRun(runs.get(event.runId) ?? null, event);
    if (event.type === 'run-finished' || run === null) runs.delete(event.runId);
    else runs.set(event.runId, run);
    if (runs.size > 0) return;
    for (const resolve of idle) resolve();
    idle.clear();
  };
  const stops = [
    engine.listen((event) => {
      if (isRunEvent(event)) fold(event);
      if (event.type === 'step-progress') hasProgressed = true;
      else onChange();
    }),
    clock.every(progressEveryMs, () => {
      if (!hasProgressed) return;
      hasProgressed = false;
      onChange();
    }),
    clock.every(settingsEveryMs, () => {
      if (settings === engine.settings.current) return;
      settings = engine.settings.current;
      onChange();
    }),
    clock.every(everythingEveryMs, onChange),
  ];
  return {
    health: () => assessHome(engine.settings.current, engine.catalog, clock.now()),
    live: () => [...runs.values()],
    whenIdle: () => (runs.size === 0 ? Promise.resolve() : new Promise((resolve) => idle.add(resolve))),
    onChange: (listener) => void listeners.add(listener),
    close: () => {
      for (const stop of stops) stop();
    },
  };
}
