import { nameSchema, sameName } from './model.ts';

/** A database that was found on this machine, or that a person has named. */
export interface FoundDatabase {
  readonly path: string;
  /** A name for its job that is not taken. */
  readonly name: string;
  /** With its write-ahead log. */
  readonly bytes: number;
  /** When it, or its write-ahead log, was written last. */
  readonly lastWriteMs: number;
  readonly journalMode: 'wal' | 'rollback';
  /** True where another program has it open now; `null` where the system cannot tell. */
  readonly isInUse: boolean | null;
  /** The job that backs it up already; `null` where there is none. */
  readonly job: string | null;
}

/** A git repository that was found on this machine, or that a person has named. */
export interface FoundStore {
  readonly path: string;
  readonly name: string;
  readonly branch: string | null;
  /** The remote's address without credentials; `null` where there is none. */
  readonly remote: string | null;
  readonly job: string | null;
}

/** What lies in the usual places. */
export interface FoundSources {
  readonly databases: readonly FoundDatabase[];
  readonly stores: readonly FoundStore[];
}

/** What a path turned out to be. */
export type SourceReport =
  | ({ readonly kind: 'sqlite' } & FoundDatabase)
  | ({ readonly kind: 'git' } & FoundStore)
  | { readonly kind: 'none'; readonly path: string; readonly message: string };

/** How a path that a person types may go on. */
export interface PathSuggestion {
  readonly path: string;
  readonly isFolder: boolean;
}

/** So many of each kind are worth a look. */
const maxFound = 30;

/** A database that is smaller is hardly one that somebody would miss. */
export const smallestBytes = 64 * 1024;

const dayMs = 86_400_000;

/** Spans since the last write within which databases are alike. */
const ageSteps = [dayMs, 7 * dayMs, 30 * dayMs, 365 * dayMs];

/** The databases that are most likely meant, the likeliest first: those that were written lately, and among them the largest. Pure. */
export function rankDatabases<D extends Pick<FoundDatabase, 'bytes' | 'lastWriteMs' | 'path'>>(
  databases: readonly D[],
  nowMs: number,
): D[] {
  const age = ({ lastWriteMs }: D) => ageSteps.filter((stepMs) => nowMs - lastWriteMs > stepMs).length;
  return databases.toSorted((a, b) => age(a) - age(b) || b.bytes - a.bytes || a.path.localeCompare(b.path)).slice(0, maxFound);
}

/** The repositories that were worked in last, the latest first. Pure. */
export function rankStores<S extends { readonly lastWriteMs: number; readonly path: string }>(stores: readonly S[]): S[] {
  return stores.toSorted((a, b) => b.lastWriteMs - a.lastWriteMs || a.path.localeCompare(b.path)).slice(0, maxFound);
}

/** Names of files that say nothing of what is in them: the folder around them does. */
const plainNames: ReadonlySet<string> = new Set([
  'app',
  'data',
  'database',
  'db',
  'default',
  'index',
  'main',
  'sqlite',
  'storage',
  'store',
]);

/** A name for the job of a source that none of the others has, whatever its case. Pure. */
export function nameForSource(path: string, taken: readonly string[]): string {
  const parts = path.split(/[\\/]/).filter((part) => part !== '');
  const stem = parts.at(-1)?.replace(/\.[A-Za-z0-9]{1,8}$/, '') ?? '';
  const [name = 'backup'] = [plainNames.has(stem.toLowerCase()) ? parts.at(-2) : undefined, stem, parts.at(-1)].flatMap(toName);
  return [name, ...numbered(name, taken.length)].find((each) => !taken.some((other) => sameName(other, each))) ?? name;
}

function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name.slice(0, 58)}-${index + 2}`);
}

function toName(text: string | undefined): string | [] {
  const name = (text ?? '')
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[._-]+/, '')
    .slice(0, 60)
    .replace(/[._-]+$/, '');
  return nameSchema.safeParse(name).success ? name : [];
}

/** Folders in which nothing lies that a person would miss, or that other programs keep for themselves. */
const skippedFolders: ReadonlySet<string> = new Set(
  [
    ...['node_modules', 'bower_components', 'site-packages', '__pycache__', 'venv', '.venv', '.tox', '.git', '.hg', '.svn'],
    ...['.npm', '.nvm', '.yarn', '.pnpm-store', '.cargo', '.rustup', '.gradle', '.m2', '.ivy2', '.pyenv', '.rbenv', '.docker', '.vscode'],
    ...['.trash', 'trash', '$recycle.bin', 'tmp', 'temp', 'logs', 'crashpad', 'crash reports', 'crashreporter', 'caches', '.thumbnails'],
    ...[
      'chrome',
      'google-chrome',
      'chromium',
      'bravesoftware',
      'firefox',
      'mozilla',
      '.mozilla',
      'safari',
      'vivaldi',
      'opera',
      'librewolf',
    ],
    ...['microsoft edge', 'microsoft-edge', 'edge', 'arc', 'com.operasoftware.opera', 'tor browser', 'waterfox', 'thunderbird'],
    ...['indexeddb', 'local storage', 'session storage', 'service worker', 'blob_storage', 'webstorage', 'partitions', 'shared dictionary'],
    ...['knowledge', 'mobilesync', 'clouddocs', 'fileprovider', 'addressbook', 'callhistorydb', 'syncservices', 'photoslibrary'],
  ].map((name) => name.toLowerCase()),
);

/** True for the name of a folder that is not searched. */
export function isSkippedFolder(name: string): boolean {
  const lower = name.toLowerCase();
  return (
    skippedFolders.has(lower) ||
    /cache|^com\.apple\.|\.(?:app|bundle|framework|noindex|photoslibrary|xcodeproj)$|\.before-restore-|^\.nightjar-/.test(lower)
  );
}

/** What a browser inside of another program keeps. */
const browserFiles: ReadonlySet<string> = new Set(
  ['Cookies', 'DIPS', 'Favicons', 'History', 'Login Data', 'QuotaManager', 'SharedStorage', 'Top Sites', 'Trust Tokens', 'Web Data'].map(
    (name) => name.toLowerCase(),
  ),
);

/** True for the name of a file that is not looked into: what SQLite keeps beside a database is none. */
export function isSkippedFile(name: string): boolean {
  return /-(?:wal|shm|journal)$/.test(name) || browserFiles.has(name.toLowerCase());
}
