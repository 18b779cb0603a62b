/** The matrix (look.md, signature 1) as data: pure functions from cells of the contract to tiles with a state and words. */
import { rowName } from '#contract/table-words.ts';
import { heard } from '#renderer/locales/language.svelte.ts';
import type { Cell, Matrix } from '#contract/experiment.ts';
import type { RunState } from '#contract/run.ts';
import { en } from '#renderer/locales/en.ts';
import { joined } from '#renderer/locales/format.ts';

export type TileState = 'planned' | 'running' | 'paused' | 'done' | 'known' | 'failed' | 'halted' | 'trashed' | 'masked' | 'none';

export interface Tile {
  readonly key: string;
  readonly state: TileState;
  /** 0 … 1, for running and paused tiles. */
  readonly progress: number;
  /** "EGRA ii_k 10 on TikTok, seed 2: running, 40 %". */
  readonly title: string;
  readonly runId?: string;
  readonly reason?: string;
}

export interface MatrixRow {
  readonly key: string;
  readonly model: string;
  readonly title: string;
  readonly differences: string;
  readonly inferred: boolean;
  /** tiles[group][column]. */
  readonly tiles: readonly (readonly Tile[])[];
  /** "4 of 6", "6 known", "6 runs". */
  readonly note: string;
}

export interface MatrixView {
  readonly groups: readonly { readonly key: string; readonly name: string; readonly columns: readonly string[] }[];
  readonly rows: readonly MatrixRow[];
}

export const tileWords: Record<TileState, string> = {
  planned: 'planned',
  running: 'running',
  paused: 'paused',
  done: 'done',
  known: 'known, skipped',
  failed: 'failed or stopped',
  halted: 'ended early',
  trashed: 'in the trash',
  masked: 'done, test masked',
  none: 'not part of this plan',
};

const reusedWords = { done: 'done in an earlier experiment', masked: 'done in an earlier experiment, test masked' } as const;

export interface MatrixOptions {
  /** Finished runs whose test values are masked show a lock. */
  readonly showMasks?: boolean;
  /** Runs reused from earlier experiments are results like all others: hatched they stand for what a plan leaves out. */
  readonly showsResults?: boolean;
}

/** State of a tile. */
export function tileState(
  cell: Pick<Cell, 'state' | 'masked' | 'halted' | 'trashed'>,
  { showMasks = false, showsResults = false }: MatrixOptions,
): TileState {
  if (cell.trashed === true) return 'trashed';
  switch (cell.state) {
    case 'planned':
    case 'queued':
      return 'planned';
    case 'preparing':
    case 'running':
      return 'running';
    case 'paused':
      return 'paused';
    case 'imported':
      return 'known';
    case 'known':
      return showsResults ? doneState(cell.masked && showMasks) : 'known';
    case 'finished':
      return doneState(cell.masked && showMasks);
    case 'failed':
    case 'stopped':
    case 'lost':
      return cell.halted === true ? 'halted' : 'failed';
  }
}

const doneState = (isLocked: boolean): TileState => (isLocked ? 'masked' : 'done');

/** Rows of tiles, grouped by dataset, one column per seed. */
export function matrixView(matrix: Matrix, options: MatrixOptions = {}): MatrixView {
  const cells = new Map(matrix.cells.map((cell) => [`${cell.configuration}|${cell.dataset}|${cell.seed}`, cell]));
  const rows = matrix.rows.map((row): MatrixRow => {
    const name = rowName(row);
    const tiles = matrix.datasets.map((dataset) =>
      matrix.seeds.map((seed): Tile => {
        const key = `${row.configuration}|${dataset.id}|${seed}`;
        const cell = cells.get(key);
        const place = `${name} on ${dataset.name}, seed ${seed}`;
        if (cell === undefined) return { key, state: 'none', progress: 0, title: `${place}: ${tileWords.none}` };
        const state = tileState(cell, options);
        const isBegun = state === 'running' || state === 'paused';
        const progress = isBegun ? (cell.progress ?? 0) : 0;
        const isReused = state !== 'known' && cell.state === 'known';
        const word = isReused
          ? reusedWords[state === 'masked' ? 'masked' : 'done']
          : isBegun || state === 'failed'
            ? en.stateNames[cell.state as RunState]
            : tileWords[state];
        const share = isBegun ? `, ${Math.round(progress * 100)} %` : '';
        const reason = cell.reason === undefined ? '' : `, ${heard(cell.reason)}`;
        return {
          key,
          state,
          progress,
          title: `${place}: ${word}${share}${reason}`,
          ...(cell.runId === undefined ? {} : { runId: cell.runId }),
          ...(cell.reason === undefined ? {} : { reason: cell.reason }),
        };
      }),
    );
    return {
      key: row.configuration,
      model: row.model,
      title: row.title,
      differences: row.differences,
      inferred: row.inferred,
      tiles,
      // Trials that a search will choose from results have no cells yet.
      note: row.configuration.startsWith('later/') ? 'to come' : rowNote(tiles.flat()),
    };
  });
  return { groups: matrix.datasets.map((dataset) => ({ key: dataset.id, name: dataset.name, columns: matrix.seeds.map(String) })), rows };
}

