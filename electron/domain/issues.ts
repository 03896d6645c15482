import { type ZodError, z } from 'zod';

/** What a schema refused, as one line for people: each problem with the field that it is about. */
export function issuesOf(error: ZodError): string {
  return z
    .prettifyError(error)
    .replaceAll('✖ ', '')
    .replaceAll(/\s*\n\s*→ /g, ' in ')
    .replaceAll(/\s*\n\s*/g, '; ');
}
