import type { EngineClient } from '../api/client.ts';
import type { Desktop } from '../api/desktop.ts';
import { errorFacts } from '../domain/errors.ts';
import type { Notifier } from './notifications.ts';
import { routes } from './routes.ts';
import type { TrayAction } from './tray-menu.ts';

export interface TrayActors {
  readonly client: EngineClient;
  readonly desktop: Desktop;
  readonly notifier: Notifier;
  readonly openWindow: (route: string | undefined) => void;
  readonly quit: () => void;
  /** Called when something was done. */
  readonly onDone: () => void;
}

/** Does what somebody chooses in the tray; what cannot be done is told. */
export function trayActor(actors: TrayActors): (action: TrayAction) => void {
  const perform = async (action: TrayAction) => {
    try {
      await act(actors, action);
    } catch (error) {
      const { hint, message } = errorFacts(error);
      actors.notifier.show('That could not be done', hint === undefined ? message : `${message}: ${hint}`, routes.overview);
    }
    actors.onDone();
  };
  return (action) => void perform(action);
}

async function act({ client, desktop, openWindow, quit }: TrayActors, action: TrayAction): Promise<void> {
  switch (action.kind) {
    case 'open':
      return openWindow(action.route);
    case 'back-up':
      return backUp(client, action.job);
    case 'cancel':
      await client.runs.cancel({ run: action.run });
      return;
    case 'pause': {
      const until = action.until === null ? {} : { until: action.until };
      for (const job of action.jobs) await client.jobs.pause({ job, ...until });
      return;
    }
    case 'resume':
      for (const job of action.jobs) await client.jobs.resume({ job });
      return;
    case 'start-at-login':
      await desktop.setLoginItem(action.on);
      return;
    case 'open-login-items':
      return desktop.openSystemPage('login-items');
    case 'quit':
      return quit();
  }
}

/** Backs a job up to the end. Its failure is in the history, and told from there. */
async function backUp(client: EngineClient, job: string): Promise<void> {
  const events = await client.jobs.backup({ job, trigger: 'manual' });
  let hasBegun = false;
  try {
    for await (const event of events) hasBegun ||= event.type === 'run-started';
  } catch (error) {
    if (!hasBegun) throw error;
  }
}
