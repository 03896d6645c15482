import type { EngineEvent } from '../domain/engine-event.ts';
import type { NotificationKind } from '../domain/notifications.ts';
import type { Engine } from '../engine/engine.ts';
import type { AppNotification, ElectronApi } from './electron-api.ts';
import { routes } from './routes.ts';

const titles: Readonly<Record<NotificationKind, string>> = {
  'drill-failed': 'cannot be brought back',
  damaged: 'a snapshot is damaged',
  shrunk: 'has shrunk',
  'sign-in': 'sign in again',
  stale: 'is not backed up',
  failed: 'was not backed up',
  recovered: 'is well again',
};

/** So many can still be clicked. */
const mostShown = 50;

/** Shows a person something that they did not ask for; a click goes to `route`. */
export interface Notifier {
  show(title: string, body: string, route: string): void;
}

/** The notifications of the system, where a person wants any. */
export function systemNotifier(
  { Notification }: Pick<ElectronApi, 'Notification'>,
  engine: Engine,
  open: (route: string) => void,
): Notifier {
  // What nobody refers to is collected, and its click with it. Not every system says when one is closed, so only the last stay.
  const shown = new Set<AppNotification>();
  return {
    show: (title, body, route) => {
      if (!engine.settings.current.preferences.notifications || !Notification.isSupported()) return;
      const notification = new Notification({ title, body });
      shown.add(notification);
      for (const oldest of [...shown].slice(0, -mostShown)) shown.delete(oldest);
      notification.on('close', () => shown.delete(notification));
      notification.on('click', () => {
        shown.delete(notification);
        open(route);
      });
      notification.show();
    },
  };
}

/** Shows what the engine says a person should learn of. */
export function notifyOf(engine: Engine, notifier: Notifier): void {
  engine.listen((event: EngineEvent) => {
    if (event.type === 'notification') {
      const route = event.runId === undefined ? routes.overview : routes.run(event.runId);
      notifier.show(`${event.job} ${titles[event.kind]}`, event.message, route);
    } else if (event.type === 'settings-refused') {
      notifier.show('The settings file was put back', event.reason, routes.settings);
    }
  });
}
