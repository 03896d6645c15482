import { drillLevels, drillOutcomes } from '../../../domain/drill.ts';

const oneOf = (values: readonly string[]) => values.map((value) => `'${value}'`).join(', ');

/** What status is computed from beside runs and copies: drills, what shrank, free space over time, and what people were told. */
export const evidence = `
CREATE TABLE drill (
  job TEXT NOT NULL,
  place TEXT NOT NULL,
  started_at_ms INTEGER NOT NULL,
  ended_at_ms INTEGER NOT NULL,
  level TEXT NOT NULL CHECK (level IN (${oneOf(drillLevels)})),
  outcome TEXT NOT NULL CHECK (outcome IN (${oneOf(drillOutcomes)})),
  snapshot_id TEXT,
  code TEXT,
  message TEXT NOT NULL,
  rows INTEGER,
  PRIMARY KEY (job, place, started_at_ms)
) STRICT, WITHOUT ROWID;

-- A snapshot that has much less than the one before it. What was before is kept with it: it must not depend on that snapshot's life.
CREATE TABLE anomaly (
  snapshot_id TEXT PRIMARY KEY,
  job TEXT NOT NULL,
  found_at_ms INTEGER NOT NULL,
  former_json TEXT NOT NULL,
  losses_json TEXT NOT NULL,
  -- When a person said that it is meant to be so; until then nothing of the job is pruned.
  acknowledged_at_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX anomaly_by_job ON anomaly (job, found_at_ms);

-- Free space as runs found it, at a destination or, under the empty name, where snapshots are staged.
CREATE TABLE space_sample (
  place TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  free_bytes INTEGER NOT NULL,
  total_bytes INTEGER NOT NULL,
  PRIMARY KEY (place, at_ms)
) STRICT, WITHOUT ROWID;

-- What was told and is not over yet, so that a restart does not tell it again.
CREATE TABLE told (
  job TEXT NOT NULL,
  kind TEXT NOT NULL,
  about TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (job, kind)
) STRICT, WITHOUT ROWID;
`;
