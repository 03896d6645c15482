import type { EngineHost } from '../api/engine-host.ts';
import { servePort } from '../api/port-handler.ts';
import { appOrigin, pagePortMessage, pagePortWanted } from '../domain/page-port.ts';
import type { ElectronApi, Frame } from './electron-api.ts';

/**
 * Hands a port of its own to every page of ours that asks for one through its preload script, and answers what comes over it. Whoever else
 * asks gets nothing, and is logged: the page is the frame at the top of a window, from our origin.
 */
export function handOutPorts({ ipcMain, MessageChannelMain }: Pick<ElectronApi, 'ipcMain' | 'MessageChannelMain'>, host: EngineHost): void {
  const { log } = host.engine();
  ipcMain.on(pagePortWanted, ({ senderFrame: frame }) => {
    if (frame === null || !isOurPage(frame)) {
      log.warn('somebody who is not our page asked for the engine, and got nothing', { from: frame?.url ?? 'a frame that is gone' });
      return;
    }
    const { port1, port2 } = new MessageChannelMain();
    servePort(host, port1);
    frame.postMessage(pagePortMessage, null, [port2]);
  });
}

function isOurPage({ origin, parent }: Frame): boolean {
  return origin === appOrigin && parent === null;
}
