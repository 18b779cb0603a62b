/**
 * Folds and repeated random splits of the same rows (protocol.md section 9, rule 2): each is a dataset with a fingerprint of its own, and
 * together they are replicates. Their train rows overlap, so they are tested by the corrected resampled t alone, and never counted as
 * several datasets.
 */
import { grouped } from '#contract/grouped.ts';
import type { Finding } from '#contract/significance.ts';
import { isRandomRule } from '#contract/split-rule.ts';
import type { Resplit, ResplitComparison, Statistics } from '#contract/statistics.ts';
import { aggregate } from '#stats/aggregate.ts';
import { adjust } from '#stats/corrections.ts';
import { correctedT } from '#stats/paired-t.ts';
import { differenceOf } from '#stats/same-value.ts';
import type { ComparedRun } from './compared-run.ts';
import { canonical } from './identity.ts';
import type { SettledOptions } from './statistics-plan.ts';
import type { TableLayout } from './table-layout.ts';
import { leastReplicates, verdictOf } from './verdict.ts';

/** Splits of the same interactions by one random rule, drawn with other seeds or other folds of it. */
export interface SplitFamily {
  readonly kind: Resplit['kind'];
  /** Indices of groups of the layout, each another split. */
  readonly groups: readonly number[];
  /** Rows held out in the part shown over train rows, as a mean over the splits. */
  readonly ratio: number;
}

/** Families of two splits or more among the whole datasets of a layout. */
function splitFamilies({ groups, included, part }: TableLayout): SplitFamily[] {
  const whole = groups.flatMap(({ dataset, segment }, at) => (segment === undefined ? [{ at, run: runOn(included, dataset) }] : []));
  const byKey = grouped(
    whole.filter(({ run }) => familyKey(run) !== undefined),
    ({ run }) => familyKey(run)!,
  );
  return [...byKey.values()].flatMap((members) => {
    const distinct = new Map(members.map(({ at, run }) => [run!.splitHash, at]));
    const kind = members[0]!.run!.madeSplit!.rule.rule === 'k-fold' ? ('folds' as const) : ('splits' as const);
    const ratio = aggregate(members.map(({ run }) => run!.madeSplit![part] / run!.madeSplit!.train))!.mean;
    return distinct.size < 2 ? [] : [{ kind, groups: [...distinct.values()], ratio }];
  });
}

/** Datasets to rank over, each with its groups: one, or the splits of a family, which are no more than one dataset. Segments are parts of theirs. */
export function rankedDatasets(layout: TableLayout): readonly (readonly number[])[] {
  const families = splitFamilies(layout).map(({ groups }) => groups);
  const inFamily = new Set(families.flat());
  const alone = layout.groups.flatMap(({ segment }, at) => (segment === undefined && !inFamily.has(at) ? [[at]] : []));
  return [...alone, ...families];
}

/** [dataset to rank over][row]: the values of a metric that are ranked; of a family the mean over its splits, undefined where one lacks it. */
export function rankedColumns(
  layout: TableLayout,
  metric: number,
  value = (group: number, row: number) => valueOn(layout, group, row, metric),
): (number | undefined)[][] {
  return rankedDatasets(layout).map((groups) =>
    layout.rows.map((_, row) => {
      const values = groups.map((group) => value(group, row));
      return values.includes(undefined) ? undefined : aggregate(values as number[])!.mean;
    }),
  );
}

function runOn(included: TableLayout['included'], dataset: string): ComparedRun | undefined {
  return included.find((entry) => entry.dataset === dataset && entry.runs.length > 0)?.runs[0];
}

/** Equal for splits of one family; undefined where a split is not drawn at random or nobody knows how it was made. */
function familyKey(run: ComparedRun | undefined): string | undefined {
  if (run?.madeSplit === undefined || run.graphShape === undefined || !isRandomRule(run.madeSplit.rule)) return undefined;
  const { fold: _fold, ...rule } = { fold: 0, ...run.madeSplit.rule };
  return `${run.graphShape} ${canonical(rule)}`;
}

interface Asked {
  readonly options: SettledOptions;
  /** Index of a row. */
  readonly baseline: number;
  readonly family: Statistics['family'];
  readonly minimums: Statistics['minimums'];
}

