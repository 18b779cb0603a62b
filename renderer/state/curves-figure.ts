/** Curves of a comparison as a figure for paper: the same lines and names as on the screen, without cross-hair. */
import { baseName } from '#contract/file-name.ts';
import type { RecipeOf } from '#contract/figure-recipe.ts';
import type { Curves } from '#contract/table.ts';
import { endLabelRoom } from '#renderer/charts/end-labels.ts';
import { rowsCsv } from '#renderer/charts/figure-data.ts';
import { lineChart } from '#renderer/charts/line.ts';
import { textWidth } from '#renderer/charts/text-width.ts';
import { metricWords } from '#renderer/locales/metrics.ts';
import { staysAmong } from './brush.svelte.ts';
import { curveLabel, curvesAtOnce, curvesSpec, groupedCurves, zoomedCurves } from './comparison-words.ts';
import { isTimed, placesOf, standsOn } from './curve-layout.ts';
import type { FigureSource } from './figure-maker.svelte.ts';

const axisTitles = { epoch: 'Epoch', step: 'Step', time: 'Training time' } as const;

/** More lines are not named in a figure. */
const mostNamed = 12;

type Curve = Curves['curves'][number];
export type CurvesChoices = Omit<RecipeOf<'curves'>, 'kind'>;

/** Undefined where nothing of it is to be drawn. */
export function curvesFigure(
  { metric, curves: all }: Curves,
  choices: CurvesChoices,
): (FigureSource & { readonly hint: string | undefined }) | undefined {
  const { layout, solo, span } = choices;
  const curves = chosenOf(all, choices);
  if (curves.length === 0) return undefined;
  // Curves of other datasets belong to the comparison, drawn or not.
  const several = new Set(all.map(({ dataset }) => dataset)).size > 1;
  const isNarrow = curves.length > mostNamed;
  const diamonds = curves.length <= 6;
  // Words of a figure are English, those about it the page's own: both are made when they are asked for.
  const label = () => `Validation ${metricWords(metric).label}`;
  const spec = () =>
    zoomedCurves(curvesSpec({ curves, what: 'mean', label: label(), focus: solo, cursor: undefined, diamonds, layout }), span);
  return {
    name: baseName(['curves', metric].join(' ')),
    summary: spec().summary,
    hint: isNarrow
      ? `${curves.length} lines are too many to be named in a figure: compare fewer, or choose one in the read-out.`
      : undefined,
    draw: (theme, size) => {
      const drawn = spec();
      const names = drawn.lines.map((line) => line.label);
      const endLabels = isNarrow ? 0 : Math.min(size.width / 2.5, endLabelRoom(names, theme, textWidth));
      return lineChart(
        { ...drawn, x: { ...drawn.x, label: axisTitles[layout.axis] }, y: { ...drawn.y, label: label() }, endLabels },
        theme,
        size,
      );
    },
    data: () =>
      rowsCsv(
        ['line', 'epoch', 'step', 'seconds', label(), 'sd', 'seeds'],
        curves.flatMap((curve) =>
          Array.from(curve.mean.epochs, (at, place) => [
            curveLabel(curve, several),
            at,
            standsOn(curve, 'step') ? placesOf(curve, curve.mean, 'step')[place] : undefined,
            isTimed(curve) ? placesOf(curve, curve.mean, 'time')[place] : undefined,
            curve.mean.values[place],
            curve.sd?.[place],
            curve.held[place],
          ]),
        ),
      ),
    again: { recipe: { kind: 'curves', ...choices }, facts: () => curves.map((curve) => factsOf(curve, several, layout.axis)) },
  };
}

/** Those that are shown: of all, grouped or not, what is kept, not hidden and has places on the axis. */
function chosenOf(all: readonly Curve[], { grouped, kept, hidden = [], solo, layout }: CurvesChoices): readonly Curve[] {
  const [stays, out] = [staysAmong(kept), new Set(hidden)];
  return ((grouped ?? all.length > curvesAtOnce) ? groupedCurves(all) : all).filter(
    (curve) => stays(curve.runIds) && (solo === undefined ? !out.has(curve.key) : curve.key === solo) && standsOn(curve, layout.axis),
  );
}

/** What of a curve is to be seen in a figure. */
function factsOf(curve: Curve, several: boolean, axis: CurvesChoices['layout']['axis']): unknown {
  const { model, mean, sd, held, whole, bestEpoch, bestValue, stopReason } = curve;
  const places = [...placesOf(curve, mean, axis)];
  const values = { values: [...mean.values], sd: sd === undefined ? undefined : [...sd], held: [...held] };
  return { label: curveLabel(curve, several), model, places, ...values, whole, bestEpoch, bestValue, stopReason };
}
