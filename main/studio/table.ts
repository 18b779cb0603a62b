import type { Table, TableCell, tableRequestSchema } from '#contract/table.ts';
import type * as v from 'valibot';
import { ProblemError } from '#contract/problem.ts';
import { aggregate } from '#stats/aggregate.ts';
import { averageRanks, marks } from '#stats/marks.ts';
import { tableCaption, tableNotes } from './caption.ts';
import { comparability } from './comparability.ts';
import { configurations, type ComparisonSource, type Configuration } from './compared-run.ts';
import { describeMetric } from './metric-names.ts';

type Request = v.InferOutput<typeof tableRequestSchema>;

/** Metric by which configurations of a model compete, always on validation. */
export const selectionMetric = 'recall@20';

interface Row {
  readonly key: string;
  readonly model: string;
  /** Per dataset the configuration shown; with rows "model" the winner by mean validation. */
  readonly byDataset: ReadonlyMap<string, Configuration>;
  readonly differences: string;
  readonly inferred: boolean;
}

/**
 * The pivot: models (or configurations) × datasets × metrics, mean ± sd (n), best and second on unrounded means.
 * Shows validation until every experiment in scope is frozen; asking for test before that is a problem with its fix.
 */
export function buildTable(source: ComparisonSource, request: Request): Table {
  const runs = source.runs(request.scope);
  const experiments = [...new Set(runs.map((run) => run.summary.experimentId))].map((id) => source.experiment(id));
  const frozen = experiments.length > 0 && experiments.every((experiment) => experiment?.frozen === true);
  if (request.part === 'test' && !frozen) {
    throw new ProblemError({
      kind: 'config',
      code: 'table.test-masked',
      message: 'Test values are masked: the selection is not frozen',
      fix: 'Freeze the selection of every experiment in the table first (Compare, or: avocet freeze EXPERIMENT)',
    });
  }
  const part = request.part === 'validation' || !frozen ? 'validation' : 'test';
  const candidates = configurations(runs);
  const all = candidates.filter((entry) => part === 'validation' || entry.runs.length === 0 || entry.runs.some(isTestShown));
  if (all.every((entry) => entry.runs.length === 0)) {
    throw new ProblemError({
      kind: 'config',
      code: 'table.empty',
      message: 'No run in this comparison has finished yet',
      fix: 'Wait for a run to finish, or choose other runs',
    });
  }

  const datasets = [...new Map(runs.map((run) => [run.summary.dataset, run])).values()].map((run) => ({
    dataset: run.summary.dataset,
    name: run.summary.datasetName,
    split: run.splitHash.slice(0, 8),
  }));
  const rows = request.rows === 'model' ? modelRows(all, candidates) : configurationRows(all);
  const metrics = request.metrics.map(describeMetric);
  const cells = rows.map((row) =>
    datasets.flatMap(({ dataset }) => metrics.map((metric) => makeCell(row.byDataset.get(dataset), metric.key, part))),
  );
  const columns = datasets.flatMap((_, group) =>
    metrics.map((__, metric) => cells.map((row) => row[group * metrics.length + metric]!.mean)),
  );
  const better = datasets.flatMap(() => metrics.map((metric) => metric.better));
  const included = rows.flatMap((row) => [...row.byDataset.values()]);
  const comparable = comparability(included);
  // Rows on different splits or under different protocols stand side by side, but nothing is best among them (protocol.md 9, rule 6).
  for (const [index, column] of comparable.ok ? columns.entries() : []) {
    for (const [row, mark] of marks(column, better[index]!).entries())
      if (mark !== undefined) cells[row]![index] = { ...cells[row]![index]!, mark };
  }
  const baseline = rows.find((row) => row.key === request.baseline || row.model === request.baseline)?.key;
  const gains =
    baseline === undefined || !comparable.ok
      ? undefined
      : gainRow(
          columns,
          better,
          rows.findIndex((row) => row.key === baseline),
        );
  const ranks = rows.length < 2 || !comparable.ok ? undefined : [...averageRanks(columns, better)];
  return {
    title:
      experiments.length === 1 && experiments[0] !== undefined
        ? experiments[0].name
        : `${rows.length} ${rows.length === 1 ? 'row' : 'rows'}, ${datasets.length} ${datasets.length === 1 ? 'dataset' : 'datasets'}`,
    part,
    frozen,
    rows: rows.map((row) => ({
      key: row.key,
      model: row.model,
      title: source.modelTitle(row.model),
      differences: row.differences,
      inferred: row.inferred,
    })),
    groups: datasets,
    metrics,
    cells,
    ...(gains === undefined ? {} : { gains }),
    ...(baseline === undefined ? {} : { baseline }),
    ...(ranks === undefined ? {} : { ranks }),
    caption: tableCaption({ part, included, datasets, metrics }),
    notes: [...tableNotes(included, source)],
    comparable,
  };
}

