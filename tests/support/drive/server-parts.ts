import type { Faults } from './faults.ts';
import type { FileTree } from './file-tree.ts';
import type { OAuth } from './oauth.ts';
import type { RequestLog } from './request-log.ts';
import type { Sessions } from './resumable.ts';
import type { ServerState } from './server-state.ts';

/** What can be set while the server runs and is not kept. */
export interface Settings {
  readonly keepPartialChunks: boolean;
  readonly sessionLifeSeconds: number;
  isApiDisabled: boolean;
  dateSkewMs: number;
}

/** What the routes work with. */
export interface ServerParts {
  readonly url: string;
  readonly state: ServerState;
  readonly tree: FileTree;
  readonly oauth: OAuth;
  readonly sessions: Sessions;
  readonly faults: Faults;
  readonly log: RequestLog;
  readonly settings: Settings;
  /** Files that listings do not show yet, with how many more that holds for; `null` is all of them. */
  readonly hidden: Map<string, number | null>;
}
