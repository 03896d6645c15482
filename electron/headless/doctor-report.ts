import { homedir, hostname, userInfo } from 'node:os';
import { describeLogLine, isAtLeast, parseLogLine } from '../domain/log-line.ts';
import type { Finding } from '../domain/outcomes.ts';
import { type Person, shareable } from '../domain/shareable.ts';
import { instant } from '../domain/zoned-time.ts';
import type { Home } from '../engine/home.ts';
import { logLimits, logPath } from '../engine/platform/log.ts';
import { openLogReader } from '../engine/platform/log-files.ts';

/** So many of the last warnings and errors of the log are in a report. */
const logLines = 20;

/** Findings and the last troubles of the log as a text for an issue: without secrets, and without the names of person and machine. */
export async function reportText(findings: readonly Finding[], home: Home, nowMs: number): Promise<string> {
  const marks = { good: 'ok     ', warning: 'warning', bad: 'BAD    ' };
  const troubles = await lastTroubles(home);
  const lines = [
    `nightjar doctor, ${instant(nowMs)}`,
    '',
    ...findings.flatMap(({ verdict, what, message, hint }) => [
      `${marks[verdict]} ${what}: ${message}`,
      ...(hint === undefined ? [] : [`        ${hint}`]),
    ]),
    '',
    troubles.length === 0 ? 'no warnings and errors in the log' : 'the last warnings and errors in the log:',
    ...troubles,
  ];
  return shareable(lines.join('\n'), thisPerson());
}

/** The same findings for strangers. */
export function shareableFindings(findings: readonly Finding[]): Finding[] {
  const person = thisPerson();
  return findings.map(({ verdict, what, message, hint }) => ({
    what: shareable(what, person),
    verdict,
    message: shareable(message, person),
    ...(hint === undefined ? {} : { hint: shareable(hint, person) }),
  }));
}

async function lastTroubles({ logFolder }: Home): Promise<string[]> {
  const reader = openLogReader(logPath(logFolder), logLimits.files);
  try {
    const lines = (await reader.read()).flatMap((text) => parseLogLine(text) ?? []).filter(({ level }) => isAtLeast(level, 'warn'));
    return lines.slice(-logLines).map((line) => `${instant(line.atMs)} ${line.level} ${describeLogLine(line)}`);
  } finally {
    await reader.close();
  }
}

function thisPerson(): Person {
  return { home: homedir(), user: userName(), host: hostname() };
}

/** A user that the system has no name for has nothing that could be recognised. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}
