import { mapEventIterator, ORPCError } from '@orpc/client';
import { ValidationError } from '@orpc/contract';
import { ZodError } from 'zod';
import { BackupError, type ErrorCode, errorCodes, errorFacts, type FailureData } from '../domain/errors.ts';
import { issuesOf } from '../domain/issues.ts';
import type { Engine } from '../engine/engine.ts';
import { statusOf } from './contract.ts';
import type { EngineHost } from './engine-host.ts';

/** An error as it goes to a client: with its code, its sentence, and what belongs to them. */
export type Failure = ORPCError<string, FailureData>;

/** What a request failed with, as it goes to the client. */
export function toFailure(error: unknown, host: EngineHost, input: unknown): Failure {
  const known = error instanceof BackupError ? error : translate(error, host, input);
  const { code, details, hint, message, retryable } = known;
  const data: FailureData = { retryable, details, ...(hint === undefined ? {} : { hint }) };
  return new ORPCError(code, { defined: true, status: statusOf(code), message, data, cause: error });
}

/** The same error at the client; `null` for what is no error of ours. */
export function fromFailure(error: unknown): BackupError | null {
  if (!(error instanceof ORPCError) || !isOurs(error.code)) return null;
  const { details = {}, hint, retryable = false } = (error.data ?? {}) as Partial<FailureData>;
  return new BackupError(error.code, error.message, { details, retryable, cause: error, ...(hint === undefined ? {} : { hint }) });
}

/**
 * What is not ours: an input that the contract refuses is the caller's, and named with field and value; anything else is unforeseen.
 */
function translate(error: unknown, host: EngineHost, input: unknown): BackupError {
  if (error instanceof ORPCError && error.cause instanceof ValidationError) return refusedInput(error.cause, input);
  return unforeseen(error, host.engine());
}

/** What nobody foresaw goes to the log with its stack; whoever asked gets one sentence (S1-105). */
export function unforeseen(error: unknown, { home, log }: Pick<Engine, 'home' | 'log'>): BackupError {
  const { message } = errorFacts(error);
  log.error(message, { code: 'internal', stack: error instanceof Error ? error.stack : undefined });
  return new BackupError('internal', message, { cause: error, hint: `please report it; the details are in ${home.logFolder}` });
}

function refusedInput({ issues }: ValidationError, input: unknown): BackupError {
  const [first] = issues;
  const path = (first?.path ?? []).map((part) => (typeof part === 'object' ? part.key : part));
  const value = path.reduce<unknown>((outer, key) => (outer as Record<PropertyKey, unknown> | null | undefined)?.[key], input);
  const given = value === undefined ? 'nothing was given' : `${shorten(JSON.stringify(value))} was given`;
  const demand = issuesOf(new ZodError(issues as ConstructorParameters<typeof ZodError>[0]));
  return new BackupError('usage-invalid', `this cannot be asked for: ${demand} (${given})`, {
    hint: 'the README names what each call takes, under "API for other programs"',
  });
}

function shorten(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}

function isOurs(code: string): code is ErrorCode {
  return (errorCodes as readonly string[]).includes(code);
}

/** The same answer; where it is a stream, what it fails with is translated as well. */
export function mapStream<T>(answer: T, error: (error: unknown) => Error): T {
  if (!isStream(answer)) return answer;
  return mapEventIterator(answer, { value: async (value: unknown) => value, error: async (cause) => error(cause) }) as T;
}

function isStream(answer: unknown): answer is AsyncIterator<unknown, unknown, void> {
  return typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer;
}
