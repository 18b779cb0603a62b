/** What one row of the runs table says about its runs. Pure. */
import type { RunState } from '#contract/run.ts';
import type { RunsCell } from '#contract/runs-table.ts';
import { apartFields, type ApartField, type RunsRow } from '#contract/view.ts';
import { tileState, type TileState } from '#renderer/components/matrix.ts';
import { en } from '#renderer/locales/en.ts';
import { counted, joined } from '#renderer/locales/format.ts';
import { cellNumber } from './run-columns.ts';

/** One tile for several replicates: running before failed before paused before waiting before done. */
export function rowState(row: RunsRow): { tile: TileState; progress: number } {
  const tiles = row.runs.map((run) => tileState({ state: run.state, masked: false, halted: run.verdict !== undefined }, {}));
  const live = row.runs.find((run) => ['running', 'preparing', 'paused'].includes(run.state));
  const progress = live?.progress === undefined ? 0 : Math.min(1, live.progress.epoch / Math.max(1, live.progress.epochLimit));
  for (const state of ['running', 'failed', 'halted', 'paused', 'planned'] as const)
    if (tiles.includes(state)) return { tile: state, progress };
  return { tile: tiles[0] ?? 'none', progress };
}

/** "3 finished", "2 finished, 1 running". */
export function stateWords(row: RunsRow): string {
  const counts = new Map<RunState, number>();
  for (const run of row.runs) counts.set(run.state, (counts.get(run.state) ?? 0) + 1);
  if (row.runs.length === 1) return en.stateNames[row.runs[0]!.state];
  return joined([...counts].map(([state, count]) => `${count} ${en.stateNames[state]}`));
}

/** The best epoch of a row: that of its run, or the mean over its finished seeds with the words that say so. */
export function bestEpoch(row: RunsRow): { text: string; words: string } {
  const bySeed = new Map<number, number>();
  // The newest run of a seed comes last and stands for it, as in the mean of the metrics.
  for (const run of row.runs)
    if (run.bestEpoch !== undefined && (run.state === 'finished' || row.runs.length === 1)) bySeed.set(run.seed, run.bestEpoch);
  const epochs = [...bySeed.values()];
  if (epochs.length === 0) {
    const isOver = row.runs.every(({ state }) => state === 'imported' || state === 'stopped' || state === 'failed');
    return { text: '–', words: isOver ? 'no best epoch' : 'no best epoch yet' };
  }
  const mean = epochs.reduce((sum, epoch) => sum + epoch, 0) / epochs.length;
  if (epochs.length === 1) return { text: String(mean), words: `best epoch ${mean}` };
  return { text: cellNumber('bestEpoch', mean), words: `mean best epoch of ${epochs.length} seeds: ${epochs.join(', ')}` };
}

/** Lowest and highest value of a column in the loaded rows, for the bars. */
export function valueRange(rows: Iterable<RunsRow>, column: string): { low: number; high: number } {
  let low = Infinity;
  let high = -Infinity;
  for (const row of rows) {
    const value = row.cells?.[column]?.value;
    if (value === undefined) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low > high ? { low: 0, high: 0 } : { low: low * 0.95, high };
}

/** "4 rows, 11 runs selected". */
export function selectionWords(rows: number, runs: number): string {
  return rows === runs ? `${counted(runs, 'run')} selected` : `${counted(rows, 'row')}, ${counted(runs, 'run')} selected`;
}

/**
 * In what a row and the baseline are of different questions: between such two there is no difference to tell. Undefined where they are of
 * one, and while a cell is on its way.
 */
export function apartFrom(
  row: RunsRow,
  base: RunsRow,
  cell: (row: RunsRow, key: string) => RunsCell | undefined,
): ApartField | 'evaluator' | undefined {
  const [run, other] = [row.runs[0]!, base.runs[0]!];
  if ((run.imported === undefined) !== (other.imported === undefined)) return 'evaluator';
  return apartFields.find((field) => {
    if (field === 'dataset') return run.dataset !== other.dataset;
    const [own, its] = [cell(row, field), cell(base, field)];
    return own !== undefined && its !== undefined && own.text !== its.text;
  });
}
