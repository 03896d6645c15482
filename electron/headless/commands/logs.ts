import type { Command } from 'commander';
import { BackupError } from '../../domain/errors.ts';
import { describeLogLine, isAtLeast, type LogLevel, type LogLine, logLevels, readLogLine } from '../../domain/log-line.ts';
import { instant, localTime } from '../../domain/zoned-time.ts';
import { type CatalogReader, openCatalogReader } from '../../engine/catalog/catalog-reader.ts';
import type { Home } from '../../engine/home.ts';
import { findRunLog } from '../../engine/operations/run-log.ts';
import { logLimits, logPath } from '../../engine/platform/log.ts';
import { followLog, openLogReader } from '../../engine/platform/log-files.ts';
import { common, wholeNumber } from '../options.ts';
import type { Output } from '../output.ts';
import { type CommonOptions, onSession, type Session } from '../session.ts';
import { localZone } from '../text.ts';

interface LogsOptions extends CommonOptions {
  readonly follow?: boolean;
  readonly run?: string;
  readonly lines: number;
  readonly level: LogLevel;
}

export function addLogsCommand(program: Command): void {
  const command = program
    .command('logs')
    .description('what happened, oldest first; also beside a Nightjar at work')
    .option('-f, --follow', 'go on with what is added, until Ctrl-C; with --json one document a line')
    .option('--run <run>', 'what was said of one run or restore, and nothing else')
    .option('--lines <n>', 'how many of the last lines', wholeNumber, 50)
    .option('--level <level>', `only what matters at least this much: ${logLevels.join(', ')}`, level, 'info');
  onSession(common(command, 'nightjar logs --level warn', 'nightjar logs -f'), logs);
}

function level(value: string): LogLevel {
  const known = logLevels.find((name) => name === value);
  if (known !== undefined) return known;
  throw new BackupError('usage-invalid', `"${value}" is not a level`, { hint: `there are ${logLevels.join(', ')}` });
}

async function logs(session: Session, options: LogsOptions): Promise<undefined> {
  const { home, output, streams } = session;
  // Whoever reads what is printed may leave first, as `head` does.
  const gone = new AbortController();
  streams.stdout.on('error', () => gone.abort());
  const path = options.run === undefined ? logPath(home.logFolder) : await pathOfRun(home, options.run);
  const reader = openLogReader(path, options.run === undefined ? logLimits.files : 1);
  try {
    const read = async () => (await reader.read()).map(readLogLine).filter((line) => isAtLeast(line.level, options.level));
    const lines = await read();
    const last = lines.slice(Math.max(0, lines.length - options.lines));
    if (options.follow) await follow(session, options, path, last, read, gone.signal);
    else {
      output.document({ lines: last.map(lineDocument) });
      for (const line of last) print(output, line, options);
      if (lines.length === 0)
        output.line(options.level === 'info' ? 'nothing was logged yet' : `nothing of level ${options.level} was logged`);
    }
  } finally {
    await reader.close();
  }
}

async function follow(
  { output, ports, signal, streams: { stdout } }: Session,
  options: LogsOptions,
  path: string,
  last: readonly LogLine[],
  read: () => Promise<LogLine[]>,
  gone: AbortSignal,
): Promise<void> {
  const show = (line: LogLine) => {
    if (output.json) stdout.write(`${JSON.stringify(lineDocument(line))}\n`);
    else print(output, line, options);
  };
  for (const line of last) show(line);
  await followLog(path, ports.clock, AbortSignal.any([signal, gone]), async () => {
    for (const line of await read()) show(line);
  });
}

/** Where the log of a run or restore is. Throws `run-unknown`. */
async function pathOfRun({ catalogPath, logFolder }: Home, id: string): Promise<string> {
  let catalog: CatalogReader | null = null;
  const look = () => {
    catalog = openCatalogReader(catalogPath);
    return catalog;
  };
  try {
    return await findRunLog(logFolder, look, id);
  } finally {
    (catalog as CatalogReader | null)?.close();
  }
}

function lineDocument({ atMs, level, message, fields }: LogLine) {
  return { ...fields, at: Number.isNaN(atMs) ? null : instant(atMs), level, message };
}

function print(output: Output, line: LogLine, { run }: LogsOptions): void {
  const { run: ofRun, restore, ...fields } = line.fields;
  const shown = run === undefined ? line : { ...line, fields };
  const colour = { info: 'gray', warn: 'yellow', error: 'red' } as const;
  output.line(`${localSecond(line.atMs)}  ${output.style(colour[line.level], line.level.padEnd(5))}  ${describeLogLine(shown)}`);
}

/** `2026-11-22 03:17:05`, in the zone of this machine; dashes for none. */
function localSecond(ms: number): string {
  if (Number.isNaN(ms)) return '-------------------';
  const { day, time } = localTime(ms, localZone());
  return `${day} ${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4, 6)}`;
}
