import { errorFacts } from '../../domain/errors.ts';
import type { Job, Run } from '../../domain/model.ts';
import type { Notification } from '../../domain/notifications.ts';
import { redact } from '../../domain/redact.ts';
import type { Engine } from '../engine.ts';
import { runCommand } from '../platform/command.ts';
import { type Post, post } from '../platform/post.ts';

const answerWithinMs = 10_000;
const retries = 2;
const commandLimitMs = 60_000;
const maxOutputBytes = 1024 * 1024;

/** Reports to the job's health check that a run has started. It never throws: what cannot be reported is a line in the log. */
export async function reportStart(engine: Engine, job: Job, signal?: AbortSignal): Promise<void> {
  await ping(engine, job, '/start', '', signal);
}

/** Reports to the job's health check how a run has ended, with what it says as the body. It never throws. */
export async function reportEnd(engine: Engine, job: Job, run: Run, signal?: AbortSignal): Promise<void> {
  const isGood = run.status === 'succeeded' || run.status === 'warning';
  // Somebody wanted it to end: neither is a failure, and the check's own time goes on.
  if (!isGood && run.status !== 'failed' && run.status !== 'interrupted') return;
  const said = [`${job.name}: ${run.status}`, ...(run.error ? [run.error.message] : []), ...run.warnings];
  await ping(engine, job, isGood ? '' : '/fail', redact(said.join('\n')), signal);
}

/** Tells the program and the address of the settings of a failure. It never throws. */
export async function reportFailure(engine: Engine, notification: Notification, signal?: AbortSignal): Promise<void> {
  const { command, webhook } = engine.settings.current.preferences.onFailure;
  const { clock, host } = engine.ports;
  const { message, ...rest } = notification;
  const document = { ...rest, message: redact(message), host, at: new Date(clock.now()).toISOString() };
  const body = JSON.stringify(document);
  if (webhook !== null) {
    await quietly(engine, notification.job, 'the webhook', () =>
      send(engine, { url: webhook, body, contentType: 'application/json', signal }),
    );
  }
  if (command !== null) await quietly(engine, notification.job, command[0] ?? '', () => runReport(engine, command, `${body}\n`, signal));
}

async function runReport(engine: Engine, [program = '', ...args]: readonly string[], input: string, signal?: AbortSignal): Promise<void> {
  const { clock, environment } = engine.ports;
  const env = Object.fromEntries(Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  const command = {
    program,
    args,
    cwd: engine.home.path,
    env,
    input,
    limitMs: commandLimitMs,
    maxOutputBytes,
    ...(signal ? { signal } : {}),
  };
  const { code, stderr } = await runCommand(command, clock);
  if (code !== 0) throw new Error(`it ended with exit code ${code}: ${redact(stderr)}`);
}

async function ping(engine: Engine, job: Job, what: '' | '/start' | '/fail', body: string, signal?: AbortSignal): Promise<void> {
  if (job.healthCheckUrl === null) return;
  const url = new URL(job.healthCheckUrl);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${what}`;
  const request = { url: url.href, body, contentType: 'text/plain; charset=utf-8', signal } as const;
  await quietly(engine, job.name, 'the health check', () => send(engine, request));
}

function send(engine: Engine, request: Pick<Post, 'url' | 'body' | 'contentType' | 'signal'>): Promise<void> {
  return post({ ...request, limitMs: answerWithinMs, retries }, engine.ports.clock);
}

async function quietly(engine: Engine, job: string, what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    engine.log.warn(`${what} was not told: ${redact(errorFacts(error).message)}`, { job });
  }
}
