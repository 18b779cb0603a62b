/** Procedures `diagnostics.*`. */
import type { Router } from '#contract/link.ts';
import type { StudioCore } from '../core.ts';
import { forgetCrashes, readCrashes } from './crashes.ts';
import { diagnostics } from './report.ts';

type DiagnosticsProcedure = Extract<keyof Router, `diagnostics.${string}`>;

const ok = { ok: true } as const;

export function diagnosticsProcedures(core: StudioCore): Pick<Router, DiagnosticsProcedure> {
  const { home } = core.folders;
  return {
    'diagnostics.report': async () => ({ text: await diagnostics(core, Date.now()) }),
    'diagnostics.crash': ({ text }) => ({ isKept: core.crashes.keep(text) }),
    'diagnostics.crashes': () => ({ text: readCrashes(home) }),
    'diagnostics.forgetCrashes': () => {
      forgetCrashes(home);
      return ok;
    },
  };
}
