import { initial } from './0010-initial.ts';
import { remote } from './0020-remote.ts';
import { git } from './0030-git.ts';
import { ledger } from './0040-ledger.ts';
import { evidence } from './0050-evidence.ts';
import { runIndexes } from './0060-run-indexes.ts';

/** Every migration in its order; the version it leads to is stored as `user_version`. Steps of ten leave room between branches. */
export const migrations: readonly { readonly version: number; readonly sql: string }[] = [
  { version: 10, sql: initial },
  { version: 20, sql: remote },
  { version: 30, sql: git },
  { version: 40, sql: ledger },
  { version: 50, sql: evidence },
  { version: 60, sql: runIndexes },
];
