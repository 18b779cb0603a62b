/** A metric by segment as a figure. The same on its tab, and where a saved one is drawn again. */
import { rowName } from '#contract/table-words.ts';
import type { RecipeOf } from '#contract/figure-recipe.ts';
import type { Profile } from '#contract/profile.ts';
import { baseName } from '#contract/file-name.ts';
import { rowsCsv } from '#renderer/charts/figure-data.ts';
import { plot } from '#renderer/charts/plot-figure.ts';
import { heard } from '#renderer/locales/language.svelte.ts';
import { staysAmong } from '#renderer/state/brush.svelte.ts';
import type { FigureSource } from '#renderer/state/figure-maker.svelte.ts';
import { segmentRows } from '#renderer/state/segment-rows.ts';
import SegmentsPlot from './SegmentsPlot.svelte';

export const segmentsHead = ['row', 'segment', 'users', 'mean', 'sd', 'n'] as const;
type Choices = Omit<RecipeOf<'segments'>, 'kind'>;

/** Undefined where what is asked for is not there. */
export function segmentsFigure(profile: Profile, choices: Choices) {
  const dataset = profile.groups.find((group) => group.dataset === choices.dataset);
  const metric = profile.metrics.find(({ key }) => key === choices.metric);
  if (dataset === undefined || metric === undefined) return undefined;
  const own = profile.segments[dataset.dataset];
  const segments = own?.[choices.of] ?? [];
  const total = own?.users.reduce((sum, { n }) => sum + n, 0) ?? 0;
  const stays = staysAmong(choices.kept);
  const series = segmentRows(profile, dataset.dataset, metric, choices.of)
    .filter(({ runIds }) => stays(runIds))
    .map((row) => ({ key: row.key, model: row.model, title: rowName(row), values: row.cells }));
  const names = () => ['All', ...segments.map(({ label }) => heard(label))];
  const axis = () => (profile.part === 'test' ? `Test ${metric.label}` : `Validation ${metric.label}`);
  const summary = `${metric.label} on ${dataset.name} ${choices.of === 'users' ? 'by train rows of a user' : 'by popularity of the held-out items'}, ${series.length} rows, mean ± sd over seeds`;
  /** What the chart shows, row by row. */
  const points = () =>
    series.flatMap(({ title, values }) =>
      names().map((name, at) => [title, name, at === 0 ? total : segments[at - 1]?.n, values[at]?.mean, values[at]?.sd, values[at]?.n]),
    );
  const source: FigureSource = {
    name: baseName(['segments-of', choices.of, metric.key].join(' ')),
    summary,
    plot: plot(SegmentsPlot, (size) => ({ rows: series, names: names(), axis: axis(), size, summary })),
    data: () => rowsCsv(segmentsHead, points()),
    again: { recipe: { ...choices, kind: 'segments' }, facts: () => [axis(), series.map(({ model }) => model), points()] },
  };
  return { ...{ series, names, axis, points }, source };
}
