/** Statistics of a comparison (protocol.md section 9): tests from the worker, the family corrected, ranks across datasets, words. */
import { assumptions } from '#contract/assumptions.ts';
import type { Table } from '#contract/table.ts';
import type { Finding } from '#contract/significance.ts';
import type { Comparison, Ranking, Statistics, TestAnswers } from '#contract/statistics.ts';
import { leastDatasets, rankSummary, winTieLoss } from '#stats/across-datasets.ts';
import { aggregate } from '#stats/aggregate.ts';
import { adjust } from '#stats/corrections.ts';
import { differenceOf } from '#stats/same-value.ts';
import { wilcoxon } from '#stats/wilcoxon.ts';
import { comparability, publishedSplit } from './comparability.ts';
import type { ComparisonSource } from './compared-run.ts';
import { columnNoise } from './noise-floor.ts';
import { planTests, settled, type PerUserFile, type PlannedPair, type SettledOptions } from './statistics-plan.ts';
import { starsCaption } from './statistics-words.ts';
import type { ProfileNeeds } from './profile.ts';
import { rankedColumns, rankedDatasets, resplitsOf } from './resplits.ts';
import { segmentedRuns } from './segmented-table.ts';
import { buildTable, withoutRepeats } from './table.ts';
import { baselineOf, tableLayout, type ParsedTableRequest, type TableLayout } from './table-layout.ts';
import type { TestDesk } from './test-desk.ts';
import { verdictOf } from './verdict.ts';
import type { TestOptions } from '#contract/significance.ts';

export interface StatisticsQuestion {
  readonly table: ParsedTableRequest;
  readonly options: TestOptions;
  readonly family: Statistics['family'];
}

export interface StatisticsNeeds extends ProfileNeeds {
  readonly tests: Pick<TestDesk, 'run' | 'profile'>;
  readonly perUserFile: PerUserFile;
}

/** @throws ProblemError table.*, statistics.*, cancelled */
export async function statisticsOf(
  needs: StatisticsNeeds,
  { table, options: asked, family }: StatisticsQuestion,
  onProgress?: (fraction: number) => void,
  signal?: AbortSignal,
): Promise<Statistics> {
  const { source, tests } = needs;
  const layout = tableLayout(source, table, await segmentedRuns(needs, table));
  const options = settled(asked);
  const baselineKey = baselineOf(layout.rows, table.baseline) ?? layout.rows[0]!.key;
  const baseline = layout.rows.findIndex((row) => row.key === baselineKey);
  const blocked = comparability(layout.included).reasons;
  const plan = await planTests(layout, { options, baseline, family }, needs);
  // Different splits or protocols are not tested together at all (protocol.md section 9, rule 6).
  const answers = blocked.length > 0 ? [] : await tests.run(plan.task, onProgress, signal);
  const minimums = minimumsOf(layout, options);
  const comparisons = findings({ layout, options, answers, pairs: plan.pairs, minimums, isBlocked: blocked.length > 0 });
  const familySize = comparisons.filter(({ finding }) => finding !== undefined).length;
  const counts = plan.task.entries.map(({ seeds }) => seeds.length);
  const facts = {
    options,
    family,
    familySize,
    part: layout.part,
    minimums,
    blocked,
    baselineTitle: titleOf(source, layout, baseline),
    seeds: [Math.min(...counts), Math.max(...counts)] as [number, number],
    unpaired: comparisons.filter(({ finding }) => finding?.method === 'Welch t').length,
  };
  return {
    part: layout.part,
    frozen: layout.frozen,
    selection: layout.selection,
    rows: layout.rows.map((row, at) => ({
      key: row.key,
      model: row.model,
      title: source.modelTitle(layout.rows[at]!.model),
      differences: row.differences,
      inferred: row.inferred,
    })),
    groups: [...layout.groups],
    metrics: layout.metrics,
    baseline: baselineKey,
    family,
    options,
    blocked,
    comparisons,
    familySize,
    minimums,
    seeds: facts.seeds,
    rankings: blocked.length > 0 || rankedDatasets(layout).length < 2 ? [] : rankings(layout, baseline, options.alpha),
    resplits: blocked.length > 0 ? [] : resplitsOf(layout, { options, baseline, family, minimums }),
    assumptions: [...assumptions(facts), ...(layout.part === 'test' ? (layout.visible?.warnings ?? []).map((words) => `${words}.`) : [])],
    caption: starsCaption(facts),
  };
}

function titleOf(source: ComparisonSource, { rows }: TableLayout, row: number): string {
  const { model, differences } = rows[row]!;
  return differences === '' ? source.modelTitle(model) : `${source.modelTitle(model)} ${differences}`;
}

function columnValues({ rows, groups, metrics, read }: TableLayout, column: number): readonly (readonly number[])[] {
  const { dataset } = groups[Math.floor(column / metrics.length)]!;
  return rows.map((row) => {
    const entry = row.byDataset.get(dataset);
    return entry === undefined ? [] : read(entry, column);
  });
}

function minimumsOf(layout: TableLayout, { minimum }: SettledOptions): Statistics['minimums'] {
  const { groups, metrics, included } = layout;
  return groups.flatMap(({ dataset, segment }, group) => {
    // What is published is the noise of all users, not of a segment of them.
    const splitHash = segment === undefined ? publishedSplit(included, dataset) : '';
    return metrics.map(({ key }, at) =>
      minimum === undefined
        ? columnNoise(columnValues(layout, group * metrics.length + at), splitHash, key)
        : { value: minimum, from: 'chosen by you' },
    );
  });
}

interface Gathered {
  readonly layout: TableLayout;
  readonly options: SettledOptions;
  readonly answers: TestAnswers;
  readonly pairs: readonly PlannedPair[];
  readonly minimums: Statistics['minimums'];
  readonly isBlocked: boolean;
}

