import { type FSWatcher, watch } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { errorFacts } from '../domain/errors.ts';
import { judgeEdit } from '../domain/settings-edit.ts';
import type { Engine } from './engine.ts';
import { adaptQueues } from './operations/adapt-queue.ts';
import { forgetRemoved } from './operations/forget-job.ts';
import { type SettingsText, settingsFileName } from './settings-store.ts';

/** A file that was not changed for this long is a finished save. */
const quietMs = 500;
/** What looks like the half of a save gets this long to become a whole one. */
const doubtMs = 5000;
/** A file system may not tell that a file has changed; then it is looked at this often. */
const lookEveryMs = 60_000;

export interface SettingsWatch {
  /** Ends the watch. May be called twice. */
  close(): void;
}

/**
 * Takes in what a person does to the settings file while the engine is at work. What is valid is in force at once, told as
 * `settings-changed`, and followed by `onTakenIn`, which must not throw. What is not is set aside, told once as `settings-refused` with the reason, and the settings in force are put back into
 * the file. Our own changes are none of its business. Does not keep the process alive by itself where the folder cannot be watched.
 */
export function watchSettings(engine: Engine, onTakenIn: () => void): SettingsWatch {
  const { clock } = engine.ports;
  const { settings } = engine;
  const closing = new AbortController();
  let isStirred = false;
  let isSettling = false;
  let isUnreadable = false;

  const settle = async () => {
    let waitMs = quietMs;
    for (;;) {
      isStirred = false;
      await clock.sleep(waitMs, closing.signal);
      const edit = settings.findEdit();
      if (edit === null) return;
      const isInDoubt = waitMs === quietMs && isUnfinished(engine, edit);
      if (!isStirred && !isInDoubt) return takeIn(engine, edit, onTakenIn);
      waitMs = isStirred ? quietMs : doubtMs;
    }
  };
  const stir = () => {
    isStirred = true;
    if (isSettling || closing.signal.aborted) return;
    isSettling = true;
    settle()
      .catch((error: unknown) => {
        // The next notice, or the next look, tries it again.
        if (!closing.signal.aborted) engine.log.error(`the settings file could not be taken in: ${errorFacts(error).message}`);
      })
      .finally(() => {
        isSettling = false;
      });
  };
  const lookAgain = () => {
    try {
      if (settings.findEdit() !== null) stir();
      isUnreadable = false;
    } catch (error) {
      // The next look tries it again; until then the settings in force stay so.
      if (!isUnreadable) engine.log.error(`the settings file cannot be read: ${errorFacts(error).message}`);
      isUnreadable = true;
    }
  };

  settings.beforeChange(() => {
    const edit = settings.findEdit();
    if (edit !== null) takeIn(engine, edit, onTakenIn);
  });
  const watcher = watchFile(engine, stir);
  const stopLooking = clock.every(lookEveryMs, lookAgain);
  // What was changed before the watch was in place.
  lookAgain();
  return {
    close: () => {
      closing.abort();
      stopLooking();
      watcher?.close();
      settings.beforeChange(() => {});
    },
  };
}

/** The folder and not the file: many editors put another file under its name. */
function watchFile({ home, log }: Engine, stir: () => void): FSWatcher | null {
  const complain = (error: unknown) =>
    log.warn(`changes of ${settingsFileName} are noticed late: ${errorFacts(error).message}`, { folder: home.path });
  try {
    const watcher = watch(home.path, (_, name) => {
      if (name === null || name === settingsFileName) stir();
    });
    return watcher.on('error', complain);
  } catch (error) {
    complain(error);
    return null;
  }
}

function isUnfinished({ ports, settings }: Engine, { text }: SettingsText): boolean {
  const verdict = judgeEdit(settings.current, text, ports.clock.now());
  return verdict.kind === 'refused' && verdict.isUnfinished;
}

function takeIn(engine: Engine, edit: SettingsText, onTakenIn: () => void): void {
  const { log, ports, settings } = engine;
  const atMs = ports.clock.now();
  const before = settings.current;
  const verdict = judgeEdit(before, edit.text, atMs);
  if (verdict.kind === 'refused') {
    const setAside = settings.refuseEdit(edit, atMs);
    const kept = setAside === null ? 'it was put back' : `it was set aside as ${setAside}`;
    const reason = `${verdict.reason}; ${kept}, and the last good settings stay in force`;
    log.warn(reason);
    engine.emit({ type: 'settings-refused', reason, setAside, atMs });
    return;
  }
  adaptQueues(engine, before, verdict.settings);
  settings.acceptEdit(verdict.settings, edit.text);
  if (isDeepStrictEqual(before, verdict.settings)) return;
  log.info('the settings file was changed by hand, and is in force');
  engine.emit({ type: 'settings-changed', atMs });
  onTakenIn();
  forgetRemoved(engine, before, verdict.settings);
}
