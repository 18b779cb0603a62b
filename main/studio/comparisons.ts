import type { Router } from '#contract/link.ts';
import type { ConfigDiff } from '#contract/table.ts';
import type { ComparedRun, ComparisonSource } from './compared-run.ts';
import { buildCurves } from './curves.ts';
import { buildTable } from './table.ts';

/** Procedures `compare.*`. */
export function comparisonProcedures(source: ComparisonSource): Pick<Router, 'compare.table' | 'compare.curves' | 'compare.configs'> {
  return {
    'compare.table': (request) => buildTable(source, request),
    'compare.curves': ({ scope, metric }) => buildCurves(source, scope, metric),
    'compare.configs': (scope) => configDiff(source.runs(scope)),
  };
}

/** All settings of the runs side by side, differing keys first. One column per configuration would hide seeds, so there is one per run. */
export function configDiff(runs: readonly ComparedRun[]): ConfigDiff {
  const flat = runs.map(({ config }) => {
    const { hyper, budget, ...rest } = config;
    const entries = [...Object.entries(rest), ...Object.entries(budget), ...Object.entries(hyper)];
    return new Map(entries.map(([key, value]) => [key, String(value)]));
  });
  const keys = [...new Set(flat.flatMap((entry) => [...entry.keys()]))];
  const rows = keys.map((key) => {
    const values = flat.map((entry) => entry.get(key) ?? '');
    return { key, values, differs: new Set(values).size > 1 };
  });
  return {
    runs: runs.map(({ summary }) => ({ id: summary.id, title: `${summary.modelTitle} on ${summary.datasetName}, seed ${summary.seed}` })),
    rows: [...rows.filter((row) => row.differs), ...rows.filter((row) => !row.differs)],
  };
}
