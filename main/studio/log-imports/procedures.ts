/** Procedures `logs.*`. */
import type { Router } from '#contract/link.ts';
import type { StudioCore } from '../core.ts';

export function logProcedures({ logImports }: StudioCore): Pick<Router, Extract<keyof Router, `logs.${string}`>> {
  return {
    'logs.inspect': ({ path }, signal) => logImports.inspect(path, signal),
    'logs.import': (request, signal) => logImports.import(request, signal),
  };
}
