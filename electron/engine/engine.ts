import type { EngineEvent } from '../domain/engine-event.ts';
import { errorFacts } from '../domain/errors.ts';
import type { SqliteJob } from '../domain/model.ts';
import { Catalog, type RunEnd } from './catalog/catalog.ts';
import { openCatalogDatabase } from './catalog/database.ts';
import type { GitMemory } from './catalog/git-memory.ts';
import type { LedgerMemory } from './catalog/ledger-memory.ts';
import type { Destination } from './destinations/destination.ts';
import { openDestination } from './destinations/open-destination.ts';
import { type Home, makeHome, sweepStaging, tightenHome } from './home.ts';
import { sweepPages } from './operations/base.ts';
import { sweepOutbox } from './operations/outbox.ts';
import { reconcileAll } from './operations/reconcile.ts';
import { recoverRestores } from './operations/recover-restores.ts';
import { sweepRunLogs } from './operations/sweep-run-logs.ts';
import { translateHomeError, withHomeErrors } from './platform/home-errors.ts';
import { lockHome } from './platform/lock.ts';
import { openLog } from './platform/log.ts';
import { makeTurns, type Turns } from './platform/turns.ts';
import type { Log, Ports, SecretStore } from './ports.ts';
import { RunQueue } from './schedule/run-queue.ts';
import { SettingsStore } from './settings-store.ts';

/** What every operation of an open engine works with. */
export interface Engine {
  readonly home: Home;
  readonly ports: Ports;
  readonly settings: SettingsStore;
  readonly catalog: Catalog;
  readonly secrets: SecretStore;
  readonly log: Log;
  /** What was noticed while the engine opened, for people. */
  readonly notices: readonly string[];
  /** Tells everybody who listens what happens; a listener that throws is logged, and harms nobody. */
  emit(event: EngineEvent): void;
  /** Calls `listener` with every event until the returned function is called. */
  listen(listener: (event: EngineEvent) => void): () => void;
  /**
   * The destination of this name, or the folder of this absolute path; `signal` ends whatever it does over a network, and the rules of
   * `job` bound it. Throws `destination-unknown`.
   */
  destination(name: string, signal?: AbortSignal, job?: SqliteJob): Destination;
  /** The durable queue of a git job. */
  queue(job: string): GitMemory;
  /** The ledger of a job: when it was due, and what became of it. */
  ledger(job: string): LedgerMemory;
  /** Lets pieces of work on one repository take turns: never two git operations in it at the same time (S2-16). */
  readonly turns: Turns;
  /** Lets runs of jobs that share nothing go on at the same time. */
  readonly runs: RunQueue;
  /** What ends each run that is under way, by its id. */
  readonly cancels: Map<string, (reason: Error) => void>;
  /** How runs have ended whose end the catalog has not taken yet, by their ids; `settleRuns` writes it down. */
  readonly unsettled: Map<string, RunEnd>;
  close(): void;
}

/**
 * Opens the one engine of a data folder: takes its lock, opens settings and catalog, and puts in order what a crash left behind.
 * Throws `home-busy`, `home-unusable`, `settings-invalid`, `catalog-newer`.
 */
export async function openEngine(home: Home, ports: Ports): Promise<Engine> {
  makeHome(home);
  const lock = lockHome(home.path);
  const log = openLog(home.logFolder);
  try {
    const notices: string[] = [];
    const notice = (message: string) => {
      notices.push(message);
      log.warn(message);
    };
    const settings = SettingsStore.open(home.path, ports, notice);
    const opened = openCatalogDatabase(
      home.catalogPath,
      ports.clock.now(),
      settings.current.destinations.map(({ name }) => name),
    );
    const catalog = withHomeErrors(new Catalog(opened.database), home.path);
    const listeners = new Set<(event: EngineEvent) => void>();
    const secrets = ports.secrets(home.path);
    const memoryOf = (destination: string) => withHomeErrors(catalog.remote(destination), home.path);
    const engine: Engine = {
      home,
      ports,
      settings,
      catalog,
      secrets,
      log,
      notices,
      emit: (event) => {
        for (const listener of listeners) {
          try {
            listener(event);
          } catch (error) {
            // Whoever listens has no say in what it is told of.
            log.error(`what listens to ${event.type} failed: ${errorFacts(error).message}`, {
              stack: error instanceof Error ? error.stack : undefined,
            });
          }
        }
      },
      listen: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      destination: (name, signal, job) =>
        openDestination(name, { catalog, job, log, memoryOf, ports, secrets, settings: settings.current, signal }),
      queue: (job) => withHomeErrors(catalog.git(job), home.path),
      ledger: (job) => withHomeErrors(catalog.ledger(job), home.path),
      turns: makeTurns(),
      runs: new RunQueue(),
      cancels: new Map(),
      unsettled: new Map(),
      close: () => {
        catalog.close();
        log.close();
        lock.release();
      },
    };
    settings.afterChange(() => engine.emit({ type: 'settings-changed', atMs: ports.clock.now() }));
    await putInOrder(engine, opened.setAside, notice);
    return engine;
  } catch (error) {
    log.close();
    lock.release();
    throw translateHomeError(error, home.path);
  }
}

async function putInOrder(engine: Engine, setAside: string | undefined, notice: (message: string) => void): Promise<void> {
  await tightenHome(engine.home);
  await sweepStaging(engine.home);
  await sweepOutbox(engine);
  await sweepPages(engine);
  await sweepRunLogs(engine.home.logFolder);
  const interrupted = engine.catalog.interruptRunning(engine.ports.clock.now());
  for (const id of interrupted) notice(`run ${id} was interrupted: the program or the machine stopped in the middle of it`);
  engine.catalog.requeueRunning();
  for (const message of await recoverRestores(engine)) notice(message);
  if (setAside !== undefined) notice(`the catalog was damaged; it was set aside as ${setAside} and is made anew from the destinations`);
  for (const message of await reconcileAll(engine, engine.catalog.unreadDestinations())) notice(message);
}
