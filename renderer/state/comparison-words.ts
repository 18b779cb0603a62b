/** Words and numbers of the Compare screen that are more than a lookup. Pure. */
import type { ParsedOutputOf } from '#contract/procedures.ts';
import type { ExperimentSummary } from '#contract/experiment.ts';
import { unknownSteps } from '#contract/steps.ts';
import { groupTitle, selectionState, tableColumns, type Curves, type Table } from '#contract/table.ts';
import { metricWords } from '#renderer/locales/metrics.ts';
import type { ChartLine, LineChartSpec } from '#renderer/charts/line.ts';
import { joined } from '#renderer/locales/format.ts';
import { heard } from '#renderer/locales/language.svelte.ts';
import { valueAxis, withinSpan } from '#renderer/charts/run-curves.ts';
import type { Span } from '#renderer/charts/zoom.ts';
import { placeAxis, placesOf, plainLayout, withoutOutliers, type CurveLayout } from './curve-layout.ts';
import { smooth } from './live-series.ts';

export type ExperimentDetail = ParsedOutputOf<'experiments.get'>;
type Curve = Curves['curves'][number];

/** "selection open", "selection frozen", or "nothing to select" where each dataset has one configuration. */
export function selectionWords({ frozenAt, choosesNothing }: Pick<ExperimentSummary, 'frozenAt' | 'choosesNothing'>): string {
  return selectionState({
    frozen: frozenAt !== undefined,
    ...(frozenAt === undefined && choosesNothing === true ? { selection: 'none' } : {}),
  });
}

/** Tiles of an experiment carry locks while its test values wait for a selection. */
export function isMasked({ frozenAt, choosesNothing }: Pick<ExperimentSummary, 'frozenAt' | 'choosesNothing'>): boolean {
  return frozenAt === undefined && choosesNothing !== true;
}

/** How a row fares against the baseline over the columns: means above, equal and below. No test is implied. */
export function tally(table: Table, row: number, baseline: number): { above: number; equal: number; below: number } {
  const result = { above: 0, equal: 0, below: 0 };
  const columns = tableColumns(table);
  for (const [index, cell] of (table.cells[row] ?? []).entries()) {
    const base = table.cells[baseline]?.[index]?.mean;
    if (cell.mean === undefined || base === undefined) continue;
    const better = columns[index]?.metric.better === 'lower' ? base - cell.mean : cell.mean - base;
    if (better > 0) result.above++;
    else if (better < 0) result.below++;
    else result.equal++;
  }
  return result;
}

export function curveLabel(curve: Curve, severalDatasets: boolean): string {
  const settings = curve.differences === '' ? '' : ` ${curve.differences}`;
  return `${curve.title}${settings}${severalDatasets ? `, ${curve.datasetName}` : ''}`;
}

export const curveMetrics = ['recall@20', 'ndcg@20', 'recall@10', 'ndcg@10', 'precision@20', 'map@20'] as const;

interface CurvesChart {
  readonly curves: readonly Curve[];
  readonly what: 'mean' | 'loss' | 'seconds';
  readonly label: string;
  readonly focus: string | undefined;
  readonly cursor: number | undefined;
  readonly diamonds: boolean;
  /** Every line with its band, as of groups. */
  readonly bands?: boolean;
  /** Stands out while nothing has the focus, without dimming the others. */
  readonly lead?: string | undefined;
  readonly layout?: CurveLayout;
  /** The value at the best epoch beside each name. */
  readonly values?: boolean;
}

