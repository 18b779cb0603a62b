import { usualEvaluation, type Evaluation } from '#contract/evaluation.ts';
import type { RunConfig } from '#contract/run.ts';
import type { Table } from '#contract/table.ts';
import type { ComparedRun, Configuration } from './compared-run.ts';
import { unequalAmong, type Unequal } from './fairness.ts';

/** What should be equal for a fair comparison; where it is not, a warning names it. */
const conditions: readonly (readonly [label: string, read: (config: RunConfig) => string | number, shared?: Unequal['part']])[] = [
  ['Different epoch limits', ({ budget }) => budget.epochs, 'epoch limit'],
  ['Different least epochs before patience counts', ({ budget }) => budget.minEpochs],
  ['Different patience', ({ budget }) => budget.patience, 'patience'],
  ['Different batch sizes', ({ budget }) => budget.batchSize, 'batch'],
  ['Different learning rates', ({ budget }) => budget.learningRate],
  ['Different widths', ({ budget }) => budget.width],
  ['Different Mirror Gradient', ({ budget }) => mirrorWords(budget)],
  ['Different devices', ({ device }) => device],
  ['Different item graphs', ({ itemGraph }) => itemGraph],
];

/** What was trained elsewhere has no budget that is known here, and what trains nothing spends none. */
function trainedHere(runs: readonly ComparedRun[]): readonly ComparedRun[] {
  return runs.filter((run) => run.config.external?.kind !== 'import' && run.isUntrained !== true);
}

/** What of the budget is not the same for all models behind the values. */
export function unequalBudget(included: readonly Configuration[]): readonly Unequal[] {
  const runs = trainedHere(included.flatMap((entry) => entry.runs));
  return unequalAmong(runs.map(({ summary, config }) => ({ title: summary.modelTitle, budget: config.budget })));
}

function mirrorWords({ mirror, mirrorDescent, mirrorEvery }: RunConfig['budget']): string {
  if (mirror === undefined || mirror === 0) return 'off';
  return `α₁ ${mirrorDescent ?? 1}, α₂ ${mirror}, every ${mirrorEvery ?? 3} batches`;
}

/** "Fold 1, Fold 2, Fold 3"; "A and B". */
const listed = (names: readonly string[]): string => names.join(names.length === 2 ? ' and ' : ', ');

/**
 * Whether values may stand side by side (protocol.md section 9, rule 6). A different split or protocol is a reason against;
 * different features, another budget, device or item graph is a warning.
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
  reasons.push(...taskReasons(runs));
  const differing = (label: string, values: readonly string[], into: string[]) => {
    const distinct = [...new Set(values)];
    if (distinct.length > 1) into.push(`${label}: ${listed(distinct)}`);
  };
  differing(
    'Different protocols',
    runs.map((run) => protocolName(run.config.protocol)),
    reasons,
  );
  differing(
    'Different candidate sets',
    runs.map((run) => candidateWords[evaluationOf(run).candidates]),
    reasons,
  );
  differing(
    'Different uses of validation',
    runs.map((run) => validationWords[evaluationOf(run).validation]),
    reasons,
  );
  if (reasons.length === 0) reasons.push(...otherProtocols(runs));
  const unequal = unequalBudget(included);
  for (const [label, read, shared] of conditions) {
    // Of a budget that was unlocked for one model the reader must know which.
    const between = unequal.find(({ part }) => part === shared);
    if (between === undefined) {
      differing(
        label,
        trainedHere(runs).map((run) => String(read(run.config))),
        warnings,
      );
    } else warnings.push(`${label}: ${between.listed}`);
  }
  warnings.push(...featureWarnings(runs), ...otherSplits(runs));
  const brought = [...new Set(runs.filter((run) => run.config.external?.kind === 'import').map((run) => run.summary.modelTitle))];
  if (brought.length > 0) warnings.push(`Computed elsewhere, with a budget that is not known here: ${listed(brought)}`);
  const counts = included.filter((entry) => entry.runs.length > 0).map((entry) => String(entry.runs.length));
  differing('Different numbers of seeds', counts, warnings);
  return { ok: reasons.length === 0, reasons, warnings };
}

/**
 * Next items and held-out items are two families: the one is ranked from a history in order of time, at test with the validation item in
 * it, the other from train rows. Among next items the order of rows is part of the split.
 */
