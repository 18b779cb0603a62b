import { describe, expect, test } from 'vitest';
import type { Cell, Matrix } from '#contract/experiment.ts';
import { coverageWords, fittingSize, matrixView, missingOf, rowNote, tileState, walk } from '#renderer/components/matrix.ts';

const cell = (seed: number, state: Cell['state'], more: Partial<Cell> = {}): Cell => ({
  dataset: 'demo',
  model: 'egra',
  configuration: 'c1',
  seed,
  state,
  masked: false,
  ...more,
});

const matrix: Matrix = {
  datasets: [{ id: 'demo', name: 'Demo' }],
  seeds: [1, 2, 3],
  rows: [{ configuration: 'c1', model: 'egra', title: 'EGRA', differences: 'ii_k 10', inferred: true }],
  cells: [
    cell(1, 'finished', { masked: true, runId: 'r1' }),
    cell(2, 'running', { progress: 0.4, runId: 'r2' }),
    cell(3, 'failed', { reason: 'diverged at epoch 3' }),
  ],
};

describe('the matrix', () => {
  test('gives each cell a state and words', () => {
    const [row] = matrixView(matrix).rows;
    expect(row!.tiles[0]!.map((tile) => tile.state)).toEqual(['done', 'running', 'failed']);
    expect(row!.tiles[0]!.map((tile) => tile.title)).toEqual([
      'EGRA ii_k 10 on Demo, seed 1: done',
      'EGRA ii_k 10 on Demo, seed 2: running, 40 %',
      'EGRA ii_k 10 on Demo, seed 3: failed, diverged at epoch 3',
    ]);
    expect(row!.note).toBe('1 of 3');
  });

  test('says of a paused run how far it is, and does not call it running', () => {
    const view = matrixView({ ...matrix, cells: [cell(1, 'finished'), cell(2, 'paused', { progress: 0.4 }), cell(3, 'queued')] });
    expect(view.rows[0]!.tiles[0]![1]).toMatchObject({
      state: 'paused',
      progress: 0.4,
      title: 'EGRA ii_k 10 on Demo, seed 2: paused, 40 %',
    });
    expect(coverageWords(view)).toBe('1 of 3 runs, 2 to come');
  });

  test('says of a run in the trash that it lies there, not that it failed', () => {
    const view = matrixView({
      ...matrix,
      cells: [cell(1, 'stopped', { trashed: true, runId: 'r1' }), cell(2, 'failed'), cell(3, 'finished')],
    });
    expect(view.rows[0]!.tiles[0]![0]).toMatchObject({ state: 'trashed', title: 'EGRA ii_k 10 on Demo, seed 1: in the trash' });
    expect(coverageWords(view)).toBe('1 of 3 runs, 1 failed or stopped, 1 in the trash');
    // Both are trained again where the experiment is completed (G11).
    expect(missingOf(view)).toBe(2);
  });

  test('takes the largest tiles that leave room for names and counts', () => {
    const plan = (seeds: number) =>
      matrixView({
        ...matrix,
        datasets: [
          { id: 'a', name: 'A' },
          { id: 'b', name: 'B' },
        ],
        seeds: Array.from({ length: seeds }, (_, seed) => seed),
        cells: [],
      });
    expect([fittingSize(plan(3), 376), fittingSize(plan(3), 320), fittingSize(plan(5), 320), fittingSize(plan(5), 600)]).toEqual([
      20, 16, 10, 20,
    ]);
  });

  test('says how much of it has a result', () => {
    expect(coverageWords(matrixView(matrix))).toBe('1 of 3 runs, 1 to come, 1 failed or stopped');
    expect(coverageWords(matrixView({ ...matrix, cells: [cell(1, 'known')] }))).toBe('1 of 1 run');
  });

  test('shows locks only where they are asked for', () => {
    expect(tileState({ state: 'finished', masked: true }, { showMasks: true })).toBe('masked');
    expect(tileState({ state: 'finished', masked: true }, {})).toBe('done');
    expect(tileState({ state: 'failed', masked: true }, { showMasks: true })).toBe('failed');
  });

  test('shows reused runs as results once there are some', () => {
    const reused = { ...matrix, cells: [cell(1, 'known', { masked: true, runId: 'r0' }), cell(2, 'known'), cell(3, 'imported')] };
    const tilesOf = (options: Parameters<typeof matrixView>[1]) => matrixView(reused, options).rows[0]!.tiles[0]!;
    expect(tilesOf({}).map(({ state }) => state)).toEqual(['known', 'known', 'known']);
    expect(tilesOf({ showsResults: true, showMasks: true }).map(({ state }) => state)).toEqual(['masked', 'done', 'known']);
    expect(tilesOf({ showsResults: true })[1]!.title).toBe('EGRA ii_k 10 on Demo, seed 2: done in an earlier experiment');
  });

  test('a place without a cell is not drawn as planned', () => {
    const view = matrixView({ ...matrix, seeds: [1, 4] });
    expect(view.rows[0]!.tiles[0]![1]!.state).toBe('none');
  });

  test.each([
    [['planned', 'planned', 'planned'], '3 runs'],
    [['planned'], '1 run'],
    [['known', 'known'], '2 known'],
    [['known', 'planned'], '1 of 2 to run'],
    [['done', 'masked', 'running', 'none'], '2 of 3'],
    [['none'], 'none'],
  ] as const)('a row of %j says "%s"', (states, words) => {
    expect(rowNote(states.map((state, index) => ({ key: String(index), state, progress: 0, title: '' })))).toBe(words);
  });

  test('arrow keys stay inside', () => {
    const size = { rows: 2, columns: 3 };
    expect(walk('ArrowRight', { row: 0, column: 2 }, size)).toEqual({ row: 0, column: 2 });
    expect(walk('ArrowDown', { row: 0, column: 1 }, size)).toEqual({ row: 1, column: 1 });
    expect(walk('ArrowUp', { row: 0, column: 1 }, size)).toEqual({ row: 0, column: 1 });
    expect(walk('End', { row: 1, column: 0 }, size)).toEqual({ row: 1, column: 2 });
    expect(walk('a', { row: 1, column: 0 }, size)).toBeUndefined();
  });
});
