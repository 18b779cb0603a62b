/** Curves of a comparison as a figure for paper: the same lines and names as on the screen, without cross-hair. */
import type { Curves } from '#contract/table.ts';
import { endLabelRoom } from '#renderer/charts/end-labels.ts';
import { rowsCsv } from '#renderer/charts/figure-data.ts';
import { lineChart } from '#renderer/charts/line.ts';
import { textWidth } from '#renderer/charts/text-width.ts';
import type { Span } from '#renderer/charts/zoom.ts';
import { metricWords } from '#renderer/locales/metrics.ts';
import { curveLabel, curvesSpec, zoomedCurves } from './comparison-words.ts';
import { isTimed, placesOf, standsOn, type CurveLayout } from './curve-layout.ts';
import type { FigureRequest } from './figures.svelte.ts';

const axisTitles = { epoch: 'Epoch', step: 'Step', time: 'Training time' } as const;

/** More lines are not named in a figure. */
const mostNamed = 12;

interface CurvesOnPaper {
  readonly curves: Curves['curves'];
  /** Curves of other datasets belong to the comparison, drawn or not. */
  readonly several: boolean;
  readonly metric: string;
  readonly layout: CurveLayout;
  readonly solo?: string | undefined;
  readonly span?: Span | undefined;
}

export function curvesFigure(paper: CurvesOnPaper): FigureRequest & { readonly hint: string | undefined } {
  const { curves, several, metric, layout, solo, span } = paper;
  const label = `Validation ${metricWords(metric).label}`;
  const isNarrow = curves.length > mostNamed;
  const diamonds = curves.length <= 6;
  const drawn = zoomedCurves(curvesSpec({ curves, what: 'mean', label, focus: solo, cursor: undefined, diamonds, layout }), span);
  return {
    name: `curves-${metric.replace('@', '-')}`,
    summary: drawn.summary,
    hint: isNarrow
      ? `${curves.length} lines are too many to be named in a figure: compare fewer, or choose one in the read-out.`
      : undefined,
    draw: (theme, size) => {
      const names = drawn.lines.map((line) => line.label);
      const endLabels = isNarrow ? 0 : Math.min(size.width / 2.5, endLabelRoom(names, theme, textWidth));
      return lineChart({ ...drawn, x: { ...drawn.x, label: axisTitles[layout.axis] }, y: { ...drawn.y, label }, endLabels }, theme, size);
    },
    data: () =>
      rowsCsv(
        ['line', 'epoch', 'step', 'seconds', label, 'sd', 'seeds'],
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
  };
}