/** The words at the right of a row. */
export function rowNote(tiles: readonly Tile[]): string {
  const count = (state: TileState) => tiles.filter((tile) => tile.state === state).length;
  const total = tiles.length - count('none');
  const known = count('known');
  const done = count('done') + count('masked');
  const planned = count('planned');
  if (total === 0) return 'none';
  if (known === total) return `${known} known`;
  if (planned === total) return total === 1 ? '1 run' : `${total} runs`;
  if (planned + known === total) return `${planned} of ${total} to run`;
  const halted = count('halted');
  if (halted === total) return 'ended early';
  return `${done + known} of ${total - halted}${halted === 0 ? '' : `, ${halted} ended`}`;
}

/** The largest tiles whose rows, a short name and a note fit a frame of so many px; the smallest where none does, and the frame scrolls. */
export function fittingSize(view: MatrixView, width: number): 20 | 16 | 10 {
  const named = 172;
  const needs = (tile: number, gap: number) => view.groups.reduce((sum, group) => sum + group.columns.length * (tile + gap) + 12, named);
  if (needs(20, 4) <= width) return 20;
  return needs(16, 4) <= width ? 16 : 10;
}

/** Runs without a result that will not get one by themselves: failed, stopped or put into the trash. What a search ended early is a result. */
export function missingOf(view: MatrixView): number {
  return view.rows.flatMap((row) => row.tiles.flat()).filter(({ state }) => state === 'failed' || state === 'trashed').length;
}

/** How much of a matrix has a result: "8 of 9 runs, 1 failed or stopped". Runs known from before have one. */
export function coverageWords(view: MatrixView): string {
  const tiles = view.rows.flatMap((row) => row.tiles.flat()).filter((tile) => tile.state !== 'none');
  const count = (...states: TileState[]) => tiles.filter((tile) => states.includes(tile.state)).length;
  const failed = count('failed');
  const halted = count('halted');
  const ahead = count('planned', 'running', 'paused');
  const trashed = count('trashed');
  return joined([
    `${count('done', 'masked', 'known')} of ${tiles.length - halted} ${tiles.length - halted === 1 ? 'run' : 'runs'}`,
    ...(halted === 0 ? [] : [`${halted} ${tileWords.halted}`]),
    ...(ahead === 0 ? [] : [`${ahead} to come`]),
    ...(failed === 0 ? [] : [`${failed} ${tileWords.failed}`]),
    ...(trashed === 0 ? [] : [`${trashed} ${tileWords.trashed}`]),
  ]);
}

/** Where an arrow key leads in a grid of `rows` × `columns`; stays inside. */
export function walk(
  key: string,
  at: { row: number; column: number },
  size: { rows: number; columns: number },
): { row: number; column: number } | undefined {
  const clamp = (value: number, limit: number) => Math.min(limit - 1, Math.max(0, value));
  switch (key) {
    case 'ArrowRight':
      return { row: at.row, column: clamp(at.column + 1, size.columns) };
    case 'ArrowLeft':
      return { row: at.row, column: clamp(at.column - 1, size.columns) };
    case 'ArrowDown':
      return { row: clamp(at.row + 1, size.rows), column: at.column };
    case 'ArrowUp':
      return { row: clamp(at.row - 1, size.rows), column: at.column };
    case 'Home':
      return { row: at.row, column: 0 };
    case 'End':
      return { row: at.row, column: size.columns - 1 };
    default:
      return undefined;
  }
}
