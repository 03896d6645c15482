/** Indexes for years of runs of a job that is due every minute: they are listed by their start, and counted by their status. */
export const runIndexes = `
DROP INDEX run_by_job;
CREATE INDEX run_by_job ON run (job, started_at_ms, status);
CREATE INDEX run_by_start ON run (started_at_ms, id);
`;
