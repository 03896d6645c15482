import { copyStates, restoreModes, restoreStates, runStatuses, triggers, verifyLevels } from '../../../domain/model.ts';

const oneOf = (values: readonly string[]) => values.map((value) => `'${value}'`).join(', ');

/** Runs with their steps, snapshots with their copies, and restores. Times are milliseconds since the epoch. */
export const initial = `
CREATE TABLE run (
  id TEXT PRIMARY KEY,
  job TEXT NOT NULL,
  trigger TEXT NOT NULL CHECK (trigger IN (${oneOf(triggers)})),
  status TEXT NOT NULL CHECK (status IN (${oneOf(runStatuses)})),
  started_at_ms INTEGER NOT NULL,
  ended_at_ms INTEGER,
  snapshot_id TEXT,
  error_code TEXT,
  error_message TEXT,
  error_hint TEXT,
  warnings_json TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE INDEX run_by_job ON run (job, started_at_ms);

CREATE TABLE run_step (
  run_id TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  name TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('running', 'done', 'failed')),
  started_at_ms INTEGER NOT NULL,
  ended_at_ms INTEGER,
  facts_json TEXT NOT NULL DEFAULT '{}',
  PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshot (
  id TEXT PRIMARY KEY,
  job TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1)),
  wal_growth_bytes INTEGER,
  manifest_json TEXT NOT NULL
) STRICT;
CREATE INDEX snapshot_by_job ON snapshot (job, created_at_ms);

CREATE TABLE copy (
  snapshot_id TEXT NOT NULL REFERENCES snapshot (id) ON DELETE CASCADE,
  destination TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN (${oneOf(copyStates)})),
  verified_level TEXT CHECK (verified_level IN (${oneOf(verifyLevels)})),
  verified_at_ms INTEGER,
  failure_message TEXT,
  failure_at_ms INTEGER,
  PRIMARY KEY (snapshot_id, destination)
) STRICT, WITHOUT ROWID;

-- What a run is about to store under a final name: the only objects without a manifest that may be swept.
CREATE TABLE intent (
  run_id TEXT NOT NULL,
  destination TEXT NOT NULL,
  object_name TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  PRIMARY KEY (destination, object_name)
) STRICT, WITHOUT ROWID;

CREATE TABLE restore (
  id TEXT PRIMARY KEY,
  job TEXT NOT NULL,
  snapshot_id TEXT,
  mode TEXT NOT NULL CHECK (mode IN (${oneOf(restoreModes)})),
  state TEXT NOT NULL CHECK (state IN (${oneOf(restoreStates)})),
  target_path TEXT NOT NULL,
  part_path TEXT,
  kept_path TEXT,
  started_at_ms INTEGER NOT NULL,
  ended_at_ms INTEGER
) STRICT;

-- Destinations whose snapshots are not all known yet, because they were away when the catalog was made.
CREATE TABLE unread_destination (
  destination TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
`;
