/** Procedures `logs.*`. */
import type { Router } from '#contract/link.ts';
import type { StudioCore } from '../core.ts';

export function logProcedures({ logImports, recent }: StudioCore): Pick<Router, Extract<keyof Router, `logs.${string}`>> {
  return {
    'logs.inspect': ({ path }, signal) => logImports.inspect(path, signal),
    'logs.import': async function* (request, signal) {
      yield* logImports.import(request, signal);
      recent.remember([{ path: request.path, kind: 'logs', openedAt: Date.now() }]);
    },
  };
}
