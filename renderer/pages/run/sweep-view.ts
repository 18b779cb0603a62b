import type { RunSummary } from '#contract/run.ts';
import type { MatrixView } from '#renderer/components/matrix.ts';
import { metric } from '#renderer/locales/format.ts';

/** The part of an experiment's matrix that holds a run: its dataset and model, with mean ± sd and n of each row. Failed runs stay out. */
export function sweepView(view: MatrixView, run: Pick<RunSummary, 'dataset' | 'model'>, runs: readonly RunSummary[]): MatrixView {
  const at = view.groups.findIndex((group) => group.key === run.dataset);
  const group = view.groups[at];
  if (group === undefined) return view;
  const values = new Map(runs.filter((other) => other.state === 'finished').map((other) => [other.id, other.validation?.['recall@20']]));
  return {
    groups: [group],
    rows: view.rows
      .filter((row) => row.model === run.model)
      .map((row) => {
        const tiles = row.tiles[at] ?? [];
        const found = tiles.flatMap((tile) => (tile.runId === undefined ? [] : (values.get(tile.runId) ?? [])));
        return {
          ...row,
          title: row.differences === '' ? row.title : '',
          tiles: [tiles],
          inferred: false,
          note: aggregate(found, tiles.length),
        };
      }),
  };
}

/** "0.1284 ± 0.0010 · n 3" with the sample standard deviation; one value alone has none. Where all tiles have a value, they show n. */
export function aggregate(values: readonly number[], tiles?: number): string {
  if (values.length === 0) return 'n 0';
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length === 1) return `${metric(mean)} · n 1`;
  const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
  return `${metric(mean)} ± ${metric(sd)}${values.length === tiles ? '' : ` · n ${values.length}`}`;
}
