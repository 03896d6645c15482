import { itemStates } from '../../../domain/git-item.ts';

const oneOf = (values: readonly string[]) => values.map((value) => `'${value}'`).join(', ');

/** The durable queue of git stores: every item with what is asked for it and what became of it, and each store's repository. */
export const git = `
CREATE TABLE git_item (
  job TEXT NOT NULL,
  item TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN (${oneOf(itemStates)})),
  paths_json TEXT NOT NULL,
  reason TEXT NOT NULL,
  -- It was asked for again while it was running.
  follow_up INTEGER NOT NULL DEFAULT 0 CHECK (follow_up IN (0, 1)),
  -- Somebody is about to write it, and has not asked for its backup yet.
  intended INTEGER NOT NULL DEFAULT 0 CHECK (intended IN (0, 1)),
  -- The watch or the scan of the store noticed it; nobody asked for it by name.
  found INTEGER NOT NULL DEFAULT 0 CHECK (found IN (0, 1)),
  committed INTEGER NOT NULL DEFAULT 0 CHECK (committed IN (0, 1)),
  pushed INTEGER NOT NULL DEFAULT 0 CHECK (pushed IN (0, 1)),
  last_backup_at_ms INTEGER,
  error_code TEXT,
  error_message TEXT,
  error_hint TEXT,
  failures INTEGER NOT NULL DEFAULT 0,
  retry_at_ms INTEGER,
  updated_at_ms INTEGER NOT NULL,
  PRIMARY KEY (job, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX git_item_by_state ON git_item (job, state, updated_at_ms, item);

CREATE TABLE git_store (
  job TEXT PRIMARY KEY,
  proof_json TEXT,
  problem_json TEXT,
  failures INTEGER NOT NULL DEFAULT 0,
  retry_at_ms INTEGER,
  safe_at_ms INTEGER
) STRICT, WITHOUT ROWID;
`;
