import { isRunEvent } from '../domain/engine-event.ts';
import { BackupError } from '../domain/errors.ts';
import type { Settings } from '../domain/model.ts';
import { foldLive, type LiveRun } from '../domain/run-event.ts';
import type { CatalogReader } from '../engine/catalog/catalog-reader.ts';
import type { Engine } from '../engine/engine.ts';
import type { Clock, Ports } from '../engine/ports.ts';
import { type Desktop, noDesktop } from './desktop.ts';

/** How long a host that ends waits for the next call of an attached client, in milliseconds. */
export const attachedForMs = 5000;

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
  /** Every run, restore, verification and drill that is under way, as far as it is. Throws as `engine`. */
  liveRuns(): readonly LiveRun[];
  /** What the app around this engine's window can do. */
  readonly desktop: Desktop;
  readonly startedAtMs: number;
  /** Fires when no more clients are wanted: streams without an end are over then, and everything else goes on. */
  readonly ending: AbortSignal;
  /** Keeps the host from ending until the work has. */
  keep<T>(work: PromiseLike<T>): Promise<T>;
  /**
   * Counts a client as attached until it is gone: the host does not end before, unless it has had nothing under way for some seconds.
   * Resolves then.
   */
  attach(gone: Promise<void>): Promise<void>;
  /** True while a client is attached or has anything under way. */
  isBusy(): boolean;
  /** The engine works by itself from now on; `issueUrl` gives a new address of its window at each call, `null` where it has none. */
  workByItself(issueUrl: (() => string) | null): void;
  isAtWork(): boolean;
  /** A new address of the window. Throws `usage-invalid` where there is none. */
  windowUrl(): string;
  /** Wants no more clients; resolves when nothing is under way any more, and the attached ones have left or had their time. */
  end(): Promise<void>;
}

/** The host of an open engine, for clients on any transport. Whoever opened the engine ends the host before closing it. */
export function hostEngine(engine: Engine, desktop: Desktop = noDesktop): EngineHost {
  const look = () => ({ settings: engine.settings.current, catalog: engine.catalog, ports: engine.ports });
  let live: readonly LiveRun[] = [];
  engine.listen((event) => {
    if (isRunEvent(event)) live = foldLive(live, event);
  });
  return makeHost({ engine: () => engine, look, liveRuns: () => live, desktop }, engine.ports.clock);
}

/** The host of a data folder that another engine holds: it answers what can be read beside that, and refuses the rest as `busy`. */
export function hostView(view: EngineView, busy: BackupError): EngineHost {
  const refuse = () => {
    throw busy;
  };
  return makeHost({ engine: refuse, look: () => view, liveRuns: refuse, desktop: noDesktop }, view.ports.clock);
}

function makeHost(parts: Pick<EngineHost, 'engine' | 'look' | 'liveRuns' | 'desktop'>, clock: Clock): EngineHost {
  const startedAtMs = clock.now();
  const underWay = new Set<Promise<unknown>>();
  const attached = new Set<PromiseWithResolvers<void>>();
  const ending = new AbortController();
  let isAtWork = false;
  let issueUrl: (() => string) | null = null;
  return {
    ...parts,
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
    attach: async (gone) => {
      const left = Promise.withResolvers<void>();
      attached.add(left);
      void gone.then(left.resolve);
      await left.promise;
      attached.delete(left);
    },
    isBusy: () => underWay.size + attached.size > 0,
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
      for (;;) {
        while (underWay.size > 0) await Promise.all(underWay);
        if (attached.size === 0) return;
        await allLeft(attached, clock);
        // One that only stays is not waited for; one that has asked for something is.
        if (underWay.size === 0) for (const { resolve } of attached) resolve();
      }
    },
  };
}

/** Resolves when every client has left, or after some seconds. */
async function allLeft(attached: Iterable<PromiseWithResolvers<void>>, clock: Clock): Promise<void> {
  const enough = new AbortController();
  const left = Promise.all([...attached].map(({ promise }) => promise));
  await Promise.race([left, clock.sleep(attachedForMs, enough.signal).catch(() => {})]);
  enough.abort();
}
