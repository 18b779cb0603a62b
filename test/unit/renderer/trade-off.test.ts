import { describe, expect, it } from 'vitest';
import type { Profile } from '#contract/profile.ts';
import { paretoOf } from '#renderer/charts/pareto.ts';
import { tradeOff } from '#renderer/charts/trade-off.ts';
import { boundsOf, segmentRows } from '#renderer/state/segment-rows.ts';

describe('a trade-off', () => {
  const point = (key: string, x: number, y: number) => ({ key, title: key, model: 'mgcn', x, y });
  const points = [point('slow', 100, 0.12), point('quick', 10, 0.1), point('beaten', 100, 0.09), point('middle', 40, 0.11)];

  it('has on its front what nothing beats in both, by the direction of each', () => {
    const drawn = tradeOff(points, { x: 'lower', y: 'higher' }, { width: 600, height: 400 });
    expect(drawn.points.filter(({ isFront }) => isFront).map(({ key }) => key)).toEqual(['slow', 'quick', 'middle']);
    const [slow, quick] = drawn.points;
    expect(slow!.cx).toBeGreaterThan(quick!.cx);
    expect(slow!.cy).toBeLessThan(quick!.cy);
    for (const { cx, cy } of drawn.points) {
      expect(cx).toBeGreaterThan(drawn.left);
      expect(cx).toBeLessThan(600);
      expect(cy).toBeLessThan(drawn.bottom);
    }
    expect(drawn.front.match(/[ML]/g)).toHaveLength(3);
    const otherwise = tradeOff(points, { x: 'higher', y: 'higher' }, { width: 600, height: 400 });
    expect(otherwise.points.filter(({ isFront }) => isFront).map(({ key }) => key)).toEqual(['slow']);
  });

  it('keeps equal points together and draws a single one', () => {
    expect(
      paretoOf([
        [1, 1],
        [1, 1],
        [0, 1],
      ]),
    ).toEqual([0, 1]);
    expect(tradeOff([point('a', 5, 0.1)], { x: 'lower', y: 'higher' }, { width: 600, height: 400 }).points[0]!.isFront).toBe(true);
    expect(tradeOff([], { x: 'lower', y: 'higher' }, { width: 600, height: 400 }).points).toEqual([]);
  });
});

describe('segments', () => {
  it('take bounds as typed and say what is wrong', () => {
    expect(boundsOf('0, 5,10')).toEqual([0, 5, 10]);
    expect(boundsOf('5, 5')).toBe('Each larger than the one before');
    expect(boundsOf('a')).toBe('Whole numbers with commas between');
    expect(boundsOf('1,')).toBe('Whole numbers with commas between');
  });

  it('mark best and second of each segment and say why a cell is empty', () => {
    const metric = { key: 'recall@20', label: 'Recall@20', short: 'R@20', better: 'higher' as const, definition: '' };
    const row = (key: string) => ({ key, model: key, title: key, differences: '', inferred: false });
    const entry = (key: string, all: number, sparse: number) => ({
      row: key,
      dataset: 'demo',
      runIds: [],
      values: { 'recall@20': { mean: all, n: 2 } },
      userSegments: [{}, { 'recall@20': { mean: sparse, n: 2 } }],
      itemSegments: [],
      listNote: 'the run kept no lists',
    });
    const profile: Profile = {
      part: 'validation',
      rows: [row('a'), row('b'), row('c')],
      groups: [{ dataset: 'demo', name: 'Demo', split: 'x' }],
      metrics: [metric],
      k: 20,
      modalities: {},
      segments: {
        demo: {
          definition: { users: [0], items: { by: 'rows', head: 0.8 } },
          users: [
            { id: 'cold', label: 'cold, 0', about: '', n: 0 },
            { id: 'over-0', label: 'more than 0', about: '', n: 10 },
          ],
          items: [{ id: 'head', label: 'head', about: '', n: 10, items: 4 }],
        },
      },
      entries: [entry('a', 0.3, 0.1), entry('b', 0.2, 0.2)],
    };
    const rows = segmentRows(profile, 'demo', metric);
    expect(rows[0]!.cells.map((cell) => cell.mark ?? cell.missing)).toEqual(['best', 'no users', 'second']);
    expect(rows[1]!.cells.map((cell) => cell.mark ?? cell.missing)).toEqual(['second', 'no users', 'best']);
    const equal = segmentRows({ ...profile, entries: [entry('a', 0.3, 0), entry('b', 0.2, 0)] }, 'demo', metric);
    expect(equal.map((entryRow) => entryRow.cells[2]?.mark)).toEqual([undefined, undefined, undefined]);
    expect(rows[2]!.cells.map((cell) => cell.missing)).toEqual(['not run', 'not run', 'not run']);
    const items = segmentRows(profile, 'demo', metric, 'items');
    expect(items[0]!.cells.map((cell) => cell.missing)).toEqual([undefined, 'the run kept no lists']);
  });
});
