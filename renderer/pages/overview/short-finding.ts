import type { HealthFinding } from '../../../electron/domain/finding.ts';
import type { JobHealth } from '../../../electron/domain/health.ts';
import { withoutCommand } from '../../without-command.ts';

/** A finding as this page says it: without commands, and without the numbers that the disk guard shows on the same page. Pure. */
export function shortFinding(finding: HealthFinding): HealthFinding {
  const isRoom = finding.kind === 'run-failed' && finding.about === 'disk-space-low';
  return { ...finding, message: isRoom ? 'the last run did not start: there was not enough room for it' : withoutCommand(finding.message) };
}

/** A job with its findings in short. Pure. */
export function inShort(job: JobHealth): JobHealth {
  return { ...job, findings: job.findings.map(shortFinding) };
}
