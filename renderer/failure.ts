/** What a call failed with, for people. */
export interface Failure {
  /** An error code of the engine, or `unreachable` where no answer came. */
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

interface EngineError extends Error {
  readonly code?: unknown;
  readonly status?: unknown;
  readonly data?: { readonly hint?: unknown } | undefined;
}

/** Reads the error of a call. What did not come from the engine says that it does not answer. */
export function failureOf(error: unknown): Failure {
  const { code, data, message, name, status } = (error instanceof Error ? error : new Error(String(error))) as EngineError;
  if (status === 401 || status === 403) {
    return {
      code: 'unreachable',
      message: 'This browser is not let in any more',
      hint: 'Nightjar was started anew, and knows nobody from before: open the window again with: nightjar open',
    };
  }
  if (typeof code === 'string' && name !== 'AbortError') {
    return { code, message: sentence(message), hint: typeof data?.hint === 'string' ? sentence(data.hint) : null };
  }
  return {
    code: 'unreachable',
    message: 'Nightjar does not answer',
    hint: 'It has ended, or is about to begin: start it, and where this window does not go on then, open it again with: nightjar open',
  };
}

/** The engine's messages begin in lower case, since they are put into others; here they stand for themselves. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
