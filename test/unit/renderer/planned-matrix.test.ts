import { describe, expect, it } from 'vitest';
import { toRequest, emptyDraft } from '#renderer/state/experiment-draft.ts';
import { combinations, plannedMatrix, withSweepWords } from '#renderer/state/planned-matrix.ts';
import { readSeeds, seedsUpTo, seedText } from '#renderer/state/seed-list.ts';
import { cards, demo, tiktok } from './cards.ts';

describe('the planned matrix', () => {
  it('has a row for every combination and a cell for every dataset and seed', () => {
    const request = toRequest(
      {
        ...emptyDraft,
        datasets: ['demo', 'tiktok'],
        models: [
          { model: 'lightgcn', preset: undefined, values: {}, vary: {} },
          { model: 'egra', preset: undefined, values: {}, vary: { ii_k: [10, 20] } },
        ],
      },
      'x',
    )!;
    const matrix = plannedMatrix(request, cards, [demo, tiktok]);
    expect(matrix.rows.map((row) => `${row.title} ${row.differences}`.trim())).toEqual(['LightGCN', 'EGRA ii_k 10', 'EGRA ii_k 20']);
    expect(matrix.datasets.map((dataset) => dataset.name)).toEqual(['Demo', 'TikTok']);
    expect(matrix.cells).toHaveLength(3 * 2 * 3);
    expect(new Set(matrix.cells.map((cell) => `${cell.configuration}|${cell.dataset}|${cell.seed}`)).size).toBe(18);
  });

  it('leaves out cells that cannot run', () => {
    const request = toRequest(
      { ...emptyDraft, datasets: ['demo', 'tiktok'], models: [{ model: 'slmrec', preset: undefined, values: {}, vary: {} }] },
      'x',
    )!;
    expect(plannedMatrix(request, cards, [demo, tiktok]).cells.map((cell) => cell.dataset)).toEqual(['demo', 'demo', 'demo']);
  });

  it('names both ends of a sweep in the studio’s matrix, which leaves out what equals a default', () => {
    const request = toRequest(
      { ...emptyDraft, datasets: ['demo'], models: [{ model: 'egra', preset: undefined, values: { tau: 0.4 }, vary: { ii_k: [10, 20] } }] },
      'x',
    )!;
    const planned = plannedMatrix(request, cards, [demo]);
    const words = (differences: readonly string[]) => ({
      ...planned,
      rows: planned.rows.map((row, index) => ({ ...row, configuration: `c${index}`, differences: differences[index]! })),
    });
    const named = withSweepWords(words(['tau 0.4', 'ii_k 20, tau 0.4']), planned);
    expect(named.rows.map((row) => row.differences)).toEqual(['ii_k 10, tau 0.4', 'ii_k 20, tau 0.4']);
    expect(named.rows.map((row) => row.configuration)).toEqual(['c0', 'c1']);
    expect(withSweepWords(words(['tau 0.4', 'ii_k 0.0001, tau 0.4']), planned).rows[1]!.differences).toBe('ii_k 0.0001, tau 0.4');
    // A varied value that is the usual one is not told by the studio; the row reads like its neighbours all the same.
    const crossed = { ...planned, rows: words(['ii_k 5, lr 0.001', 'ii_k 5, lr 0.01']).rows };
    expect(withSweepWords(words(['ii_k 5', 'ii_k 5, lr 0.01']), crossed).rows.map((row) => row.differences)).toEqual([
      'ii_k 5, lr 0.001',
      'ii_k 5, lr 0.01',
    ]);
    const merged = { ...planned, rows: planned.rows.slice(0, 1) };
    expect(withSweepWords(merged, planned)).toBe(merged);
  });

  it('crosses varied fields, the last one fastest', () => {
    expect(combinations({ a: [1, 2], b: ['x', 'y'] })).toEqual([
      { a: 1, b: 'x' },
      { a: 1, b: 'y' },
      { a: 2, b: 'x' },
      { a: 2, b: 'y' },
    ]);
    expect(combinations({})).toEqual([{}]);
  });
});

describe('a seed list', () => {
  it('takes commas, blanks and ranges', () => {
    expect(readSeeds('1, 2 5-7;2').seeds).toEqual([1, 2, 5, 6, 7]);
    expect(readSeeds('0').seeds).toEqual([0]);
  });

  it('says what it cannot read', () => {
    expect(readSeeds('').fault).toBe('Type at least one seed');
    expect(readSeeds('1, -2').fault).toContain('-2');
    expect(readSeeds('7-5').fault).toContain('backwards');
    expect(readSeeds('1-1000').fault).toContain('At most 100');
    expect(readSeeds('99999999999999999999').fault).toContain('Too large');
  });

  it('is written as short as it can be', () => {
    expect(seedText([1, 2, 3])).toBe('1, 2, 3');
    expect(seedText(seedsUpTo(10))).toBe('1–10');
    expect(seedText([5, 1, 9])).toBe('5, 1, 9');
  });
});
