/** Which rows, datasets and metrics a comparison has, and which part it may show: shared by the table and by the statistics. */
import type * as v from 'valibot';
import { ProblemError } from '#contract/problem.ts';
import { grouped } from '#contract/grouped.ts';
import type { GroupSegment, Table, tableRequestSchema } from '#contract/table.ts';
import { aggregate } from '#stats/aggregate.ts';
import { differenceOf } from '#stats/same-value.ts';
import { protocolFamily } from './comparability.ts';
import { configurations, isOwn, leftOutWords, type ComparedRun, type ComparisonSource, type Configuration } from './compared-run.ts';
import { visibleTest, type VisibleTest } from './visible-test.ts';
import { describeFormula, describeMetric, isFormula } from './metric-names.ts';

export type ParsedTableRequest = v.InferOutput<typeof tableRequestSchema>;

/** Values of runs by segment, gathered before a table is laid out. */
export interface SegmentedRuns {
  /** Segments of a dataset that somebody is in. */
  of(dataset: string): readonly GroupSegment[];
  /** Of each finished run in their order; undefined where it has none. */
  values(entry: Configuration, segment: GroupSegment, metric: string): readonly (number | undefined)[];
}

/** Metric by which configurations of a model compete, always on validation. */
export const selectionMetric = 'recall@20';

export interface TableRow {
  readonly key: string;
  readonly model: string;
  /** Per dataset the configuration shown; with rows "model" the winner by mean validation. */
  readonly byDataset: ReadonlyMap<string, Configuration>;
  readonly differences: string;
  readonly inferred: boolean;
}

export interface TableLayout {
  readonly experiments: readonly ReturnType<ComparisonSource['experiment']>[];
  readonly frozen: boolean;
  readonly selection: NonNullable<Table['selection']>;
  /** What could be seen of test without a selection; absent while test is masked. */
  readonly visible: VisibleTest | undefined;
  readonly part: Table['part'];
  readonly rows: readonly TableRow[];
  readonly groups: Table['groups'];
  readonly metrics: Table['metrics'];
  /** The configurations behind the cells. */
  readonly included: readonly Configuration[];
  /** What is said of imported runs that were asked for; undefined where there are none. */
  readonly leftOut: string | undefined;
  /** Values of a configuration's finished runs in a column (group * metrics + metric) that may be seen, in the order of runs. */
  readonly read: (entry: Configuration, column: number) => readonly number[];
  /** The same with a place for every finished run: undefined where one has no value, so that each stays with its seed. */
  readonly readRuns: (entry: Configuration, column: number) => readonly (number | undefined)[];
}

/**
 * Validation until every experiment in scope is frozen; asking for test before that is a problem with its fix.
 * @throws ProblemError table.test-masked, table.empty, metric.unknown
 */
export function tableLayout(source: ComparisonSource, request: ParsedTableRequest, segmented?: SegmentedRuns): TableLayout {
  const { datasets } = request;
  const asked = source.runs(request.scope).filter(({ summary }) => datasets.length === 0 || datasets.includes(summary.dataset));
  const runs = asked.filter(isOwn);
  if (runs.length === 0 && asked.length > 0)
    throw new ProblemError({
      kind: 'config',
      code: 'table.imported',
      message: 'Imported runs are not compared: another evaluator computed their values, on a split that is not proved',
      fix: 'Look at them in Runs and in Curves, or bring their vectors or lists with: avocet import-run.',
    });
  const experiments = selectingExperiments(source, request.scope, runs).map((id) => source.experiment(id));
  const isSettled = (experiment: (typeof experiments)[number]) => experiment?.frozen === true || showsWithoutChoice(experiment, runs);
  const frozen = experiments.length > 0 && experiments.every(isSettled);
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

  const whole = [...new Map(runs.map((run) => [run.summary.dataset, run])).values()].map((run) => ({
    dataset: run.summary.dataset,
    name: run.summary.datasetName,
    split: run.splitHash.slice(0, 8),
    splitHash: run.splitHash,
    ...sharedProtocol(runs.filter(({ summary }) => summary.dataset === run.summary.dataset)),
  }));
  const rows = request.rows === 'model' ? modelRows(all, candidates) : configurationRows(all);
  const metrics = [...request.metrics.map(describeMetric), ...request.formulas.map(describeFormula)];
  const included = rows.flatMap((row) => [...row.byDataset.values()]);
  const groups = whole.flatMap((group): Table['groups'] => [
    group,
    ...(segmented?.of(group.dataset) ?? []).map((segment) => ({ ...group, segment })),
  ]);
  const readRuns: TableLayout['readRuns'] = (entry, column) => {
    const [group, metric] = [groups[Math.floor(column / metrics.length)], metrics[column % metrics.length]];
    if (group === undefined || metric === undefined) return [];
    if (group.segment !== undefined) return segmented?.values(entry, group.segment, metric.key) ?? [];
    return isFormula(metric.key) ? (source.formula?.(metric.key, entry.runs) ?? []) : runValues(entry, metric.key, part);
  };
  const read: TableLayout['read'] = (entry, column) => known(readRuns(entry, column));
  const visible = frozen ? visibleTest(source, experiments, included) : undefined;
  return {
    experiments,
    frozen,
    selection: visible?.selection ?? 'open',
    visible,
    part,
    rows,
    groups,
    metrics,
    included,
    leftOut: leftOutWords(asked),
    read,
    readRuns,
  };
}

