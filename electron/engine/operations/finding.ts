import { errorFacts } from '../../domain/errors.ts';

/** What an examination has to say about one thing. */
export interface Finding {
  readonly what: string;
  readonly verdict: 'good' | 'warning' | 'bad';
  readonly message: string;
  readonly hint?: string;
}

/** The words of an error, for a finding. */
export function hinted(error: unknown): { message: string; hint?: string } {
  const { message, hint } = errorFacts(error);
  return hint === undefined ? { message } : { message, hint };
}
