import type { Table } from '#contract/table.ts';
import type { Configuration } from './compared-run.ts';

/**
 * Whether values may stand side by side (protocol.md section 9, rule 6). A different split or protocol is a reason against;
 * a different budget, device or item graph is a warning.
 */
export function comparability(included: readonly Configuration[]): Table['comparable'] {
  const reasons: string[] = [];
  const warnings: string[] = [];
  const runs = included.flatMap((entry) => entry.runs);
  const byDataset = new Map<string, Set<string>>();
  for (const run of runs) {
    const name = run.summary.datasetName;
    const splits = byDataset.get(name) ?? new Set<string>();
    byDataset.set(name, splits.add(run.splitHash.slice(0, 8)));
  }
  for (const [name, splits] of byDataset) {
    if (splits.size > 1) reasons.push(`${name} has runs on different splits: ${[...splits].join(', ')}`);
  }
  const differing = (label: string, values: readonly string[], into: string[]) => {
    const distinct = [...new Set(values)];
    if (distinct.length > 1) into.push(`${label}: ${distinct.join(' and ')}`);
  };
  differing(
    'Different protocols',
    runs.map((run) => protocolName(run.config.protocol)),
    reasons,
  );
  differing(
    'Different epoch limits',
    runs.map((run) => String(run.config.budget.epochs)),
    warnings,
  );
  differing(
    'Different least epochs before patience counts',
    runs.map((run) => String(run.config.budget.minEpochs)),
    warnings,
  );
  differing(
    'Different patience',
    runs.map((run) => String(run.config.budget.patience)),
    warnings,
  );
  differing(
    'Different batch sizes',
    runs.map((run) => String(run.config.budget.batchSize)),
    warnings,
  );
  differing(
    'Different learning rates',
    runs.map((run) => String(run.config.budget.learningRate)),
    warnings,
  );
  differing(
    'Different widths',
    runs.map((run) => String(run.config.budget.width)),
    warnings,
  );
  differing(
    'Different devices',
    runs.map((run) => run.config.device),
    warnings,
  );
  differing(
    'Different item graphs',
    runs.map((run) => run.config.itemGraph),
    warnings,
  );
  const counts = included.filter((entry) => entry.runs.length > 0).map((entry) => String(entry.runs.length));
  differing('Different numbers of seeds', counts, warnings);
  return { ok: reasons.length === 0, reasons, warnings };
}

/** The label under which tables and captions name a protocol preset (protocol.md section 4). */
export function protocolName(protocol: 'validation' | 'mmrec'): string {
  return protocol === 'mmrec' ? 'MMRec protocol (test-selected)' : 'validation-selected';
}