/** Lines of a comparison: the focus 2 px with its band and drop line, others 1.5; end labels up to twelve series. */
export function curvesSpec(chart: CurvesChart): LineChartSpec {
  const { curves, what, label, focus, cursor, diamonds, bands, lead, layout = plainLayout, values = false } = chart;
  const several = new Set(curves.map((curve) => curve.dataset)).size > 1;
  const main = focus ?? lead;
  const lines: ChartLine[] = curves.flatMap((curve) => {
    const series = curve[what];
    const isLead = curve.key === main;
    const isFocus = isLead || bands === true;
    const places = placesOf(curve, series, layout.axis);
    const smoothed = layout.smoothing < 1 ? smooth(series.values, layout.smoothing) : series.values;
    const at = curve.bestEpoch === undefined ? -1 : series.epochs.indexOf(curve.bestEpoch);
    const best =
      what === 'mean' && at >= 0 && (isFocus || diamonds)
        ? { best: { x: places[at]!, y: series.values[at]!, drops: main === undefined || isLead } }
        : {};
    const end = curve.stopReason === 'early-stopping' ? { end: 'cap' as const } : {};
    const part = (from: number, to: number): ChartLine => ({
      id: curve.key,
      label: curveLabel(curve, several),
      points: { x: places.subarray(from, to), y: smoothed.subarray(from, to) },
      model: curve.model,
      width: isLead ? 2 : 1.5,
      ...(values && curve.bestValue !== undefined ? { value: curve.bestValue.toFixed(4) } : {}),
      opacity: focus === undefined || curve.key === focus ? 1 : 0.75,
      ...(isFocus && what === 'mean' && curve.sd !== undefined ? { spread: curve.sd.subarray(from, to) } : {}),
    });
    const whole = Math.min(curve.whole, series.values.length);
    const raw: readonly ChartLine[] =
      smoothed === series.values
        ? []
        : [
            {
              ...{ id: `${curve.key}/raw`, label: '', isUnnamed: true, model: curve.model, width: 1, opacity: 0.35 },
              points: { x: places, y: series.values },
            },
          ];
    if (whole === series.values.length || whole === 0) return [...raw, { ...part(0, series.values.length), ...best, ...end }];
    // Seeds that have ended are no longer in the mean: it may jump there, and is dotted from there on.
    const head = { ...part(0, whole), isUnnamed: true };
    const tail: ChartLine = { ...part(whole - 1, series.values.length), id: `${curve.key}/fewer`, dash: 'dotted', ...end };
    return at < whole ? [...raw, { ...head, ...best }, tail] : [...raw, head, { ...tail, ...best }];
  });
  const last = Math.max(
    1,
    ...curves.map((curve) => {
      const places = placesOf(curve, curve[what], layout.axis);
      return places[places.length - 1] ?? 0;
    }),
  );
  const spanned = lines.map((line) => line.points.y);
  const first = curves[0];
  return {
    lines,
    x: placeAxis(last, layout.axis),
    // Twice as high as the two below it.
    y: valueAxis(layout.clips ? withoutOutliers(spanned) : spanned, layout.log, what === 'mean' ? 6 : 5),
    ...(cursor === undefined ? {} : { cursor }),
    endLabels: what === 'mean' && curves.length <= 12 ? (values ? 184 : 150) : 0,
    summary: `${label} over epochs for ${curves.map((curve) => curveLabel(curve, several)).join(', ')}${first?.bestValue === undefined ? '' : `; best of the first ${first.bestValue.toFixed(4)} at epoch ${first.bestEpoch}`}`,
  };
}

/** A part of the axis, with each name at the part of its line that is in sight. */
export function zoomedCurves(spec: LineChartSpec, span: Span | undefined): LineChartSpec {
  if (span === undefined) return spec;
  const within = withinSpan(spec, span, 5);
  const begins = new Map(spec.lines.map(({ id, points }) => [id, points.x[0] ?? Infinity]));
  return {
    ...within,
    lines: within.lines.map(({ isUnnamed, ...line }) =>
      isUnnamed === true && !((begins.get(`${line.id}/fewer`) ?? -Infinity) >= span.to) ? { ...line, isUnnamed } : line,
    ),
  };
}

/** Values of every curve at an epoch, best first; a curve that has ended gives none. */
export function readout(
  curves: readonly Curve[],
  epochOf: number | ((curve: Curve) => number | undefined),
): readonly { key: string; value: number | undefined; loss: number | undefined }[] {
  const rows = curves.map((curve) => {
    const epoch = typeof epochOf === 'number' ? epochOf : (epochOf(curve) ?? -1);
    const at = curve.mean.epochs.indexOf(epoch);
    const atLoss = curve.loss.epochs.indexOf(epoch);
    return { key: curve.key, value: at < 0 ? undefined : curve.mean.values[at], loss: atLoss < 0 ? undefined : curve.loss.values[atLoss] };
  });
  return rows.sort((a, b) => (b.value ?? -Infinity) - (a.value ?? -Infinity));
}

/** The table as rows of text, with full precision: what "Copy the table" puts on the clipboard. */
export function tableRows(table: Table): readonly (readonly string[])[] {
  const heads = tableColumns(table).flatMap(({ group, metric: { label } }) => [
    `${groupTitle(group)} ${label}`,
    `${groupTitle(group)} ${label} sd`,
  ]);
  return [
    ['Model', 'Settings', ...heads],
    ...table.rows.map((row, at) => [
      row.title,
      row.differences,
      ...(table.cells[at] ?? []).flatMap(({ mean, sd }) => [mean === undefined ? '' : String(mean), sd === undefined ? '' : String(sd)]),
    ]),
  ];
}

/** The curve whose best value is best by the metric's own direction. */
export function bestOf(curves: readonly Curve[], metric: string): Curve | undefined {
  const isHigher = metricWords(metric).better === 'higher';
  return curves.reduce<Curve | undefined>((best, curve) => {
    if (curve.bestValue === undefined) return best;
    const isBetter = best?.bestValue === undefined || (isHigher ? curve.bestValue > best.bestValue : curve.bestValue < best.bestValue);
    return isBetter ? curve : best;
  }, undefined);
}

/** More curves than this are first shown as the mean and spread of each model's. */
export const curvesAtOnce = 30;

