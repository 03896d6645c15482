import { BackupError } from '../domain/errors.ts';
import type { Settings } from '../domain/model.ts';
import type { CatalogReader } from '../engine/catalog/catalog-reader.ts';
import type { Engine } from '../engine/engine.ts';
import type { Ports } from '../engine/ports.ts';

/** What can be looked at while another engine is at work; there is no catalog before the first run. */
export interface EngineView {
  readonly settings: Settings;
  readonly catalog: CatalogReader | null;
  readonly ports: Ports;
}

/** What requests work with: an engine, and what its clients have under way. */
export interface EngineHost {
  /** The open engine. Throws `home-busy` where there is only another one's folder to look at. */
  engine(): Engine;
  look(): EngineView;
  readonly startedAtMs: number;
  /** Fires when no more clients are wanted: streams without an end are over then, and everything else goes on. */
  readonly ending: AbortSignal;
  /** Keeps the host from ending until the work has. */
  keep<T>(work: PromiseLike<T>): Promise<T>;
  /** True while a client has anything under way. */
  isBusy(): boolean;
  /** The engine works by itself from now on; `issueUrl` gives a new address of its window at each call, `null` where it has none. */
  workByItself(issueUrl: (() => string) | null): void;
  isAtWork(): boolean;
  /** A new address of the window. Throws `usage-invalid` where there is none. */
  windowUrl(): string;
  /** Wants no more clients; resolves when nothing is under way any more. */
  end(): Promise<void>;
}

/** The host of an open engine, for clients on any transport. Whoever opened the engine ends the host before closing it. */
export function hostEngine(engine: Engine): EngineHost {
  const look = () => ({ settings: engine.settings.current, catalog: engine.catalog, ports: engine.ports });
  return makeHost(() => engine, look, engine.ports.clock.now());
}

/** The host of a data folder that another engine holds: it answers what can be read beside that, and refuses the rest as `busy`. */
export function hostView(view: EngineView, busy: BackupError): EngineHost {
  const refuse = () => {
    throw busy;
  };
  return makeHost(refuse, () => view, view.ports.clock.now());
}

function makeHost(engine: () => Engine, look: () => EngineView, startedAtMs: number): EngineHost {
  const underWay = new Set<Promise<unknown>>();
  const ending = new AbortController();
  let isAtWork = false;
  let issueUrl: (() => string) | null = null;
  return {
    engine,
    look,
    startedAtMs,
    ending: ending.signal,
    keep: async (work) => {
      const over = Promise.withResolvers<void>();
      underWay.add(over.promise);
      try {
        return await work;
      } finally {
        underWay.delete(over.promise);
        over.resolve();
      }
    },
    isBusy: () => underWay.size > 0,
    workByItself: (issue) => {
      isAtWork = true;
      issueUrl = issue;
    },
    isAtWork: () => isAtWork,
    windowUrl: () => {
      if (issueUrl !== null) return issueUrl();
      throw new BackupError('usage-invalid', 'no Nightjar with a window is at work here', { hint: 'start one with: nightjar serve' });
    },
    end: async () => {
      ending.abort(new BackupError('home-busy', 'this Nightjar is about to end', { hint: 'try again', retryable: true }));
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
