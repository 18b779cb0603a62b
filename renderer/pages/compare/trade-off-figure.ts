/** A trade-off: its points, and the figure of them. The same on its tab, and where a saved one is drawn again. */
import type { RecipeOf } from '#contract/figure-recipe.ts';
import { baseName } from '#contract/file-name.ts';
import { similarityKey, skippedKey, unpairedKey, type Profile } from '#contract/profile.ts';
import { decimalsOf, rowName } from '#contract/table-words.ts';
import { rowsCsv } from '#renderer/charts/figure-data.ts';
import { plot } from '#renderer/charts/plot-figure.ts';
import { axisNumber } from '#renderer/charts/run-curves.ts';
import { tradeOff } from '#renderer/charts/trade-off.ts';
import { measures } from '#renderer/locales/profile.ts';
import type { FigureSource } from '#renderer/state/figure-maker.svelte.ts';
import TradeOffPlot from './TradeOffPlot.svelte';

type Asked = Pick<RecipeOf<'trade-off'>, 'dataset' | 'metric' | 'measure'>;
export type TradeOffView = ReturnType<typeof tradeOffView>;

/** What is asked for, or the first there is of it, and the rows that have a value of both. */
export function tradeOffView(profile: Profile, asked: Asked) {
  const dataset = profile.groups.find((group) => group.dataset === asked.dataset) ?? profile.groups[0]!;
  const metric = profile.metrics.find(({ key }) => key === asked.metric) ?? profile.metrics[0]!;
  const modalities = profile.modalities[dataset.dataset] ?? [];
  const offered = measures(profile.k, modalities);
  const measure = offered.find(({ key }) => key === asked.measure) ?? offered[0]!;
  const entries = profile.entries.filter((entry) => entry.dataset === dataset.dataset);
  const points = entries.flatMap((entry) => {
    const [x, y] = [entry.values[measure.key]?.mean, entry.values[metric.key]?.mean];
    const row = profile.rows.find(({ key }) => key === entry.row);
    return x === undefined || y === undefined || row === undefined ? [] : [{ key: row.key, title: rowName(row), model: row.model, x, y }];
  });
  const decimals = (wished: number) =>
    decimalsOf(
      metric.key,
      points.map(({ y }) => y),
      wished,
    );
  return {
    ...{ k: profile.k, dataset, metric, modalities, offered, measure, entries, points, decimals },
    leftOut: leftOutOf(entries, measure),
  };
}

/** Of a similarity: by row how many places and lists it leaves out, means over seeds. */
function leftOutOf(
  entries: Profile['entries'],
  measure: { readonly key: string },
): ReadonlyMap<string, { skipped: number; unpaired: number }> {
  const start = similarityKey('');
  if (!measure.key.startsWith(start)) return new Map();
  const modality = measure.key.slice(start.length);
  return new Map(
    entries.flatMap(({ row, values }) => {
      const skipped = values[skippedKey(modality)]?.mean;
      return skipped === undefined ? [] : [[row, { skipped, unpaired: values[unpairedKey(modality)]?.mean ?? 0 }] as const];
    }),
  );
}

/** Made anew for a figure, whose words are English whatever the page speaks. */
export function tradeOffAxes({ k, modalities, measure, metric, decimals }: TradeOffView) {
  return {
    x: {
      label: measures(k, modalities).find(({ key }) => key === measure.key)?.label ?? measure.label,
      better: measure.better,
      text: measure.text,
    },
    y: {
      label: metric.label,
      better: metric.better,
      text: (value: number) => (decimals(3) > 4 ? axisNumber(value) : value.toFixed(decimals(3))),
    },
  };
}

export function tradeOffSummary({ metric, measure, dataset, points }: TradeOffView): string {
  const front = tradeOff(points, { x: measure.better, y: metric.better }, { width: 800, height: 420 }).points.filter(
    ({ isFront }) => isFront,
  );
  return `${metric.label} against ${measure.label} on ${dataset.name}, ${points.length} rows; on the front: ${front.map(({ title }) => title).join(', ')}`;
}

/** Undefined where what is asked for is not there. */
export function tradeOffFigure(profile: Profile, choices: Omit<RecipeOf<'trade-off'>, 'kind'>): FigureSource | undefined {
  const view = tradeOffView(profile, choices);
  const { dataset, metric, measure, points, leftOut } = view;
  if (points.length === 0 || dataset.dataset !== choices.dataset || metric.key !== choices.metric || measure.key !== choices.measure)
    return undefined;
  const summary = tradeOffSummary(view);
  const better = { x: measure.better, y: metric.better };
  return {
    name: baseName(['trade-off', metric.key, measure.key].join(' ')),
    summary,
    plot: plot(TradeOffPlot, (size) => ({ points, ...tradeOffAxes(view), size, summary })),
    data: () =>
      rowsCsv(
        ['row', metric.label, tradeOffAxes(view).x.label, 'front', ...(leftOut.size > 0 ? ['left out'] : [])],
        tradeOff(points, better, { width: 800, height: 420 }).points.map((point) => [
          ...[point.title, point.y, point.x, point.isFront ? 1 : 0],
          ...(leftOut.size > 0 ? [leftOut.get(point.key)?.skipped] : []),
        ]),
      ),
    again: { recipe: { ...choices, kind: 'trade-off' }, facts: () => [metric.label, better, points, [...leftOut]] },
  };
}
