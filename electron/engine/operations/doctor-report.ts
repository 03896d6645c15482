import { userInfo } from 'node:os';
import { describeLogLine, isAtLeast, parseLogLine } from '../../domain/log-line.ts';
import type { Finding } from '../../domain/outcomes.ts';
import { type Person, shareable } from '../../domain/shareable.ts';
import { instant } from '../../domain/zoned-time.ts';
import type { Home } from '../home.ts';
import { logLimits, logPath } from '../platform/log.ts';
import { openLogReader } from '../platform/log-files.ts';
import type { Ports } from '../ports.ts';

/** So many of the last warnings and errors of the log are in a report. */
const logLines = 20;

/** Findings and the last troubles of the log as a text for an issue: without secrets, and without the names of person and machine. */
export async function reportText(findings: readonly Finding[], home: Home, ports: Ports): Promise<string> {
  const marks = { good: 'ok     ', warning: 'warning', bad: 'BAD    ' };
  const troubles = await lastTroubles(home);
  const lines = [
    `nightjar doctor, ${instant(ports.clock.now())}`,
    '',
    ...findings.flatMap(({ verdict, what, message, hint }) => [
      `${marks[verdict]} ${what}: ${message}`,
      ...(hint === undefined ? [] : [`        ${hint}`]),
    ]),
    '',
    troubles.length === 0 ? 'no warnings and errors in the log' : 'the last warnings and errors in the log:',
    ...troubles,
  ];
  return shareable(lines.join('\n'), personOf(ports));
}

/** The same findings for strangers. */
export function shareableFindings(findings: readonly Finding[], ports: Ports): Finding[] {
  const person = personOf(ports);
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

function personOf({ host, userHome }: Ports): Person {
  return { home: userHome, user: userName(), host };
}

/** A user that the system has no name for has nothing that could be recognised. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}
