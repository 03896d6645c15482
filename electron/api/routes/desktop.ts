import { routes } from '../implement.ts';

/** What the app around the window can do; refused in a browser. */
export const desktopRoutes = {
  info: routes.desktop.info.handler(async ({ context: { host } }) => {
    const { home, ports } = host.engine();
    return { ...(await host.desktop.info()), homeFolder: ports.userHome, logFolder: home.logFolder };
  }),
  choosePath: routes.desktop.choosePath.handler(async ({ context: { host }, input }) => ({ path: await host.desktop.choosePath(input) })),
  reveal: routes.desktop.reveal.handler(async ({ context: { host }, input: { path } }) => {
    await host.desktop.reveal(path);
    return { path };
  }),
  openSystemPage: routes.desktop.openSystemPage.handler(async ({ context: { host }, input: { page } }) => {
    await host.desktop.openSystemPage(page);
    return { page };
  }),
  setLoginItem: routes.desktop.setLoginItem.handler(({ context: { host }, input: { on } }) => host.desktop.setLoginItem(on)),
  checkForUpdate: routes.desktop.checkForUpdate.handler(({ context: { host } }) => host.desktop.checkForUpdate()),
  installUpdate: routes.desktop.installUpdate.handler(({ context: { host } }) => host.desktop.installUpdate()),
};
