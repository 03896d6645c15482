import type { Volume } from '../domain/disk-guard.ts';
import type { Power } from '../domain/job-rules.ts';

/** Time, injected: nothing else in the engine reads a clock or waits. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason when that comes first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `act` every `ms` until the returned function is called; does not keep the process alive. */
  every(ms: number, act: () => void): () => void;
}

/** Chance, injected. */
export interface Ids {
  /** A new identifier such as `run-8f3k2m9qxa`, never given twice. */
  make(kind: 'run' | 'snap' | 'restore' | 'dest' | 'part'): string;
  /** A number from 0 up to but not including 1, for the jitter of waits. */
  fraction(): number;
  /** 32 bytes that nobody can guess, as base64url: 43 characters. */
  secret(): string;
}

/**
 * Keeps secrets: OAuth clients, tokens, upload sessions. Every implementation guarantees, and `tests/contract/secret-store.contract.ts`
 * proves, that a value is back after a restart of the program, that a crash leaves the former or the new value, and that no other user
 * can read it. Throws `home-unusable`, `disk-full`, and `sign-in-missing` for a value that is kept and that only another program can read.
 */
export interface SecretStore {
  /** `null` where nothing is kept under the key. */
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<void>;
  /** A missing key is no error. */
  remove(key: string): Promise<void>;
}

export interface DiskSpace {
  /** The volume that holds `path` or, where that does not exist yet, its nearest existing parent. Throws where none can be read. */
  of(path: string): Promise<Volume>;
}

/** One child process. What it was asked dies with it: `kill` ends it at once, also inside a blocking call. */
export interface Worker {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once, when the process has ended for whatever reason; `note` says how. */
  onExit(listener: (note: string) => void): void;
  kill(): void;
}

/** Starts worker processes: `child_process.fork` in Node, a utility process under Electron. */
export interface WorkerHost {
  start(entry: URL): Worker;
}

/** A process that has a file open. */
export interface OpenHandle {
  readonly pid: number;
  readonly command: string;
}

export interface OpenHandles {
  /** Other processes that have any of the paths open; `null` where the platform cannot tell. */
  of(paths: readonly string[]): Promise<readonly OpenHandle[] | null>;
  /** Those of the paths that other processes have open; `null` where the platform cannot tell. */
  among(paths: readonly string[]): Promise<ReadonlySet<string> | null>;
}

export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Where the settings file of a data folder is, as conf's and electron-store's constructors take it. */
export interface SettingsFileOptions {
  readonly cwd: string;
  readonly configName: string;
  readonly configFileMode: number;
  readonly clearInvalidConfig: boolean;
  readonly serialize: (value: unknown) => string;
}

/** The settings file; what is assigned to `store` is on the disk in one rename when the assignment is over. */
export interface SettingsFile {
  store: Record<string, unknown>;
}

/** Everything that the engine takes from outside. A shell supplies it; tests replace what they need to. */
export interface Ports {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly disk: DiskSpace;
  readonly workers: WorkerHost;
  readonly handles: OpenHandles;
  /** The secrets of a data folder. */
  readonly secrets: (folder: string) => SecretStore;
  readonly settingsFile: (options: SettingsFileOptions) => SettingsFile;
  /** How long a remote service may take before it is given up, in milliseconds; bytes on the way get time of their own. */
  readonly answerWithinMs: number;
  /** Where the machine's power comes from; `null` where the platform cannot tell. */
  readonly power: () => Promise<Power | null>;
  /** True where the host of an address takes connections; false also where nothing answers within a few seconds. */
  readonly reaches: (url: string, signal: AbortSignal) => Promise<boolean>;
  /** Opens an address in the person's own browser; resolves to false where there is none to open. */
  readonly openUrl: (url: string) => Promise<boolean>;
  /** The environment that git commands start from. */
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  /** The home folder of the person whose programs these are. */
  readonly userHome: string;
  /** The machine's name, kept in manifests. */
  readonly host: string;
  /** `nightjar 1.2.3`, kept in manifests. */
  readonly program: string;
}
