import type { Command } from 'commander';
import type { EngineClient } from '../../api/client.ts';
import { errorFacts } from '../../domain/errors.ts';
import type { HealthState } from '../../domain/finding.ts';
import { composeHeadline } from '../../domain/headline.ts';
import type { JobHealth, PlaceHealth } from '../../domain/health.ts';
import type { SpaceForecast } from '../../domain/space-forecast.ts';
import { counted, formatBytes, formatDuration } from '../../domain/units.ts';
import { instant } from '../../domain/zoned-time.ts';
import { drillDocument } from '../documents.ts';
import { common } from '../options.ts';
import type { Output } from '../output.ts';
import { onLook } from '../session.ts';
import { formatInstant, localZone } from '../text.ts';

export function addStatusCommand(program: Command): void {
  const command = program.command('status').description('is everything safe? exit code 1 when something is not');
  common(command, 'nightjar status');
  onLook(command, async ({ client, output, ports }) => {
    const jobs = await client.engine.status();
    const nowMs = ports.clock.now();
    const healthy = jobs.every((job) => job.healthy);
    const atWork = await isAtWork(client);
    // Where nobody keeps the schedule, no next run is promised.
    const headline = composeHeadline(atWork === false ? jobs.map((job) => ({ ...job, nextMs: null })) : jobs, nowMs, localZone());
    output.document({ healthy, state: headline.state, headline: headline.sentence, atWork, jobs: jobs.map(document) });
    if (jobs.length === 0) output.line('no jobs yet: nightjar job add --help');
    else output.line(`${mark(output, headline.state)} ${output.style('bold', headline.sentence)}`);
    for (const job of jobs) print(output, job, nowMs);
    if (atWork === false && jobs.length > 0) output.line('no Nightjar is at work by itself, so no run starts by itself: nightjar serve');
    return healthy ? 0 : 1;
  });
}

/** Whether an engine keeps the schedule; `null` where one is there and does not answer. */
async function isAtWork(client: EngineClient): Promise<boolean | null> {
  try {
    return (await client.engine.hello()).isAtWork;
  } catch (error) {
    if (errorFacts(error).code === 'home-busy') return null;
    throw error;
  }
}

function document({ job, lastGoodMs, nextMs, healthy, problems, ...evidence }: JobHealth) {
  const { findings, lastProvenMs, lastRun, losses, missedSlots, places, staging, state, unpushed } = evidence;
  return {
    ...{ job, lastGood: instant(lastGoodMs), next: instant(nextMs), healthy, problems, state },
    findings: findings.map(({ kind, message }) => ({ kind, message })),
    lastProven: instant(lastProvenMs),
    lastRun: lastRun && { id: lastRun.id, status: lastRun.status, startedAt: instant(lastRun.atMs) },
    ...{ losses, unpushed, missedSlots, staging: staging && spaceDocument(staging) },
    places: places.map(({ account, drill, lastVerifiedMs, place, space, staleAtMs }) => ({
      place,
      lastVerified: instant(lastVerifiedMs),
      staleAfter: instant(staleAtMs),
      lastDrill: drill.last && drillDocument(drill.last),
      lastProven: instant(drill.lastProvenMs),
      drillPostponed: drill.postponed,
      account,
      space: space && spaceDocument(space),
    })),
  };
}

function spaceDocument({ atMs, daysLeft, freeBytes, totalBytes }: SpaceForecast) {
  return { at: instant(atMs), freeBytes, totalBytes, daysLeft };
}

function mark(output: Output, state: HealthState): string {
  if (state === 'good') return output.style('green', '✓');
  if (state === 'running' || state === 'paused') return output.style('yellow', '·');
  return output.style(state === 'warning' ? 'yellow' : 'red', state === 'warning' ? '!' : '✗');
}

function print(output: Output, health: JobHealth, nowMs: number): void {
  const { job, lastGoodMs, nextMs, places, problems, staging, unpushed } = health;
  const last = lastGoodMs === null ? 'not verified yet' : `verified ${formatDuration(nowMs - lastGoodMs)} ago`;
  const next = nextMs === null ? 'paused' : `next ${formatInstant(nextMs)}`;
  output.line(
    `${health.healthy ? output.style('green', '✓') : mark(output, health.state)} ${job}: ${last}, ${next}${health.state === 'running' ? ', running now' : ''}`,
  );
  for (const problem of problems) output.line(`    ${problem}`);
  for (const place of places) output.line(`    ${placeLine(place, nowMs)}`);
  if (staging?.daysLeft !== undefined && staging.daysLeft !== null) output.line(`    staging: ${spaceText(staging)}`);
  if (unpushed.length > 0) output.line(`    ${counted(unpushed.length, 'item')} not pushed yet`);
}

/** `usb: verified 9h ago; last drill 2026-11-22 03:20, proven; 20 GB free, full in 200 days`. */
function placeLine({ drill, lastVerifiedMs, place, space }: PlaceHealth, nowMs: number): string {
  const outcome = drill.last === null ? 'no drill yet' : `last drill ${formatInstant(drill.last.endedAtMs)}, ${drill.last.outcome}`;
  const parts = [
    lastVerifiedMs === null ? 'nothing verified' : `verified ${formatDuration(nowMs - lastVerifiedMs)} ago`,
    drill.postponed === null ? outcome : `${outcome} (since then put off: ${drill.postponed})`,
    ...(space === null ? [] : [spaceText(space)]),
  ];
  return `${place}: ${parts.join('; ')}`;
}

function spaceText({ daysLeft, freeBytes }: SpaceForecast): string {
  return `${formatBytes(freeBytes)} free${daysLeft === null ? '' : `, full in ${counted(daysLeft, 'day')} as it has filled lately`}`;
}
