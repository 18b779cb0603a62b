/** Settings beside what runs reached, as figures. The same on their tab, and where a saved one is drawn again. */
import type { RecipeOf } from '#contract/figure-recipe.ts';
import { baseName } from '#contract/file-name.ts';
import type { Parameters } from '#contract/parameters.ts';
import { rowsCsv } from '#renderer/charts/figure-data.ts';
import { parallel, reachedText, type Limits } from '#renderer/charts/parallel.ts';
import { plot, type Plot } from '#renderer/charts/plot-figure.ts';
import { counted, shortened } from '#renderer/locales/format.ts';
import { importanceText } from '#renderer/locales/statistics.ts';
import { staysAmong } from '#renderer/state/brush.svelte.ts';
import type { FigureSource } from '#renderer/state/figure-maker.svelte.ts';
import ImportancePlot from './ImportancePlot.svelte';
import ParallelPlot from './ParallelPlot.svelte';
import SlicesPlot from './SlicesPlot.svelte';

type Choices = Omit<RecipeOf<'parameters'>, 'kind'>;

/** Ids of runs inside the ranges and among what is kept on every tab. */
export function keptRuns(found: Parameters, limits: Limits, kept: readonly string[] | undefined): ReadonlySet<string> {
  const stays = staysAmong(kept);
  const { runs } = parallel(found, { limits, width: 800, height: 360 });
  return new Set(runs.flatMap(({ id, isKept }) => (isKept && stays([id]) ? [id] : [])));
}

/** What an axis is called. */
export const axisLabel =
  ({ metric }: Pick<Parameters, 'metric'>) =>
  (key: string): string =>
    key === metric.key ? shortened(metric.label, 20) : key;

/** Kept runs, best first. */
export function bestFirst({ metric, runs }: Parameters, kept: ReadonlySet<string>): Parameters['runs'] {
  return runs.filter(({ id }) => kept.has(id)).sort((a, b) => (metric.better === 'higher' ? b.value - a.value : a.value - b.value));
}

export function parametersSummary(found: Parameters, kept: ReadonlySet<string>): string {
  const [best] = bestFirst(found, kept);
  const settings = found.parameters.map(({ key }) => key).join(', ');
  return `${found.metric.label} of ${counted(found.runs.length, 'run')} by ${settings}; ${kept.size} kept, best ${best === undefined ? 'none' : reachedText(found)(best.value)}`;
}

/** Settings with their importance, most first. */
export const importanceRows = ({ parameters, importance }: Parameters) =>
  parameters.map(({ key }, at) => ({ key, ...(importance?.of[at] ?? { mean: 0, sd: 0 }) })).sort((a, b) => b.mean - a.mean);

export const importanceSummary = (found: Parameters): string =>
  `Permutation importance for ${found.metric.label}: ${importanceRows(found)
    .map(({ key, mean }) => `${key} ${importanceText(mean)}`)
    .join(', ')}`;

/** Undefined where there is nothing of it to draw, or the runs are others by now: of another model, or on another dataset. */
export function parametersFigure(found: Parameters, choices: Choices): FigureSource | undefined {
  const { of, request, limits = {}, kept: keptElsewhere } = choices;
  if (found.model !== request.model || found.dataset !== request.dataset) return undefined;
  if (of === 'importance' ? found.importance === undefined : found.parameters.length === 0 || found.runs.length === 0) return undefined;
  const kept = keptRuns(found, limits, keptElsewhere);
  const { models: _models, datasets: _datasets, ...seen } = found;
  // A range that keeps nothing has no ends to be written down.
  const canBeDrawnAgain = Object.values(limits).every((limit) => Number.isFinite(limit?.low) && Number.isFinite(limit?.high));
  return {
    ...(of === 'importance' ? ofImportance(found) : ofRuns(found, of, limits, kept)),
    again: canBeDrawnAgain
      ? { recipe: { ...choices, kind: 'parameters' }, facts: () => (of === 'importance' ? importanceRows(found) : [seen, [...kept]]) }
      : undefined,
  };
}

function ofImportance(found: Parameters): FigureSource {
  const [rows, summary] = [importanceRows(found), importanceSummary(found)];
  return {
    name: 'importance',
    summary,
    plot: plot(ImportancePlot, ({ width }) => ({ rows, summary, width })),
    data: () =>
      rowsCsv(
        ['setting', 'importance', 'sd'],
        rows.map(({ key, mean, sd }) => [key, mean, sd]),
      ),
  };
}

function ofRuns(found: Parameters, of: 'parallel' | 'slices', limits: Limits, kept: ReadonlySet<string>): FigureSource {
  const summary = parametersSummary(found, kept);
  const drawn: Plot =
    of === 'parallel'
      ? plot(ParallelPlot, (size) => ({ parameters: found, limits, label: axisLabel(found), size, summary }))
      : plot(SlicesPlot, ({ width }) => ({ parameters: found, kept, width, summary }));
  return {
    name: baseName([of, found.model, found.metric.key].join(' ')),
    summary,
    plot: drawn,
    data: () =>
      rowsCsv(
        ['run', 'seed', 'kept', ...found.parameters.map(({ key }) => key), found.metric.label],
        found.runs.map((run) => [
          run.id,
          run.seed,
          kept.has(run.id) ? 1 : 0,
          ...found.parameters.map(({ key }) => field(run.settings[key])),
          run.value,
        ]),
      ),
  };
}

/** Numbers stay numbers in a file; what is true or false is a word there. */
const field = (value: string | number | boolean | undefined) => (typeof value === 'boolean' ? String(value) : value);
