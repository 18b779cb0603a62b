/** One function per procedure, by noun. */
import type { Router } from '#contract/link.ts';
import { bundleProcedures } from './bundle/procedures.ts';
import { comparedFiles, comparisonSource } from './comparison-source.ts';
import { comparisonProcedures } from './comparisons.ts';
import type { StudioCore } from './core.ts';
import { diagnosticsProcedures } from './diagnostics/procedures.ts';
import { experimentProcedures } from './experiment-procedures.ts';
import { exportProcedures } from './exports.ts';
import { hostProcedures, type Host } from './host.ts';
import { logProcedures } from './log-imports/procedures.ts';
import { openingProcedures } from './openings/procedures.ts';
import { modelProcedures } from './own-models/procedures.ts';
import { recommendationProcedures } from './recommendations/procedures.ts';
import { runProcedures } from './run-procedures.ts';
import { runRecordProcedures } from './run-record-procedures.ts';
import { runsTableProcedures } from './runs-table/procedures.ts';
import { storageProcedures } from './storage/procedures.ts';
import { studioProcedures } from './studio-procedures.ts';

export function routerOf(core: StudioCore, host: Host): Router {
  const source = comparisonSource(core.store, core.view, core.planner.cards, (id) => core.experiments.audit(id));
  const needs = { source, tests: core.tests, ...comparedFiles(core.store, core.folders) };
  return {
    ...hostProcedures(host),
    ...studioProcedures(core),
    ...experimentProcedures(core),
    ...modelProcedures(core),
    ...runProcedures(core),
    ...runRecordProcedures(core),
    ...runsTableProcedures(core),
    ...recommendationProcedures(core),
    ...comparisonProcedures(source, needs),
    ...exportProcedures(needs, { preferences: core.store.preferences, jobs: core.jobs }),
    ...bundleProcedures(core, source),
    ...logProcedures(core),
    ...openingProcedures(core),
    ...storageProcedures(core),
    ...diagnosticsProcedures(core),
  };
}
