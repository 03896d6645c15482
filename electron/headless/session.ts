import { BackupError } from '../domain/errors.ts';
import type { Settings } from '../domain/model.ts';
import { CatalogReader } from '../engine/catalog/catalog-reader.ts';
import { readCatalogDatabase } from '../engine/catalog/database.ts';
import { type Engine, openEngine } from '../engine/engine.ts';
import { type Home, locateHome } from '../engine/home.ts';
import { nodePorts } from '../engine/platform/node-ports.ts';
import type { Ports } from '../engine/ports.ts';
import { readSettings } from '../engine/settings-store.ts';
import { openOutput, type Output, type Streams } from './output.ts';
import { progressView } from './progress-view.ts';
import { program } from './version.ts';

/** What every command has. */
export interface CommonOptions {
  readonly home?: string;
  readonly json?: boolean;
}

/** The world around a command: where it prints, what stops it, and the data folder. */
export interface Session {
  readonly output: Output;
  readonly streams: Streams;
  readonly home: Home;
  readonly ports: Ports;
  /** Fires on the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
}

/** Opens a session and gives it to `work`; resolves to the exit code. */
export async function inSession(options: CommonOptions, work: (session: Session) => Promise<number | undefined>): Promise<number> {
  const streams = { stdout: process.stdout, stderr: process.stderr };
  const stop = new AbortController();
  const onSignal = () => {
    stop.abort(new BackupError('cancelled', 'stopped; nothing half-written was left behind'));
    // A second signal ends the process the ordinary way.
    process.removeListener('SIGINT', onSignal).removeListener('SIGTERM', onSignal);
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    const session = {
      output: openOutput(options.json ?? false, streams),
      streams,
      home: locateHome(options.home, process.env),
      ports: nodePorts(program),
      signal: stop.signal,
    };
    return (await work(session)) ?? 0;
  } finally {
    process.removeListener('SIGINT', onSignal).removeListener('SIGTERM', onSignal);
  }
}

/** Opens the engine for `work` and closes it afterwards. Its notices go to stderr, and so does progress. */
export async function withEngine<T>(session: Session, work: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = await openEngine(session.home, session.ports);
  try {
    for (const notice of engine.notices) session.output.note(`note: ${notice}`);
    if (!session.output.json || session.streams.stderr.isTTY) engine.listen(progressView(session.streams));
    return await work(engine);
  } finally {
    engine.close();
  }
}

/** What can be looked at while another engine is at work. */
export interface View {
  readonly settings: Settings;
  readonly catalog: CatalogReader | null;
}

/** Looks at settings and catalog: through an engine where the folder is free, beside the one that holds it where it is not. */
export async function withView<T>(session: Session, work: (view: View) => Promise<T>): Promise<T> {
  try {
    return await withEngine(session, (engine) => work({ settings: engine.settings.current, catalog: engine.catalog }));
  } catch (error) {
    if (!(error instanceof BackupError) || error.code !== 'home-busy') throw error;
    const database = readCatalogDatabase(session.home.catalogPath);
    const catalog = database && new CatalogReader(database);
    try {
      return await work({ settings: readSettings(session.home.path), catalog });
    } finally {
      catalog?.close();
    }
  }
}
