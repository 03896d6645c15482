import { answerPage, type PageFile, readPageFiles } from '../api/page-files.ts';
import { strictHeaders } from '../api/web-headers.ts';
import { appOrigin } from '../domain/page-port.ts';
import { type PlainPage, plainPageStyle, renderPlainPage } from '../engine/platform/plain-page.ts';
import type { Ids } from '../engine/ports.ts';
import type { ElectronApi } from './electron-api.ts';

const scheme = new URL(appOrigin).protocol.slice(0, -1);

/** Makes `app:` a scheme with origins of its own, as `https:` is. It has to be done before Electron is ready. */
export function registerAppScheme({ protocol }: Pick<ElectronApi, 'protocol'>): void {
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
}

/**
 * Answers `app://nightjar/` with the files of the page, which are read once, each answer under the strict policy and with a nonce of its own.
 * Everything else is answered with 404. Without a folder of the page the window says so.
 */
export async function servePage({ protocol }: Pick<ElectronApi, 'protocol'>, pageFolder: string, ids: Ids): Promise<void> {
  const files = await readPageFiles(pageFolder).catch((): ReadonlyMap<string, PageFile> => new Map());
  protocol.handle(scheme, async ({ method, url }) => {
    const { host, pathname } = new URL(url);
    const file = `${scheme}://${host}` === appOrigin && method === 'GET' ? files.get(pathname) : undefined;
    if (file === undefined) return refuse(pathname === '/' ? withoutPage : unknown);
    const { body, headers } = answerPage(file, ids.secret());
    return new Response(new Uint8Array(body), { status: 200, headers: [...headers] });
  });
}

const unknown: PlainPage = { status: 404, title: 'There is nothing here', text: 'Nightjar has no page at this address.' };
const withoutPage: PlainPage = {
  status: 404,
  title: 'Nightjar is at work',
  text: 'Its page was not built: run npm run build, then start Nightjar again.',
};

function refuse(page: PlainPage): Response {
  const headers = strictHeaders(plainPageStyle).set('Content-Type', 'text/html; charset=utf-8');
  return new Response(renderPlainPage(page), { status: page.status, headers: [...headers] });
}
