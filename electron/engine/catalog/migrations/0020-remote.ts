/**
 * What is known of places that are reached over a network: the ids of their files, uploads that are under way, snapshots that are still
 * to be sent, and what is wrong with their accounts.
 */
export const remote = `
-- The id of every folder (JOB) and object (JOB/FILE) that was made or found; a listing may be late, an id is not.
CREATE TABLE remote_file (
  destination TEXT NOT NULL,
  name TEXT NOT NULL,
  file_id TEXT NOT NULL,
  PRIMARY KEY (destination, name)
) STRICT, WITHOUT ROWID;

-- Uploads that have not been proven yet. The address of the session is a secret and is kept as such.
CREATE TABLE upload (
  destination TEXT NOT NULL,
  name TEXT NOT NULL,
  file_id TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  started_at_ms INTEGER NOT NULL,
  offered_bytes INTEGER NOT NULL,
  offered_sha256 TEXT NOT NULL,
  PRIMARY KEY (destination, name)
) STRICT, WITHOUT ROWID;

-- Snapshots that are packed in the outbox and not yet proven at a destination: the next start sends what is missing.
CREATE TABLE delivery (
  snapshot_id TEXT NOT NULL,
  destination TEXT NOT NULL,
  job TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  manifest_json TEXT NOT NULL,
  PRIMARY KEY (snapshot_id, destination)
) STRICT, WITHOUT ROWID;

-- Why an account could not be used the last time; no row where it could.
CREATE TABLE account_problem (
  destination TEXT PRIMARY KEY,
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  hint TEXT,
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