/** One curve a model and dataset: the mean over its configurations at each epoch, with their sd and how many reach it. */
export function groupedCurves(curves: readonly Curve[]): readonly Curve[] {
  const groups = new Map<string, Curve[]>();
  for (const curve of curves) {
    const key = `${curve.dataset}/${curve.model}`;
    groups.set(key, [...(groups.get(key) ?? []), curve]);
  }
  return [...groups].map(([key, own]) => {
    const first = own[0]!;
    if (own.length === 1) return first;
    const mean = meanOf(own.map((curve) => curve.mean));
    const best = own.flatMap(({ bestValue }) => bestValue ?? []);
    const { bestEpoch: _epoch, bestValue: _value, stopReason: _reason, ...rest } = first;
    return {
      ...rest,
      key: `group/${key}`,
      differences: `${own.length} configurations`,
      inferred: own.some(({ inferred }) => inferred),
      n: own.length,
      runIds: own.flatMap(({ runIds }) => runIds),
      ...mean,
      steps: stepsOfAll(own),
      loss: meanOf(own.map((curve) => curve.loss)).mean,
      seconds: meanOf(own.map((curve) => curve.seconds)).mean,
      ...(best.length === 0 ? {} : { bestValue: Math.max(...best) }),
      sentence: `${first.title} on ${first.datasetName}: mean and spread of ${own.length} configurations`,
    };
  });
}

/** One step axis for a mean over epochs needs epochs of one length. */
function stepsOfAll(own: readonly Curve[]): Curve['steps'] {
  const first = own[0]!.steps;
  const kind = ({ steps }: Curve) => (steps.state === 'known' ? steps.perEpoch : steps.state);
  if (own.every((curve) => kind(curve) === kind(own[0]!))) return first;
  return unknownSteps('epochs of its configurations have different numbers of steps');
}

function meanOf(all: readonly Curve['mean'][]): {
  mean: Curve['mean'];
  sd: Float64Array<ArrayBuffer>;
  held: Int32Array<ArrayBuffer>;
  whole: number;
} {
  const lengths = all.map(({ values }) => values.length).sort((a, b) => b - a);
  const length = lengths[0] ?? 0;
  const longest = all.reduce((most, series) => (series.values.length > most.values.length ? series : most));
  const values = new Float64Array(length);
  const sd = new Float64Array(length);
  const held = new Int32Array(length);
  for (let at = 0; at < length; at++) {
    const here = all.flatMap((series) => (at < series.values.length ? [series.values[at]!] : []));
    const mean = here.reduce((sum, value) => sum + value, 0) / here.length;
    values[at] = mean;
    held[at] = here.length;
    sd[at] = here.length < 2 ? 0 : Math.sqrt(here.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (here.length - 1));
  }
  return {
    mean: { ...longest, values },
    sd,
    held,
    whole: Math.min(length, lengths[lengths.length - 1] ?? 0),
  };
}

/** "1 of 3 seeds": of how many a curve is the mean at an epoch, where that is not of all; nothing where it has ended. */
export function heldWords(curve: Pick<Curve, 'mean' | 'held' | 'n' | 'key'>, epoch: number | undefined): string {
  const held = epoch === undefined ? undefined : curve.held[curve.mean.epochs.indexOf(epoch)];
  if (held === undefined || held >= curve.n) return '';
  return curve.key.startsWith('group/') ? `${held} of ${curve.n} configurations` : `${held} of ${curve.n} seeds`;
}

/** Curves that have no place on the step axis, each with the reason: "MGCN: its log counts epochs, not steps". */
export function stepless(curves: readonly Curve[], severalDatasets: boolean): readonly string[] {
  return curves.flatMap((curve) =>
    curve.steps.state === 'unknown' ? [`${curveLabel(curve, severalDatasets)}: ${heard(curve.steps.reason)}`] : [],
  );
}

/** What is said when a key moves the cross-hair: the epoch, or the step or time trained to, and the best few values there. */
export function epochSentence(
  curves: readonly Curve[],
  epoch: number,
  label: string,
  place?: { readonly words: string; readonly epochOf: (curve: Curve) => number | undefined },
): string {
  const rows = readout(curves, place?.epochOf ?? epoch).flatMap(({ key, value }) => {
    const curve = curves.find((candidate) => candidate.key === key);
    if (value === undefined || curve === undefined) return [];
    const held = heldWords(curve, place === undefined ? epoch : place.epochOf(curve));
    return [
      `${curve.title}${curve.differences === '' ? '' : ` ${curve.differences}`} ${value.toFixed(4)}${held === '' ? '' : ` (${held})`}`,
    ];
  });
  const more = rows.length > 5 ? ` and ${rows.length - 5} more` : '';
  const listed = `${joined(rows.slice(0, 5))}${more}`;
  if (place !== undefined)
    return rows.length === 0 ? `After ${place.words}: every curve has ended.` : `After ${place.words}, ${label}: ${listed}.`;
  return rows.length === 0 ? `Epoch ${epoch}: every curve has ended.` : `Epoch ${epoch}, ${label}: ${listed}.`;
}
