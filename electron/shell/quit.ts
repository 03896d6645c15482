import { tellFromEcho } from '../engine/platform/ctrl-c.ts';
import type { Clock } from '../engine/ports.ts';
import type { ElectronApi } from './electron-api.ts';

export interface QuitOptions {
  readonly clock: Clock;
  /** Ends everything at its next safe point. */
  readonly end: () => Promise<void>;
  /** Called when somebody has asked to quit, and it has to wait. */
  readonly onWaiting: () => void;
  /** Called when the app is about to end for good: windows may close. */
  readonly onEnd: () => void;
}

/** The end of the app. */
export interface Quit {
  readonly isUnderWay: boolean;
  /** Ends everything, and lets whatever comes then end the app unhindered; for an update. Resolves when nothing is under way any more. */
  endOnly(): Promise<void>;
}

/**
 * Lets the app quit at a safe point only: whoever asks first has everything ended and waited for; whoever asks again while that lasts ends it at
 * once, which a crash would do as well.
 */
export function quitSafely({ app }: Pick<ElectronApi, 'app'>, { clock, end, onEnd, onWaiting }: QuitOptions): Quit {
  let ending: Promise<void> | null = null;
  const isWish = tellFromEcho(clock);
  let isOver = false;
  const endOnly = () => {
    ending ??= end()
      // Whatever could not be ended in order: staying would be worse.
      .catch(() => {})
      .then(() => {
        isOver = true;
        onEnd();
      });
    return ending;
  };
  app.on('before-quit', (event) => {
    if (isOver) return;
    event.preventDefault();
    if (!isWish()) return;
    if (ending !== null) {
      app.exit(0);
      return;
    }
    void endOnly().then(() => app.quit());
    onWaiting();
  });
  return {
    get isUnderWay() {
      return ending !== null;
    },
    endOnly,
  };
}
