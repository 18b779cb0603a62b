import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { folded, lineDiff } from '#renderer/state/line-diff.ts';

describe('the difference of two sources', () => {
  it('names what went and what came, with the places on both sides', () => {
    const lines = lineDiff(['a', 'b', 'c', 'd'], ['a', 'x', 'c', 'd', 'e']);
    expect(lines.map(({ kind, text, before, after }) => [kind, text, before, after])).toEqual([
      ['same', 'a', 1, 1],
      ['gone', 'b', 2, undefined],
      ['new', 'x', undefined, 2],
      ['same', 'c', 3, 3],
      ['same', 'd', 4, 4],
      ['new', 'e', undefined, 5],
    ]);
  });

  it('gives back both texts from its lines, and marks as few as it can', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = lineDiff(before, after);
        expect(lines.filter(({ kind }) => kind !== 'new').map(({ text: line }) => line)).toEqual(before);
        expect(lines.filter(({ kind }) => kind !== 'gone').map(({ text: line }) => line)).toEqual(after);
        if (before.join() === after.join()) expect(lines.every(({ kind }) => kind === 'same')).toBe(true);
      }),
    );
  });

  it('folds what is far from a change and says how much', () => {
    const before = Array.from({ length: 20 }, (_, at) => String(at));
    const after = before.map((line) => (line === '10' ? 'ten' : line));
    const shown = folded(lineDiff(before, after), 2);
    expect(shown[0]).toEqual({ kind: 'gap', lines: 8 });
    expect(shown[shown.length - 1]).toEqual({ kind: 'gap', lines: 7 });
    expect(shown).toHaveLength(8);
    expect(folded(lineDiff(['a'], ['a']))).toEqual([{ kind: 'gap', lines: 1 }]);
  });
});
