import { BackupError } from '../../domain/errors.ts';
import { beginSchedule } from '../../domain/ledger.ts';
import type { Job } from '../../domain/model.ts';
import { parsePauseEnd } from '../../domain/pause.ts';
import { nextSlot } from '../../domain/schedule.ts';
import type { Engine } from '../engine.ts';
import { jobNamed } from '../settings-store.ts';

/** Lets no run of a job start by itself, until it is resumed or until the end that a person wrote. Throws `job-unknown`, `usage-invalid`. */
export function pauseJob(engine: Engine, name: string, until: string | undefined): Job {
  return engine.settings.replaceJob(name, (present) => {
    const endMs = until === undefined ? null : parsePauseEnd(until, engine.ports.clock.now(), present.schedule.zone);
    return { ...present, paused: true, pausedUntil: endMs === null ? null : new Date(endMs).toISOString() };
  });
}

/** Lets runs of a job start by themselves again. What was left out while nobody looked is not made up for. Throws `job-unknown`. */
export function resumeJob(engine: Engine, name: string): Job {
  return engine.settings.replaceJob(name, (present) => {
    if (present.paused) leaveOut(engine, present);
    return { ...present, paused: false, pausedUntil: null };
  });
}

/** Decides nothing of a job's slots up to now. */
function leaveOut(engine: Engine, job: Job): void {
  const ledger = engine.ledger(job.name);
  const state = ledger.state(job.schedule);
  const nowMs = engine.ports.clock.now();
  if (state !== null && state.decidedUntilMs < nowMs) ledger.setState(job.schedule, { ...state, decidedUntilMs: nowMs });
}

/** Leaves the next slot of a job out, and says which that is. Throws `job-unknown`, `usage-invalid` where it never comes. */
export function skipNextSlot(engine: Engine, name: string): { job: string; atMs: number } {
  const job = jobNamed(engine.settings.current, name);
  const nowMs = engine.ports.clock.now();
  const atMs = nextSlot(job.schedule, nowMs);
  if (atMs === null) throw new BackupError('usage-invalid', `${job.name} is not due any more`, { hint: 'see: nightjar job show' });
  const ledger = engine.ledger(job.name);
  ledger.setState(job.schedule, { ...(ledger.state(job.schedule) ?? beginSchedule(nowMs)), skipsAtMs: atMs });
  return { job: job.name, atMs };
}