/** Every family with the mean of each row over its splits, and its tests, corrected over all of them. */
export function resplitsOf(layout: TableLayout, { options, baseline, family, minimums }: Asked): Resplit[] {
  const { rows, metrics } = layout;
  const families = splitFamilies(layout);
  const tests = families.map((of) => testsOf(layout, of, { options, baseline, family }));
  const adjusted = adjust(
    tests.flat().flatMap(({ result }) => result?.p ?? []),
    options.correction,
  );
  let next = 0;
  return families.map((of, index) => {
    const comparisons = tests[index]!.map(({ first, second, metric, values, result }): ResplitComparison => {
      const place = { first: rows[first]!.key, second: rows[second]!.key, metric, values };
      if (result === undefined) return { ...place, note: 'fewer than two splits that both have' };
      const least = Math.max(...of.groups.map((group) => minimums[group * metrics.length + metric]!.value));
      const { better } = metrics[metric]!;
      const base = aggregate(values.map((value) => value.second))!.mean;
      const sign = better === 'higher' ? 1 : -1;
      const { n, interval, p, effect } = result;
      const common = { n, difference: sign * result.difference, p, adjusted: adjusted[next++]! };
      const finding: Finding = {
        ...common,
        ...(interval === undefined ? {} : { interval: sign === 1 ? [interval[0], interval[1]] : [-interval[1], -interval[0]] }),
        ...(base === 0 ? {} : { relative: common.difference / Math.abs(base) }),
        ...(effect === undefined ? {} : { effect: sign * effect }),
        effectName: 'd_z',
        method: 'corrected resampled t (Nadeau–Bengio)',
        verdict: verdictOf(common, { alpha: options.alpha, minimum: least, better, fewest: n }),
      };
      return {
        ...place,
        finding,
        ...(finding.verdict === 'few' ? { note: `only ${n} splits: ${leastReplicates} are needed for a star` } : {}),
      };
    });
    const found = {
      kind: of.kind,
      groups: [...of.groups],
      ratio: of.ratio,
      means: rows.map((_, row) => metrics.map((__, metric) => meanOver(layout, of, row, metric))),
      comparisons,
    };
    return { ...found, caption: captionOf(found, options, adjusted.length) };
  });
}

interface PlannedTest extends Pick<ResplitComparison, 'metric' | 'values'> {
  readonly first: number;
  readonly second: number;
  readonly result: ReturnType<typeof correctedT>;
}

function testsOf(layout: TableLayout, of: SplitFamily, { options, baseline, family }: Omit<Asked, 'minimums'>): PlannedTest[] {
  const { rows, metrics } = layout;
  const all = Array.from(rows.keys());
  const pairs =
    family === 'baseline'
      ? all.filter((row) => row !== baseline).map((row) => [row, baseline] as const)
      : all.flatMap((first) => all.slice(first + 1).map((second) => [first, second] as const));
  return pairs.flatMap(([first, second]) =>
    metrics.map(({ better }, metric) => {
      const shared = of.groups.flatMap((group) => {
        const [a, b] = [valueOn(layout, group, first, metric), valueOn(layout, group, second, metric)];
        return a === undefined || b === undefined ? [] : [{ group, first: a, second: b }];
      });
      const sign = better === 'higher' ? 1 : -1;
      const result = correctedT(
        shared.map((value) => sign * differenceOf(value.first, value.second)),
        of.ratio,
        options.alternative,
      );
      return { first, second, metric, values: shared, result };
    }),
  );
}

/** The mean over seeds of a row on one split. */
function valueOn({ rows, groups, metrics, read }: TableLayout, group: number, row: number, metric: number): number | undefined {
  const entry = rows[row]!.byDataset.get(groups[group]!.dataset);
  return entry === undefined ? undefined : aggregate(read(entry, group * metrics.length + metric))?.mean;
}

function meanOver(layout: TableLayout, { groups }: SplitFamily, row: number, metric: number): Resplit['means'][number][number] {
  const found = aggregate(groups.flatMap((group) => valueOn(layout, group, row, metric) ?? []));
  return found === undefined ? { n: 0 } : { n: found.n, mean: found.mean, ...(found.sd === undefined ? {} : { sd: found.sd }) };
}

const corrections = { holm: 'Holm', 'benjamini-hochberg': 'Benjamini\u2013Hochberg', none: 'no correction' } as const;

function captionOf({ kind, groups, ratio }: Pick<Resplit, 'kind' | 'groups' | 'ratio'>, options: SettledOptions, size: number): string {
  const over = kind === 'folds' ? `${groups.length} folds` : `${groups.length} random splits`;
  const sides = options.alternative === 'two-sided' ? 'two-sided' : 'one-sided';
  return `Over ${over}, values averaged over seeds and paired by split: corrected resampled t (Nadeau\u2013Bengio, rows held out to train rows ${ratio.toPrecision(3)}), ${sides}, ${corrections[options.correction]} over ${size} ${size === 1 ? 'comparison' : 'comparisons'}, \u03b1 ${options.alpha}.`;
}
