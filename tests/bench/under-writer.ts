import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { type LiveWriter, startLiveWriter } from '../support/live-writer.ts';
import { checkInvariants } from '../support/sample-databases.ts';
import { type Contender, describeFailure, type Place, runUnmeasured } from './contender.ts';
import { measure } from './measure.ts';
import type { UnderWriter } from './results.ts';
import { say } from './say.ts';
import { makePlace } from './step.ts';

/** One of each way to read a live database: what compresses afterwards makes no difference to it. */
const contestants = ['nightjar', 'gzip', 'vacuum', 'restic', 'borg', 'rclone'];

interface Scene {
  readonly source: string;
  readonly folder: string;
  readonly everyMs: number;
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/** Lets each way make a first backup beside a process that commits every so many milliseconds, and looks at what it restores. */
export async function measureUnderWriter(contenders: readonly Contender[], scene: Scene): Promise<UnderWriter[]> {
  const results: UnderWriter[] = [];
  const writer = await startLiveWriter(scene.source, { everyMs: scene.everyMs });
  try {
    await writer.pause();
    for (const contender of contenders.filter(({ id }) => contestants.includes(id))) {
      const parent = join(scene.folder, 'under-writer');
      await mkdir(parent);
      try {
        const result = await backUpBesideWriter(contender, await makePlace(contender, parent, scene.source), writer, scene);
        const { commits, worstCommitMs } = result.writer;
        const outcome = result.finished ? `${(result.wallMs / 1000).toFixed(1)} s` : result.reason;
        say(
          `  ${contender.name}: ${outcome}; ${commits} commits, the slowest ${worstCommitMs.toFixed(0)} ms; ${describeDamage(result.damage)}`,
        );
        results.push(result);
      } finally {
        await rm(parent, { recursive: true, force: true });
      }
    }
  } finally {
    await writer.stop();
  }
  return results;
}

async function backUpBesideWriter(
  contender: Contender,
  place: Place,
  live: LiveWriter,
  { source, limitMs, signal }: Scene,
): Promise<UnderWriter> {
  const { command, env } = contender.backUp(place);
  await live.resume();
  const measured = await measure({
    command,
    folders: [place.folder, dirname(source)],
    timeoutMs: limitMs,
    signal,
    ...(env ? { env } : {}),
  });
  const writer = await live.pause();
  const { exitCode, stderr, stdout } = measured;
  const finished = exitCode === 0 || exitCode === contender.warningCode;
  const said = exitCode === null ? `not finished after ${limitMs / 1000} s` : describeFailure(exitCode, `${stderr}${stdout}`);
  return {
    id: contender.id,
    name: contender.name,
    finished,
    wallMs: measured.wallMs,
    writer,
    damage: finished ? await findDamage(contender, place) : null,
    reason: finished ? null : said.replaceAll(`${dirname(source)}/`, ''),
  };
}

/** What is wrong with the database that is restored, which has its WAL beside it where the contender took that as well. */
async function findDamage(contender: Contender, place: Place): Promise<string[]> {
  await mkdir(place.restored);
  runUnmeasured(contender.restore(place));
  try {
    const database = new Database(contender.restoredPath(place));
    try {
      const integrity = String(database.pragma('integrity_check(1)', { simple: true }));
      return integrity === 'ok' ? checkInvariants(database) : [lastLine(integrity)];
    } finally {
      database.close();
    }
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

function describeDamage(damage: readonly string[] | null): string {
  if (damage === null) return 'nothing to restore';
  return damage.join('; ') || 'what it restores is sound';
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
