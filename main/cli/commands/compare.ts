import { starOf } from '#contract/significance.ts';
import { metricKeys } from '#contract/run.ts';
import type { Comparison, Statistics } from '#contract/statistics.ts';
import { groupTitle, partWords } from '#contract/table.ts';
import { oneOf, text, texts, UsageError, type Command } from '../command.ts';
import { unknownKey } from '#studio/nearest.ts';
import { columnOptionHelp, columnOptionsOf } from '../column-options.ts';
import { testOptionHelp, testOptionsOf } from '../test-options.ts';
import { columns as aligned } from '../words.ts';
import { findExperiment } from './experiments.ts';

export const compare: Command = {
  name: 'compare',
  summary: 'paired tests between models: adjusted p, effect and interval; ranks across datasets',
  usage: '[--experiment E]… [--baseline MODEL | --pairs] [--metrics recall@20,ndcg@20] [--design user|seed] [--test wilcoxon|t|bootstrap]',
  positionals: { least: 0, most: 0 },
  options: {
    experiment: { type: 'string', multiple: true, value: 'E', help: 'id or name; all finished runs where none is given' },
    rows: { type: 'string', value: 'R', help: 'model (the winner on validation) or configuration' },
    metrics: { type: 'string', value: 'M,…', help: 'such as recall@20,ndcg@20' },
    ...columnOptionHelp,
    part: { type: 'string', value: 'P', help: 'auto (default), validation or test' },
    baseline: { type: 'string', value: 'MODEL', help: 'what everything is tested against (default: the first row)' },
    pairs: { type: 'boolean', help: 'every pair instead of everything against the baseline' },
    ...testOptionHelp,
  },
  async run(context) {
    const { values } = context;
    const options = testOptionsOf(values);
    const rows = oneOf(values, 'rows', ['model', 'configuration']);
    const columns = columnOptionsOf(values);
    const part = oneOf(values, 'part', ['auto', 'validation', 'test']);
    const baseline = text(values, 'baseline');
    if (baseline !== undefined && values['pairs'] === true)
      throw new UsageError('--pairs tests every pair and --baseline one row: leave one out');
    const metrics = text(values, 'metrics')
      ?.split(',')
      .map((entry) => entry.trim());
    for (const metric of metrics ?? [])
      if (!metricKeys.includes(metric.toLowerCase())) throw new UsageError(unknownKey(metric, metricKeys, 'metrics'));
    const link = await context.link({ resume: false });
    const experiments = await Promise.all(texts(values, 'experiment').map(async (given) => (await findExperiment(link, given)).id));
    const table = {
      scope: { experiments },
      ...(rows === undefined ? {} : { rows }),
      ...columns,
      ...(part === undefined ? {} : { part }),
      ...(metrics === undefined ? {} : { metrics }),
      ...(baseline === undefined ? {} : { baseline }),
    };
    const family = values['pairs'] === true ? ('pairs' as const) : ('baseline' as const);
    for await (const event of link.stream('compare.statistics', { table, options, family })) {
      if (event.type === 'progress') {
        context.progress(`Testing ${Math.round(event.fraction * 100)} %`);
        continue;
      }
      const { statistics } = event;
      if (baseline !== undefined && !statistics.rows.some((row) => row.key === baseline || row.model === baseline))
        throw new UsageError(
          unknownKey(
            baseline,
            statistics.rows.map((row) => row.key),
            'rows',
          ),
        );
      print(statistics, context);
      return { json: { statistics } };
    }
    return { exitCode: 1 };
  },
};

function print(statistics: Statistics, { print: line, note }: Parameters<Command['run']>[0]): void {
  note(partWords(statistics));
  const names = new Map(statistics.rows.map((row) => [row.key, row.differences === '' ? row.title : `${row.title} (${row.differences})`]));
  const title = (key: string) => names.get(key) ?? key;
  const where = (column: number) => {
    const width = statistics.metrics.length;
    const group = statistics.groups[Math.floor(column / width)];
    return [group === undefined ? '' : groupTitle(group), statistics.metrics[column % width]?.label ?? ''];
  };
  const head = ['row', 'against', 'dataset', 'metric', 'difference', '95 % interval', 'p', 'adjusted', 'effect', 'pairs', ''];
  const cells = statistics.comparisons.map((comparison) => [
    title(comparison.first),
    title(comparison.second),
    ...where(comparison.column),
    ...resultOf(comparison),
  ]);
  for (const text of aligned(head, cells)) line(text);
  for (const ranking of statistics.rankings) {
    if (ranking.averages.length === 0) continue;
    const ranks = statistics.rows.map((row, at) => `${title(row.key)} ${ranking.averages[at]!.toFixed(2)}`).join(', ');
    const test = ranking.friedman === undefined ? '' : `; Friedman p ${probability(ranking.friedman.p)}`;
    const distance = ranking.criticalDifference === undefined ? '' : `, critical difference ${ranking.criticalDifference.toFixed(2)}`;
    line(`Mean ranks of ${ranking.metric} over ${ranking.datasets} datasets: ${ranks}${test}${distance}`);
  }
  for (const resplit of statistics.resplits) {
    const over = ['row', 'against', resplit.kind === 'folds' ? 'folds' : 'random splits', ...head.slice(3)];
    const rows = resplit.comparisons.map((comparison) => [
      title(comparison.first),
      title(comparison.second),
      String(resplit.groups.length),
      statistics.metrics[comparison.metric]?.label ?? '',
      ...resultOf(comparison),
    ]);
    for (const text of aligned(over, rows)) line(text);
    line(resplit.caption);
  }
  line(statistics.caption);
  for (const text of statistics.assumptions) note(text);
}

function resultOf({ finding, note }: Pick<Comparison, 'finding' | 'note'>): string[] {
  if (finding === undefined) return ['', '', '', '', '', '', note ?? 'no test'];
  const { difference, interval, p, adjusted, effect, effectName, n, verdict } = finding;
  const remark = verdict === 'small' ? 'within the noise floor' : (note ?? '');
  return [
    signed(difference),
    interval === undefined ? '' : `${signed(interval[0])} to ${signed(interval[1])}`,
    probability(p),
    `${probability(adjusted)}${starOf(verdict)}`,
    effect === undefined ? '' : `${effectName} ${effectText(effect)}`,
    String(n),
    remark,
  ];
}

function signed(value: number): string {
  return `${value < 0 ? '\u2212' : '+'}${Math.abs(value).toFixed(4)}`;
}

/** At least two digits that count: a rank-biserial correlation over thousands of users may be small and not nothing. */
function effectText(effect: number): string {
  return Math.abs(effect) >= 0.1 || effect === 0 ? effect.toFixed(2) : effect.toPrecision(2);
}

function probability(p: number): string {
  return p < 0.0001 ? p.toExponential(1) : p.toFixed(4);
}