function findings({ layout, options, answers, pairs, minimums, isBlocked }: Gathered): Comparison[] {
  const { rows, metrics } = layout;
  const tested = pairs.map(({ pair }) => (pair === undefined ? undefined : answers[pair]));
  const raw = tested.map((answer) => (answer === undefined || 'missing' in answer ? undefined : answer));
  const adjusted = adjust(
    raw.flatMap((answer) => answer?.p ?? []),
    options.correction,
  );
  let next = 0;
  return pairs.map(({ first, second, column }, at) => {
    const place = { first: rows[first]!.key, second: rows[second]!.key, column };
    const answer = raw[at];
    if (answer === undefined) {
      const missing = tested[at];
      const note = isBlocked ? 'not comparable' : missing !== undefined && 'missing' in missing ? missing.missing : 'no finished run';
      return { ...place, note };
    }
    const values = columnValues(layout, column);
    // Runs whose seeds are not shared are two series, each with a number of its own.
    const seeds = options.design === 'user' || answer.method === 'Welch t' ? [] : seedPairs(layout, { first, second, column });
    const sides = seeds.length > 0 ? [seeds.length] : [values[first]!.length, values[second]!.length];
    const fewest = options.design === 'user' ? Infinity : Math.min(...sides);
    const better = metrics[column % metrics.length]!.better;
    // Relative to what the difference was taken from: of paired seeds those that both have.
    const base = aggregate(seeds.length > 0 ? seeds.map((pair) => pair.second) : values[second]!)!.mean;
    const common = { ...answer, adjusted: adjusted[next++]! };
    const finding: Finding = {
      ...common,
      ...(base === 0 ? {} : { relative: answer.difference / Math.abs(base) }),
      verdict: verdictOf(common, { alpha: options.alpha, minimum: minimums[column]!.value, better, fewest }),
    };
    return {
      ...place,
      finding,
      ...(finding.verdict === 'few' ? { note: `only ${fewest} seeds: five are needed for a star` } : {}),
      ...(seeds.length > 0 ? { pairs: seeds } : {}),
    };
  });
}

function seedPairs(layout: TableLayout, { first, second, column }: PlannedPair): { seed: number; first: number; second: number }[] {
  const { rows, groups, metrics, readRuns } = layout;
  const { dataset } = groups[Math.floor(column / metrics.length)]!;
  const [a, b] = [rows[first]!.byDataset.get(dataset), rows[second]!.byDataset.get(dataset)];
  if (a === undefined || b === undefined) return [];
  const [valuesA, valuesB] = [readRuns(a, column), readRuns(b, column)];
  return a.runs.flatMap((run, index) => {
    const [x, y] = [valuesA[index], valuesB[b.runs.findIndex((candidate) => candidate.config.seed === run.config.seed)]];
    return x === undefined || y === undefined ? [] : [{ seed: run.config.seed, first: x, second: y }];
  });
}

/** Per metric the ranks over datasets; means of runs stand for their dataset. */
function rankings(layout: TableLayout, baseline: number, alpha: number): Ranking[] {
  const { rows, metrics } = layout;
  return metrics.map((metric, at) => {
    const columns = rankedColumns(layout, at);
    const summary = rankSummary(columns, metric.better, alpha);
    const ofRow = (row: number) => columns.map((column) => column[row]);
    return {
      metric: metric.key,
      datasets: summary.datasets,
      averages: [...summary.averages],
      ...(summary.friedman === undefined ? {} : { friedman: summary.friedman }),
      ...(summary.criticalDifference === undefined ? {} : { criticalDifference: summary.criticalDifference }),
      groups: summary.groups.map((group) => [...group]),
      tally: rows.map((_, row) => winTieLoss(ofRow(row), ofRow(baseline), metric.better)),
      ...pairOverDatasets(columns, metric.better),
    };
  });
}

/** Two rows: Wilcoxon over datasets in place of ranks of two. */
function pairOverDatasets(columns: readonly (readonly (number | undefined)[])[], better: 'higher' | 'lower'): { pair?: Ranking['pair'] } {
  if (columns[0]?.length !== 2) return {};
  const differences = columns.flatMap(([a, b]) =>
    a === undefined || b === undefined ? [] : [better === 'higher' ? differenceOf(a, b) : differenceOf(b, a)],
  );
  const result = differences.length < leastDatasets ? undefined : wilcoxon(differences);
  return result === undefined
    ? {}
    : { pair: { p: result.p, n: result.n, ...(result.effect === undefined ? {} : { effect: result.effect }) } };
}

/** The table a request asks for, by segment and with stars where it says so. @throws ProblemError table.*, dataset.*, statistics.* */
export async function tableOf(needs: StatisticsNeeds, request: ParsedTableRequest): Promise<Table> {
  return withoutRepeats(await withStars(needs, buildTable(needs.source, request, await segmentedRuns(needs, request)), request));
}

/** The table with what the tests against its baseline found; without a baseline or tests asked for, as it is. */
export async function withStars(needs: StatisticsNeeds, table: Table, request: ParsedTableRequest): Promise<Table> {
  if (request.tests === undefined || table.baseline === undefined || table.rows.length < 2) return table;
  const statistics = await statisticsOf(needs, { table: request, options: request.tests, family: 'baseline' });
  const rowOf = new Map(table.rows.map((row, at) => [row.key, at]));
  const cells = table.cells.map((row) => [...row]);
  for (const { first, column, finding } of statistics.comparisons) {
    const row = cells[rowOf.get(first) ?? -1];
    if (row !== undefined && finding !== undefined) row[column] = { ...row[column]!, finding };
  }
  return { ...table, cells, stars: { options: statistics.options, caption: statistics.caption, blocked: statistics.blocked } };
}
