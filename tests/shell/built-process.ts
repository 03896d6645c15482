import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import type { MessagePort } from 'node:worker_threads';
import type { EngineClient } from '../../electron/api/client.ts';
import { appOrigin } from '../../electron/domain/page-port.ts';
import { FakeFrame } from '../support/electron/ports.ts';
import { FakeElectron } from '../support/fake-electron.ts';

/** What the built app has done, for the test that started this process: `node built-process.ts OUT CLIENT TARGET`. */
export interface BuiltReport {
  readonly calls: readonly string[];
  readonly nativeModules: readonly string[];
  readonly trayLabels: readonly string[];
  readonly pictures: readonly string[];
  readonly window: { readonly urls: readonly string[]; readonly preload: string };
  readonly files: readonly { readonly path: string; readonly status: number; readonly policy: string; readonly bytes: number }[];
  readonly preloadGlobals: readonly string[];
  readonly events: readonly string[];
  readonly percents: readonly number[];
  readonly snapshots: readonly string[];
  readonly workers: readonly string[];
  readonly exitCode: number;
}

const [, , out = '', pageClient = '', target = ''] = process.argv;
const electron = new FakeElectron();
playElectron(electron);
electron.app.ready.resolve();

await import(pathToFileURL(join(out, 'main/index.js')).href);
while (electron.windows.length === 0) await new Promise((resolve) => setImmediate(resolve));
const [window] = electron.windows;
const preload = String(window?.options.webPreferences?.preload);
const files = await loadPage();
const { client, preloadGlobals } = await connectThroughPreload(preload);
const events: string[] = [];
const percents: number[] = [];
for await (const event of await client.jobs.backup({ job: 'notes' })) {
  events.push(event.type);
  if (event.type === 'step-progress') percents.push(Math.round((event.doneBytes * 100) / event.totalBytes));
}
for await (const _ of await client.restores.toFile({ snapshot: 'notes@latest', target }));
const snapshots = (await client.snapshots.list({})).map(({ job }) => job);
await electron.tray.shows((tray) => tray.toolTip.includes('All good'));
electron.app.quit();
const exitCode = await electron.app.ended.promise;

const report: BuiltReport = {
  calls: electron.calls,
  nativeModules: (process.report.getReport() as { sharedObjects: string[] }).sharedObjects.filter((path) => path.endsWith('.node')),
  trayLabels: electron.tray.labels(),
  pictures: electron.tray.images,
  window: { urls: window?.urls ?? [], preload },
  files,
  preloadGlobals,
  events,
  percents,
  snapshots,
  workers: electron.workers,
  exitCode,
};
process.send?.(report, () => process.exit(0));

/** Lets every `import` and `require` of Electron find the one that is played. */
function playElectron(fake: FakeElectron): void {
  const names = Object.keys(fake).filter((name) => /^[A-Za-z]+$/.test(name));
  Object.assign(globalThis, { playedElectron: fake });
  const source = `export default playedElectron; export const { ${names.join(', ')} } = playedElectron;`;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'electron' ? { url: 'played:electron', format: 'module', shortCircuit: true } : next(specifier, context),
    load: (url, context, next) => (url === 'played:electron' ? { format: 'module', source, shortCircuit: true } : next(url, context)),
  });
}

/** Asks for the page, and for every file that it and its files refer to. */
async function loadPage(): Promise<BuiltReport['files']> {
  const wanted = ['/'];
  const loaded = [];
  for (const path of wanted) {
    const answer = await electron.fetch(`app://nightjar${path}`);
    const text = await answer.text();
    loaded.push({ path, status: answer.status, policy: answer.headers.get('content-security-policy') ?? '', bytes: text.length });
    // The page is one of two builds: of its own, or beside the app, where its files refer to each other from where they are.
    const found = [...text.matchAll(/["']((?:\.?\/)?(?:assets\/)?[\w-]+\.(?:js|css|svg|png|woff2))["']/g)].map(
      ([, name = '']) => new URL(name, name.startsWith('assets/') ? 'app://nightjar/' : `app://nightjar${path}`).pathname,
    );
    wanted.push(...new Set(found.filter((each) => !wanted.includes(each))));
  }
  return loaded;
}

/** Runs the preload script with nothing but what a sandboxed one has, and beside it the page's own client, as it is built. */
async function connectThroughPreload(path: string): Promise<{ client: EngineClient; preloadGlobals: string[] }> {
  const frame = new FakeFrame(`${appOrigin}/`);
  const heard = new Map<string, (event: { ports: readonly MessagePort[] }) => void>();
  const listeners = new Set<(event: object) => void>();
  const page = {
    addEventListener: (_: 'message', listener: (event: object) => void) => void listeners.add(listener),
    postMessage: (data: unknown, origin: string, ports: readonly MessagePort[] = []) => {
      if (origin !== appOrigin) throw new Error(`a message went to ${origin}`);
      for (const listener of [...listeners]) listener({ data, origin, source: page, ports });
    },
  };
  const ipcRenderer = {
    on: (channel: string, listener: (event: { ports: readonly MessagePort[] }) => void) => heard.set(channel, listener),
    postMessage: (channel: string) => electron.sendFromPreload(channel, frame),
  };
  frame.onMessage = ({ channel, ports }) => heard.get(channel)?.({ ports });
  const require = (name: string) => {
    if (name === 'electron') return { ipcRenderer };
    throw new Error(`the preload script wants ${name}`);
  };
  const bare = createContext({ window: page, require, module: { exports: {} }, exports: {} });
  runInContext(readFileSync(path, 'utf8'), bare);
  const preloadGlobals = Object.keys(page).concat(Object.keys(bare.module.exports));
  const removeEventListener = (_: 'message', listener: (event: object) => void) => void listeners.delete(listener);
  Object.assign(globalThis, { ...page, removeEventListener, window: page, location: { origin: appOrigin } });
  const { client } = (await import(pathToFileURL(pageClient).href)) as { client: EngineClient };
  return { client, preloadGlobals };
}
