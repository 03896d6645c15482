import type { LoginItem } from '../domain/desktop.ts';
import { errorFacts } from '../domain/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { EngineView } from './engine-view.ts';
import type { Tray } from './tray.ts';
import { buildTray, type TrayView } from './tray-menu.ts';

export interface TrayKeeperOptions {
  readonly engine: Engine;
  readonly view: EngineView;
  readonly readLoginItem: () => Promise<LoginItem>;
  readonly isQuitting: () => boolean;
}

/** Keeps what the tray shows up to date. */
export interface TrayKeeper {
  /** What is to be shown now. */
  look(): Promise<TrayView>;
  /** Shows what has changed; whoever asks while that is found out is served by one more look. Never throws. */
  refresh(): void;
  /** Shows changes in this tray from now on. */
  showIn(tray: Tray): void;
  /** Looks no more: the engine is about to be closed. */
  stop(): void;
}

/** Makes the keeper of an engine's tray; it shows nothing before it has one. */
export function keepTray({ engine, isQuitting, readLoginItem, view }: TrayKeeperOptions): TrayKeeper {
  const { clock } = engine.ports;
  let tray: Tray | null = null;
  let isStopped = false;
  let isLooking = false;
  let isStale = false;
  const look = async () => {
    const loginItem = await readLoginItem();
    return buildTray({
      health: view.health(),
      jobs: engine.settings.current.jobs,
      live: view.live(),
      loginItem,
      isQuitting: isQuitting(),
      nowMs: clock.now(),
      zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    });
  };
  const lookAndShow = async () => {
    isLooking = true;
    try {
      while (isStale && !isStopped) {
        isStale = false;
        const next = await look();
        if (!isStopped) tray?.show(next);
      }
    } catch (error) {
      // The next change shows it.
      engine.log.warn(`the tray could not be brought up to date: ${errorFacts(error).message}`);
    } finally {
      isLooking = false;
    }
  };
  const refresh = () => {
    isStale = true;
    if (tray !== null && !isLooking && !isStopped) void lookAndShow();
  };
  view.onChange(refresh);
  return {
    look,
    refresh,
    showIn: (open) => {
      tray = open;
    },
    stop: () => {
      isStopped = true;
    },
  };
}
