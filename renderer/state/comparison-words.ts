/** Words and numbers of the Compare screen that are more than a lookup. Pure. */
import type { ParsedOutputOf } from '#contract/procedures.ts';
import type { ExperimentSummary } from '#contract/experiment.ts';
import { selectionState, type Curves, type Table } from '#contract/table.ts';
import type { ChartLine, LineChartSpec } from '#renderer/charts/line.ts';
import { epochAxis, valueAxis } from '#renderer/charts/run-curves.ts';

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
  for (const [index, cell] of (table.cells[row] ?? []).entries()) {
    const base = table.cells[baseline]?.[index]?.mean;
    if (cell.mean === undefined || base === undefined) continue;
    const better = table.metrics[index % table.metrics.length]?.better === 'lower' ? base - cell.mean : cell.mean - base;
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
}

/** Lines of a comparison: the focus 2 px with its band, others 1.5; end labels up to twelve series. */
export function curvesSpec({ curves, what, label, focus, cursor, diamonds }: CurvesChart): LineChartSpec {
  const several = new Set(curves.map((curve) => curve.dataset)).size > 1;
  const lines: ChartLine[] = curves.map((curve) => {
    const series = curve[what];
    const isFocus = curve.key === focus;
    const at = curve.bestEpoch === undefined ? -1 : series.epochs.indexOf(curve.bestEpoch);
    const best = what === 'mean' && at >= 0 && (isFocus || diamonds) ? { best: { x: curve.bestEpoch!, y: series.values[at]! } } : {};
    return {
      id: curve.key,
      label: curveLabel(curve, several),
      points: { x: series.epochs, y: series.values },
      model: curve.model,
      width: isFocus ? 2 : 1.5,
      opacity: focus === undefined || isFocus ? 1 : 0.75,
      ...(isFocus && what === 'mean' && curve.sd !== undefined ? { spread: curve.sd } : {}),
      ...best,
      ...(curve.stopReason === 'early-stopping' ? { end: 'cap' as const } : {}),
    };
  });
  const last = Math.max(1, ...curves.map((curve) => curve[what].epochs[curve[what].epochs.length - 1] ?? 0));
  const first = curves[0];
  return {
    lines,
    x: epochAxis(last),
    // Twice as high as the two below it.
    y: valueAxis(
      lines.map((line) => line.points.y),
      false,
      what === 'mean' ? 6 : 5,
    ),
    ...(cursor === undefined ? {} : { cursor }),
    endLabels: what === 'mean' && curves.length <= 12 ? 150 : 0,
    summary: `${label} over epochs for ${curves.map((curve) => curveLabel(curve, several)).join(', ')}${first?.bestValue === undefined ? '' : `; best of the first ${first.bestValue.toFixed(4)} at epoch ${first.bestEpoch}`}`,
  };
}

/** Values of every curve at an epoch, best first; a curve that has ended gives none. */
export function readout(
  curves: readonly Curve[],
  epoch: number,
): readonly { key: string; value: number | undefined; loss: number | undefined }[] {
  const rows = curves.map((curve) => {
    const at = curve.mean.epochs.indexOf(epoch);
    const atLoss = curve.loss.epochs.indexOf(epoch);
    return { key: curve.key, value: at < 0 ? undefined : curve.mean.values[at], loss: atLoss < 0 ? undefined : curve.loss.values[atLoss] };
  });
  return rows.sort((a, b) => (b.value ?? -Infinity) - (a.value ?? -Infinity));
}

/** The table as rows of text, with full precision: what "Copy the table" puts on the clipboard. */
export function tableRows(table: Table): readonly (readonly string[])[] {
  const heads = table.groups.flatMap((group) =>
    table.metrics.flatMap(({ label }) => [`${group.name} ${label}`, `${group.name} ${label} sd`]),
  );
  return [
    ['Model', 'Settings', ...heads],
    ...table.rows.map((row, at) => [
      row.title,
      row.differences,
      ...(table.cells[at] ?? []).flatMap(({ mean, sd }) => [mean === undefined ? '' : String(mean), sd === undefined ? '' : String(sd)]),
    ]),
  ];
}
