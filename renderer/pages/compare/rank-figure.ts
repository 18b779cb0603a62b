/** Mean ranks over datasets as a figure. The same on its tab, and where a saved one is drawn again. */
import type { RecipeOf } from '#contract/figure-recipe.ts';
import { baseName } from '#contract/file-name.ts';
import type { Ranking, Statistics } from '#contract/statistics.ts';
import { rowName } from '#contract/table-words.ts';
import { rowsCsv } from '#renderer/charts/figure-data.ts';
import { plot } from '#renderer/charts/plot-figure.ts';
import { counted } from '#renderer/locales/format.ts';
import { metricWords } from '#renderer/locales/metrics.ts';
import type { FigureSource } from '#renderer/state/figure-maker.svelte.ts';
import RankPlot from './RankPlot.svelte';

export function rankSummary(ranking: Ranking, rows: Statistics['rows']): string {
  const named = inOrder(ranking, rows).map(({ row, rank }) => `${rowName(row)} ${rank.toFixed(2)}`);
  return `Mean ranks of ${metricWords(ranking.metric).label} over ${counted(ranking.datasets, 'dataset')}: ${named.join(', ')}`;
}

/** Rows with their places among the rows and their mean ranks, best first. */
export const inOrder = ({ averages }: Ranking, rows: Statistics['rows']) =>
  rows.map((row, at) => ({ row, at, rank: averages[at] ?? 0 })).sort((a, b) => a.rank - b.rank);

/** Props of the plot but for its width. */
export function rankProps(ranking: Ranking, rows: Statistics['rows']) {
  const names = rows.map((row, at) => ({ key: row.key, title: rowName(row), rank: ranking.averages[at] ?? 0 }));
  return { names, groups: ranking.groups, criticalDifference: ranking.criticalDifference, summary: rankSummary(ranking, rows) };
}

/** Undefined where no dataset has a value of every row. */
export function rankFigure(
  { rankings, rows }: Pick<Statistics, 'rankings' | 'rows'>,
  choices: Omit<RecipeOf<'ranks'>, 'kind'>,
): FigureSource | undefined {
  const ranking = rankings.find(({ metric }) => metric === choices.metric);
  if (ranking === undefined || ranking.averages.length === 0) return undefined;
  const props = rankProps(ranking, rows);
  const { summary, ...drawn } = props;
  return {
    name: baseName(['ranks', ranking.metric].join(' ')),
    summary,
    plot: plot(RankPlot, ({ width }) => ({ ...props, width })),
    data: () =>
      rowsCsv(
        ['row', `mean rank of ${metricWords(ranking.metric).label}`, 'datasets'],
        inOrder(ranking, rows).map(({ row, rank }) => [rowName(row), rank, ranking.datasets]),
      ),
    again: { recipe: { ...choices, kind: 'ranks' }, facts: () => [drawn, ranking.datasets] },
  };
}
