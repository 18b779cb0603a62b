import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineAt, lineCount, visibleLines } from '#renderer/state/row-window.ts';

describe('lines of the runs table', () => {
  it('covers the viewport and a few lines around it, never beyond the list', () => {
    expect(visibleLines(280, 280, 28, 1000, 2)).toEqual({ first: 8, last: 22 });
    expect(visibleLines(0, 280, 28, 3)).toEqual({ first: 0, last: 3 });
    expect(visibleLines(99999, 280, 28, 5).last).toBe(5);
  });

  it('numbers every row and every line below an opened row exactly once, in order', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.dictionary(fc.integer({ min: 0, max: 29 }).map(String), fc.integer({ min: 1, max: 4 })),
        (rows, open) => {
          const opened = new Map(
            Object.entries(open)
              .map(([row, below]) => [Number(row), below] as const)
              .filter(([row]) => row < rows),
          );
          const expected: string[] = [];
          for (let row = 0; row < rows; row++) {
            expected.push(`${row}`);
            for (let child = 0; child < (opened.get(row) ?? 0); child++) expected.push(`${row}/${child}`);
          }
          const found = Array.from({ length: lineCount(rows, opened) }, (_, line) => {
            const at = lineAt(line, opened);
            return at.child === undefined ? `${at.row}` : `${at.row}/${at.child}`;
          });
          expect(found).toEqual(expected);
        },
      ),
    );
  });
});