function taskReasons(runs: readonly ComparedRun[]): string[] {
  const ordered = runs.filter(({ sequenceHash }) => sequenceHash !== undefined);
  if (ordered.length === 0) return [];
  const titles = (of: readonly ComparedRun[]) => [...new Set(of.map(({ summary }) => summary.modelTitle))].join(', ');
  const others = runs.filter(({ sequenceHash }) => sequenceHash === undefined);
  const reasons =
    others.length === 0
      ? []
      : [`Different tasks: the next item after a history (${titles(ordered)}) and held-out items from train rows (${titles(others)})`];
  const orders = new Map<string, Set<string>>();
  for (const { summary, sequenceHash } of ordered)
    orders.set(summary.datasetName, (orders.get(summary.datasetName) ?? new Set()).add(sequenceHash!.slice(0, 8)));
  for (const [name, hashes] of orders)
    if (hashes.size > 1) reasons.push(`${name} has runs on different orders of rows: ${[...hashes].join(', ')}`);
  return reasons;
}

/** Datasets that are different splits of the same interactions: their columns look alike and must not be read as one. */
function otherSplits(runs: readonly ComparedRun[]): string[] {
  const families = new Map<string, Map<string, string>>();
  for (const { summary, splitHash, graphShape } of runs) {
    if (graphShape === undefined) continue;
    const family = families.get(graphShape) ?? new Map<string, string>();
    families.set(graphShape, family.set(splitHash, summary.datasetName));
  }
  return [...families.values()].flatMap((family) => {
    const names = [...new Set(family.values())];
    return family.size > 1 && names.length > 1 ? [`Same interactions, different split: ${listed(names)}`] : [];
  });
}

/** Datasets with runs of several protocols where nothing above says in what they differ: their rules for missing features do. */
function otherProtocols(runs: readonly ComparedRun[]): string[] {
  const ids = new Map<string, Set<string>>();
  for (const { summary, protocolId } of runs)
    if (protocolId !== undefined) ids.set(summary.datasetName, (ids.get(summary.datasetName) ?? new Set()).add(protocolId.slice(0, 8)));
  return [...ids].flatMap(([name, of]) =>
    of.size > 1 ? [`${name} has runs under different rules for missing features: ${[...of].join(', ')}`] : [],
  );
}

/** Modalities whose features are not the same in all runs of a dataset. */
function featureWarnings(runs: readonly ComparedRun[]): string[] {
  const seen = new Map<string, Set<string>>();
  for (const { summary, features } of runs)
    for (const [modality, hash] of Object.entries(features ?? {})) {
      const key = `${summary.datasetName} has runs on different ${modality} features`;
      seen.set(key, (seen.get(key) ?? new Set()).add(hash.slice(0, 8)));
    }
  return [...seen].flatMap(([words, hashes]) => (hashes.size > 1 ? [`${words}: ${[...hashes].join(', ')}`] : []));
}

const candidateWords = { all: 'all items', 'cold-items': 'cold items alone' } as const;
const validationWords = { whole: 'whole for epoch and configuration', nested: 'nested' } as const;

/** What was ranked and what chose the epoch. */
export function evaluationOf({ config }: Pick<ComparedRun, 'config'>): Evaluation {
  return config.evaluation ?? usualEvaluation;
}

/** Runs of two families never compete for one row, nor share a mean (protocol.md section 9, rule 6). */
export function protocolFamily(run: Pick<ComparedRun, 'config'>): string {
  const { candidates, validation } = evaluationOf(run);
  return `${run.config.protocol} ${candidates} ${validation}`;
}

/** The split hash under which something may be published about values of a dataset; empty where other items were ranked than papers rank. */
export function publishedSplit(included: readonly Configuration[], dataset: string): string {
  const runs = included.filter((entry) => entry.dataset === dataset).flatMap((entry) => entry.runs);
  return runs.every((run) => evaluationOf(run).candidates === 'all') ? (runs[0]?.splitHash ?? '') : '';
}

/** The label under which tables and captions name a protocol preset (protocol.md section 4). */
export function protocolName(protocol: 'validation' | 'mmrec'): string {
  return protocol === 'mmrec' ? 'MMRec protocol (test-selected)' : 'validation-selected';
}
