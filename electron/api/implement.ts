import { implement } from '@orpc/server';
import { contract } from './contract.ts';
import type { EngineHost } from './engine-host.ts';
import { mapStream, toFailure } from './failures.ts';

/** What every request works with. */
export interface RequestContext {
  readonly host: EngineHost;
}

/**
 * The contract, ready for its routes. As long as a request is under way, its host does not end; what a route throws, and an input that
 * the contract refuses, become errors that a client understands.
 */
export const routes = implement(contract)
  .$context<RequestContext>()
  // Inputs are checked inside of what translates errors.
  .$config({ initialInputValidationIndex: Number.POSITIVE_INFINITY })
  .use(async ({ context: { host }, next }, input) => {
    const fail = (error: unknown) => toFailure(error, host, input);
    try {
      const result = await host.keep(Promise.resolve(next()));
      return { ...result, output: mapStream(result.output, fail) };
    } catch (error) {
      throw fail(error);
    }
  });
