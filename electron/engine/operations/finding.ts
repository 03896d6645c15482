import { errorFacts } from '../../domain/errors.ts';

/** The words of an error, for a finding. */
export function hinted(error: unknown): { message: string; hint?: string } {
  const { message, hint } = errorFacts(error);
  return hint === undefined ? { message } : { message, hint };
}