function isTestShown(run: Configuration['runs'][number]): boolean {
  return run.summary.test.state === 'shown';
}

function configurationRows(all: readonly Configuration[]): readonly Row[] {
  const rows = new Map<string, Map<string, Configuration>>();
  for (const entry of all) {
    // The same settings on several datasets are one row.
    const key = `${entry.model} ${entry.differences}`;
    const byDataset = rows.get(key) ?? new Map<string, Configuration>();
    const present = byDataset.get(entry.dataset);
    if (present === undefined || entry.runs.length > present.runs.length) byDataset.set(entry.dataset, entry);
    rows.set(key, byDataset);
  }
  return [...rows].map(([key, byDataset]) => {
    const first = [...byDataset.values()][0]!;
    return { key: key.trim(), model: first.model, byDataset, differences: first.differences, inferred: first.inferred };
  });
}

/** One row a model; its settings are named where it had several configurations to choose from, also after only the winner is left. */
function modelRows(all: readonly Configuration[], candidates: readonly Configuration[]): readonly Row[] {
  const models = [...new Set(all.map((entry) => entry.model))];
  return models.map((model) => {
    const byDataset = new Map<string, Configuration>();
    const own = all.filter((entry) => entry.model === model);
    for (const dataset of new Set(own.map((entry) => entry.dataset))) {
      byDataset.set(dataset, winner(own.filter((entry) => entry.dataset === dataset)));
    }
    const shown = [...byDataset.values()];
    const differences = new Set(shown.map((entry) => entry.differences));
    return {
      key: model,
      model,
      byDataset,
      differences:
        differences.size === 1 && candidates.filter((entry) => entry.model === model).length > shown.length ? [...differences][0]! : '',
      inferred: shown.some((entry) => entry.inferred),
    };
  });
}

/** Best mean validation value over seeds; ties, and configurations without a finished run, go to grid order. */
export function winner(candidates: readonly Configuration[]): Configuration {
  let best = candidates[0]!;
  let bestMean = validationMean(best);
  for (const candidate of candidates.slice(1)) {
    const mean = validationMean(candidate);
    if (mean > bestMean) {
      best = candidate;
      bestMean = mean;
    }
  }
  return best;
}

function validationMean(entry: Configuration): number {
  return aggregate(values(entry, selectionMetric, 'validation'))?.mean ?? Number.NEGATIVE_INFINITY;
}

function values(entry: Configuration, metric: string, part: 'validation' | 'test'): number[] {
  return entry.runs.flatMap(({ summary }) => {
    const source = part === 'validation' ? summary.validation : summary.test.state === 'shown' ? summary.test.values : undefined;
    const value = source?.[metric];
    return value === undefined ? [] : [value];
  });
}

function makeCell(entry: Configuration | undefined, metric: string, part: 'validation' | 'test'): TableCell {
  if (entry === undefined) return { n: 0, missing: 'not run', runIds: [] };
  const runIds = entry.runs.map((run) => run.summary.id);
  const result = aggregate(values(entry, metric, part));
  if (result === undefined) return { n: 0, missing: missingReason(entry, part), runIds };
  return { mean: result.mean, n: result.n, ...(result.sd === undefined ? {} : { sd: result.sd }), runIds };
}

function missingReason(entry: Configuration, part: 'validation' | 'test'): string {
  if (entry.runs.length > 0) return part === 'test' ? 'masked' : 'not recorded';
  const failed = entry.unfinished.find((run) => run.summary.state === 'failed');
  if (failed !== undefined) return failed.summary.problem?.kind === 'diverged' ? 'diverged' : 'failed';
  const states = new Set(entry.unfinished.map((run) => run.summary.state));
  if (states.has('running') || states.has('preparing')) return 'running';
  if (states.has('stopped')) return 'stopped';
  return states.has('paused') ? 'paused' : 'waiting';
}

function gainRow(
  columns: readonly (readonly (number | undefined)[])[],
  better: readonly ('higher' | 'lower')[],
  baseline: number,
): (number | null)[] {
  return columns.map((column, index) => {
    const base = column[baseline];
    if (base === undefined || base === 0) return null;
    const others = column.filter((value, row): value is number => value !== undefined && row !== baseline);
    if (others.length === 0) return null;
    const best = better[index] === 'higher' ? Math.max(...others) : Math.min(...others);
    return (best - base) / base;
  });
}
