import { appOrigin } from '../domain/page-port.ts';
import { isSafeUrl } from '../domain/safe-url.ts';
import type { Log, Ports } from '../engine/ports.ts';
import type { ElectronApi, Preventable } from './electron-api.ts';

/** What the page may do that Chromium asks about: to copy a text. */
const allowedPermissions: ReadonlySet<string> = new Set(['clipboard-sanitized-write']);

/**
 * Keeps every window on our page: it goes nowhere else, opens no other window and no web view. A link out of it opens in the person's own
 * browser, where it is safe.
 */
export function guardContents({ app }: Pick<ElectronApi, 'app'>, openUrl: Ports['openUrl'], log: () => Pick<Log, 'warn'> | null): void {
  app.on('web-contents-created', (_, contents) => {
    const refuse = (what: string) => (event: Preventable) => {
      event.preventDefault();
      log()?.warn(`the window was kept from ${what}`);
    };
    contents.on('will-navigate', refuse('leaving its page'));
    contents.on('will-frame-navigate', refuse('leaving its page'));
    contents.on('will-redirect', refuse('being led elsewhere'));
    contents.on('will-attach-webview', refuse('holding another page'));
    contents.setWindowOpenHandler(({ url }) => {
      if (isSafeUrl(url)) void openUrl(url);
      else log()?.warn('the window was kept from opening an address that is not safe');
      return { action: 'deny' };
    });
  });
}

/** Grants the page nothing but to copy a text, and anybody else nothing at all. */
export function denyPermissions({ session }: Pick<ElectronApi, 'session'>): void {
  const isGranted = (permission: string, origin: string | undefined) => allowedPermissions.has(permission) && origin === appOrigin;
  session.defaultSession.setPermissionRequestHandler((_, permission, answer, { requestingUrl }) => {
    const { host, protocol } = URL.parse(requestingUrl) ?? {};
    answer(isGranted(permission, `${protocol}//${host}`));
  });
  session.defaultSession.setPermissionCheckHandler((_, permission, origin) => isGranted(permission, origin.replace(/\/$/, '')));
}
