import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TableLines, visibleColumns, visibleLines } from '#renderer/state/table-lines.ts';

describe('lines of the runs table', () => {
  test('cover the viewport and a few lines around it, never beyond the list', () => {
    expect(visibleLines(280, 280, 28, 1000, 2)).toEqual({ first: 8, last: 22 });
    expect(visibleLines(0, 280, 28, 3)).toEqual({ first: 0, last: 3 });
    expect(visibleLines(99999, 280, 28, 5).last).toBe(5);
  });

  test('number every group, row, seed and reported row exactly once, in order', () => {
    const group = fc.record({
      rows: fc.integer({ min: 0, max: 6 }),
      isFolded: fc.boolean(),
      reported: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 }),
    });
    fc.assert(
      fc.property(
        fc.option(fc.array(group, { maxLength: 4 }), { nil: undefined }),
        fc.integer({ min: 0, max: 12 }),
        fc.dictionary(fc.integer({ min: 0, max: 12 }).map(String), fc.integer({ min: 1, max: 3 })),
        fc.array(fc.integer({ min: 4, max: 6 }), { maxLength: 2 }),
        (groups, plainRows, open, reported) => {
          const rows = groups === undefined ? plainRows : groups.reduce((sum, each) => sum + each.rows, 0);
          const opened = new Map(
            Object.entries(open)
              .map(([row, below]) => [Number(row), below] as const)
              .filter(([row]) => row < rows),
          );
          const expected: string[] = [];
          const pushRow = (row: number) => {
            expected.push(`row ${row}`);
            for (let seed = 0; seed < (opened.get(row) ?? 0); seed++) expected.push(`seed ${row}/${seed}`);
          };
          let next = 0;
          if (groups === undefined) for (; next < rows; next++) pushRow(next);
          else
            for (const [at, each] of groups.entries()) {
              expected.push(`group ${at}`);
              for (let row = 0; row < each.rows; row++, next++) if (!each.isFolded) pushRow(next);
              if (!each.isFolded) expected.push(...each.reported.map((one) => `reported ${one}`));
            }
          expected.push(...reported.map((one) => `reported ${one}`));
          const lines = new TableLines({ groups, rows, opened, reported });
          const found = Array.from({ length: lines.count }, (_, at) => {
            const line = lines.at(at)!;
            if (line.kind === 'group') return `group ${line.group}`;
            if (line.kind === 'reported') return `reported ${line.at}`;
            return line.kind === 'seed' ? `seed ${line.row}/${line.seed}` : `row ${line.row}`;
          });
          expect(found).toEqual(expected);
          expect(lines.at(lines.count)).toBeUndefined();
        },
      ),
    );
  });
});

test('a line is the same object each time it is asked for, and another one in other lines', () => {
  const shape = { groups: undefined, rows: 5, opened: new Map(), reported: [] };
  const lines = new TableLines(shape);
  expect(lines.entry(3)).toEqual({ at: 3, line: { kind: 'row', row: 3 } });
  expect(lines.entry(3)).toBe(lines.entry(3));
  expect(lines.entry(9).line).toBeUndefined();
  expect(new TableLines(shape).entry(3)).not.toBe(lines.entry(3));
});

test('columns in sight are those that touch the viewport, with their places (G16)', () => {
  const widths = [100, 50, 200, 80, 80];
  expect(visibleColumns(widths, 0, 120, 0)).toEqual([
    { at: 0, left: 0 },
    { at: 1, left: 100 },
  ]);
  expect(visibleColumns(widths, 160, 200, 0)).toEqual([
    { at: 2, left: 150 },
    { at: 3, left: 350 },
  ]);
  expect(visibleColumns(widths, 160, 200, 1).map(({ at }) => at)).toEqual([1, 2, 3, 4]);
  expect(visibleColumns([], 0, 100)).toEqual([]);
});
