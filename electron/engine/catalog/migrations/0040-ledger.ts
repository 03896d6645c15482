import { slotStates } from '../../../domain/ledger.ts';

const oneOf = (values: readonly string[]) => values.map((value) => `'${value}'`).join(', ');

/** The ledger: every instant at which a job was due, with what became of it; and how far each schedule has been decided. */
export const ledger = `
CREATE TABLE slot (
  job TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN (${oneOf(slotStates)})),
  reason TEXT,
  -- The run that was started for it last.
  run_id TEXT,
  PRIMARY KEY (job, at_ms)
) STRICT, WITHOUT ROWID;

CREATE INDEX slot_under_way ON slot (job, at_ms) WHERE state = 'started';

CREATE TABLE job_schedule (
  job TEXT PRIMARY KEY,
  -- What was decided by; another one begins anew.
  schedule_json TEXT NOT NULL,
  decided_until_ms INTEGER NOT NULL,
  waiting_json TEXT,
  attempts INTEGER NOT NULL,
  skips_at_ms INTEGER
) STRICT, WITHOUT ROWID;
`;
