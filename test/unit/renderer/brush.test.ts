import { describe, expect, it } from 'vitest';
import { areaOf, isInArea, tradeOff } from '#renderer/charts/trade-off.ts';
import { Brush } from '#renderer/state/brush.svelte.ts';

describe('what is kept on one tab', () => {
  it('sets back lines none of whose runs is kept, on every tab, until it is let go', () => {
    const brush = new Brush();
    expect([brush.isSet, brush.isOut(['a'])]).toEqual([false, false]);
    brush.keep({ source: 'parameters', runs: ['c', 'd'], words: 'EGRA by ii_k', ranges: { ii_k: { low: 5, high: 10 } } });
    expect([brush.isSet, brush.words]).toEqual([true, 'EGRA by ii_k']);
    expect([brush.isOut(['a', 'b']), brush.isOut(['a', 'c']), brush.isOut([])]).toEqual([true, false, false]);
    brush.clear();
    expect([brush.isSet, brush.words, brush.isOut(['a', 'b'])]).toEqual([false, '', false]);
  });

  it('is one: what is kept elsewhere takes its place, and its ranges are shown no more', () => {
    const brush = new Brush();
    brush.keep({ source: 'parameters', runs: ['a'], words: 'one', ranges: { ii_k: { low: 5, high: 10 } } });
    expect(brush.of('parameters')?.ranges).toEqual({ ii_k: { low: 5, high: 10 } });
    brush.keep({ source: 'trade-off', runs: ['b'], words: 'two' });
    expect(brush.of('parameters')).toBeUndefined();
    expect([brush.isOut(['a']), brush.isOut(['b']), brush.words]).toEqual([true, false, 'two']);
  });
});

describe('a rectangle over a trade-off', () => {
  const point = (key: string, x: number, y: number) => ({ key, title: key, model: key, x, y });
  const points = [point('a', 1, 0.1), point('b', 2, 0.3), point('c', 3, 0.2)];
  const drawn = tradeOff(points, { x: 'lower', y: 'higher' }, { width: 800, height: 400 });
  const at = (key: string) => drawn.points.find((candidate) => candidate.key === key)!;

  it('keeps the points inside it, and ranges that hold just these', () => {
    const [b, c] = [at('b'), at('c')];
    const area = areaOf(drawn, [c.cx + 5, b.cy - 5], [b.cx - 5, c.cy + 5])!;
    expect(area).toEqual({ x: { low: 2, high: 3 }, y: { low: 0.2, high: 0.3 } });
    expect(points.filter((each) => isInArea(each, area)).map(({ key }) => key)).toEqual(['b', 'c']);
    // A side without a range keeps all of it.
    expect(points.filter((each) => isInArea(each, { y: area.y })).map(({ key }) => key)).toEqual(['b', 'c']);
    expect(points.every((each) => isInArea(each, {}))).toBe(true);
  });

  it('is none where it is too small to be meant, and keeps nothing where nothing is inside', () => {
    expect(areaOf(drawn, [100, 100], [102, 300])).toBeUndefined();
    const empty = areaOf(drawn, [0, 0], [10, 10])!;
    expect(points.some((each) => isInArea(each, empty))).toBe(false);
  });
});