/** An experiment with nothing to select, whose runs no other experiment that selects has taken up: all of their test values are shown. */
function showsWithoutChoice(experiment: ReturnType<ComparisonSource['experiment']>, runs: readonly ComparedRun[]): boolean {
  if (experiment?.choosesNothing !== true) return false;
  const finished = runs.filter(({ summary }) => summary.experimentId === experiment.id && summary.state === 'finished');
  return finished.every(({ summary }) => summary.test.state === 'shown');
}

/**
 * The experiments whose selection decides what a table may show: the owners of its runs, and instead of them a frozen experiment in
 * scope that took their runs up, as its selection is what shows them.
 */
function selectingExperiments(
  source: ComparisonSource,
  scope: ParsedTableRequest['scope'],
  runs: readonly ComparedRun[],
): readonly string[] {
  const frozen = scope.experiments.filter((id) => source.experiment(id)?.frozen === true);
  const selected = frozen.length === 0 ? [] : source.runs({ experiments: frozen, runs: [] });
  const held = new Set(selected.map((run) => run.summary.id));
  const others = runs.filter((run) => !held.has(run.summary.id));
  return [...new Set([...frozen, ...others.map((run) => run.summary.experimentId)])];
}

/** The row a request names as baseline, by key or by model. */
export function baselineOf(rows: readonly TableRow[], asked: string | undefined): string | undefined {
  return rows.find((row) => row.key === asked || row.model === asked)?.key;
}

function isTestShown(run: Configuration['runs'][number]): boolean {
  return run.summary.test.state === 'shown';
}

function configurationRows(all: readonly Configuration[]): readonly TableRow[] {
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
function modelRows(all: readonly Configuration[], candidates: readonly Configuration[]): readonly TableRow[] {
  // Under another protocol or candidate set a model is another row: its configurations do not compete across them.
  const families = grouped(all, (entry) => `${entry.model}\n${familyOf(entry)}`);
  const rowsOf = (model: string) => [...families.keys()].filter((key) => key.startsWith(`${model}\n`));
  const isNamed = (model: string, shown: readonly Configuration[]) =>
    candidates.filter((entry) => entry.model === model).length > shown.length;
  return [...families].map(([family, own]) => {
    const { model } = own[0]!;
    const byDataset = new Map<string, Configuration>();
    for (const dataset of new Set(own.map((entry) => entry.dataset))) {
      byDataset.set(dataset, winner(own.filter((entry) => entry.dataset === dataset)));
    }
    const shown = [...byDataset.values()];
    const differences = new Set(shown.map((entry) => entry.differences));
    const isMMRec = rowsOf(model).length > 1 && family.startsWith(`${model}\nmmrec `);
    return {
      key: rowsOf(model)[0] === family ? model : `${model} ${familyOf(own[0]!)}`,
      model,
      byDataset,
      differences: [isMMRec ? 'protocol mmrec' : '', isNamed(model, shown) && differences.size === 1 ? [...differences][0]! : '']
        .filter((words) => words !== '')
        .join(', '),
      inferred: shown.some((entry) => entry.inferred),
    };
  });
}

/** Best mean validation value over seeds, as a selection chooses; ties, and configurations without a finished run, go to grid order. */
function winner(candidates: readonly Configuration[]): Configuration {
  let best = candidates[0]!;
  let bestMean = validationMean(best);
  for (const candidate of candidates.slice(1)) {
    const mean = validationMean(candidate);
    if (differenceOf(mean, bestMean) > 0) {
      best = candidate;
      bestMean = mean;
    }
  }
  return best;
}

function validationMean(entry: Configuration): number {
  return aggregate(values(entry, selectionMetric, 'validation'))?.mean ?? Number.NEGATIVE_INFINITY;
}

/** The metric of each finished run that may be seen, in the order of runs. */
export function values(entry: Configuration, metric: string, part: 'validation' | 'test'): readonly number[] {
  return known(runValues(entry, metric, part));
}

function runValues(entry: Configuration, metric: string, part: 'validation' | 'test'): readonly (number | undefined)[] {
  return entry.runs.map(({ summary }) => {
    const source = part === 'validation' ? summary.validation : summary.test.state === 'shown' ? summary.test.values : undefined;
    return source?.[metric];
  });
}

const known = (found: readonly (number | undefined)[]): readonly number[] => found.filter((value) => value !== undefined);

function familyOf({ runs, unfinished }: Configuration): string {
  const [run] = [...runs, ...unfinished];
  return run === undefined ? '' : protocolFamily(run);
}

/** The protocol that all finished ones of these runs record; none where one does not, or they differ. */
function sharedProtocol(runs: readonly ComparedRun[]): { protocolId?: string } {
  const [id, ...others] = new Set(runs.flatMap(({ summary, protocolId }) => (summary.state === 'finished' ? [protocolId] : [])));
  return id === undefined || others.length > 0 ? {} : { protocolId: id };
}
