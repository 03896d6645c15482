import { ipcRenderer } from 'electron';
import { appOrigin, pagePortMessage, pagePortWanted } from './domain/page-port.ts';

/** The page's window, as this script needs it; its other globals are not for here. */
declare const window: {
  addEventListener(type: 'message', listener: (event: Pick<MessageEvent, 'data'> & { origin: string; source: unknown }) => void): void;
  postMessage(message: string, origin: string, ports: readonly unknown[]): void;
};

// All that the page gets of the app is a port to its engine, and that it has to ask for.
window.addEventListener('message', ({ data, origin, source }) => {
  if (source === window && origin === appOrigin && data === pagePortWanted) ipcRenderer.postMessage(pagePortWanted, null);
});
ipcRenderer.on(pagePortMessage, ({ ports }) => window.postMessage(pagePortMessage, appOrigin, [...ports]));
