import { BackupError } from '../domain/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { keepOn } from '../engine/schedule/always-on.ts';
import type { EngineHost } from './engine-host.ts';

/** An engine that works by itself, whoever looks at it. */
export interface WorkingEngine {
  /** The machine woke up, or the network is back: what waits for that is looked at now. */
  wake(): void;
  /** Ends every run at its next safe point, and takes no more clients; resolves when nothing is under way any more. */
  end(): Promise<void>;
}

/**
 * Lets the engine of a host work by itself until it is told to end: runs when they are due, git stores as they change, settings that a person
 * edits. `issueUrl` gives addresses of its window to browsers; `null` where it has none for them.
 */
export function workByItself(host: EngineHost, issueUrl: (() => string) | null): WorkingEngine {
  const engine = host.engine();
  host.workByItself(issueUrl);
  const alwaysOn = keepOn(engine);
  return {
    wake: () => alwaysOn.wake(),
    end: async () => {
      cancelRuns(engine);
      await Promise.all([alwaysOn.close(), host.end()]);
    },
  };
}

/** Ends every run at its next safe point, and those that waited for their turn as soon as they begin. */
function cancelRuns(engine: Engine): void {
  const reason = new BackupError('cancelled', 'Nightjar was told to stop; nothing is half-written');
  engine.listen((event) => {
    if (event.type === 'run-started') engine.cancels.get(event.runId)?.(reason);
  });
  for (const cancel of engine.cancels.values()) cancel(reason);
}
